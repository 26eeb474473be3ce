import assert from "node:assert/strict";
import { planSubtitles } from "../../src/core/subtitle-plan.js";
import { trackTitle } from "../../src/core/track-title.js";

describe("titles of tracks that have none", () => {
  it("are the language's, with what the track is for", () => {
    assert.equal(trackTitle("fr"), "French");
    assert.equal(trackTitle("pt-BR"), "Brazilian Portuguese");
    assert.equal(trackTitle("en", "commentary"), "English, commentary");
    assert.equal(trackTitle("en", "dub"), "English");
    for (const unknown of ["und", "", "qq-", "zzz"]) assert.equal(trackTitle(unknown, "forced"), undefined, unknown);
  });

  it("of subtitles tell forced ones and SDH, and number those of no language", () => {
    const of = { codec: "subrip", title: "", default: false, forced: false, hearingImpaired: false };
    const subtitles = [
      { ...of, stream: 2, language: "de", forced: true },
      { ...of, stream: 3, language: "de", hearingImpaired: true },
      { ...of, stream: 4, language: "und" },
      { ...of, stream: 5, language: "de", title: "Deutsch" },
    ];
    const { tracks } = planSubtitles({ subtitles, captions: false }, { subtitles: [] });
    const titles = tracks.map(({ title }) => title);
    assert.deepEqual(titles, ["German, forced", "German, SDH", "Subtitles 3", "Deutsch"]);
  });
});
