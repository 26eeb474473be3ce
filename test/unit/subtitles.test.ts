import assert from "node:assert/strict";
import { parseAss } from "../../src/core/ass.js";
import { readSubtitles } from "../../src/core/read-subtitles.js";
import { parseSrt } from "../../src/core/srt.js";
import { cutText, shiftCues } from "../../src/core/subtitle-segments.js";
import { parseWebVtt, writeWebVtt } from "../../src/core/webvtt.js";
import { planOf, videoPlan, videoRendition } from "../support/plans.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("subtitle files", () => {
  it("of SubRip: tags that WebVTT has, in order; other tags go and what they hold stays", () => {
    const text = [
      "1\n00:00:01,000 --> 00:00:02,500\n<i>One</i> & <font color=red>two</font> < three\nsecond line\n",
      "2\n00:01:00,000 --> 01:00:00,000 X1:0\n{\\an8}<b>top</i>\n3\n00:00:03,000 --> 00:00:04,000\nno empty line before",
    ].join("\n");
    assert.deepEqual(parseSrt(text), [
      { start: 1000, end: 2500, settings: "", text: "<i>One</i> &amp; two &lt; three\nsecond line" },
      { start: 60_000, end: 3_600_000, settings: "line:0", text: "<b>top</b>" },
      { start: 3000, end: 4000, settings: "", text: "no empty line before" },
    ]);
  });

  it("of ASS: commas and new lines in the text, styles at the top, no drawings", () => {
    const text = [
      "[Script Info]\n[V4+ Styles]\nFormat: Name, Fontname, Alignment\nStyle: Sign,Arial,8\nStyle: Default,Arial,2",
      "[Events]\nFormat: Layer, Start, End, Style, Text",
      "Dialogue: 0,0:00:02.50,0:00:03.00,Default,{\\fad(200,200)}Well, {\\i1}what{\\i0}\\Nnow?",
      "Dialogue: 0,0:00:01.00,0:00:02.00,Sign,EXIT {\\b1}<here>",
      "Dialogue: 0,0:00:01.00,0:00:02.00,Default,{\\p1}m 0 0 l 100 0",
      "Dialogue: 0,0:00:04.00,0:00:05.00,Default,{\\an7}{\\pos(76,228)}below",
    ].join("\n");
    assert.deepEqual(parseAss(text), [
      { start: 1000, end: 2000, settings: "line:0", text: "EXIT <b>&lt;here&gt;</b>" },
      { start: 2500, end: 3000, settings: "", text: "Well, <i>what</i>\nnow?" },
      { start: 4000, end: 5000, settings: "", text: "below" },
    ]);
  });

  it("of WebVTT: settings are kept, comments and regions are not; what is written reads the same", () => {
    const text =
      "WEBVTT - title\n\nNOTE no cue\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.000 line:0 region:r\n<v Ann>Hi\n";
    const cues = parseWebVtt(text);
    assert.deepEqual(cues, [{ start: 1000, end: 2000, settings: "line:0", text: "<v Ann>Hi" }]);
    assert.deepEqual(parseWebVtt(writeWebVtt(cues, ["X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"])), cues);
  });

  it("are told apart by what stands in them, whatever their encoding", () => {
    const srt = "1\r\n00:00:01,000 --> 00:00:02,000\r\nÄrger\r\n";
    const utf16 = new Uint8Array([0xff, 0xfe, ...new Uint8Array(Buffer.from(srt, "utf16le"))]);
    for (const file of [bytes(srt), bytes(`\ufeff${srt}`), utf16, Uint8Array.from(Buffer.from(srt, "latin1"))]) {
      assert.equal(readSubtitles(file, "film.srt")[0]?.text, "Ärger");
    }
  });

  it("are refused with a sentence when they hold none, are huge, or are no text", () => {
    const refusals: [Uint8Array, RegExp][] = [
      [bytes("hello"), /^film.srt has no cues of SRT, WebVTT or ASS: give one of these$/],
      [new Uint8Array(0), /has no cues/],
      [new Uint8Array(17 * 1024 * 1024), /is larger than 16 MiB/],
      [new Uint8Array([0x1a, 0x45, 0xdf, 0xa3, 0, 0]), /is no text/],
      [bytes(`1\n00:00:01,000 --> 00:00:02,000\n${"x".repeat(5000)}`), /a cue of more than 4000 characters/],
      [bytes("1\n00:00:02,000 --> 00:00:01,000\nbackwards"), /has no cues/],
    ];
    for (const [file, message] of refusals) {
      assert.throws(() => readSubtitles(file, "film.srt"), { code: "INVALID_INPUT", message });
    }
  });
});

describe("subtitle segments", () => {
  it("repeat a cue that crosses a boundary with the same times, and are there also where nothing is said", () => {
    const plan = planOf(videoPlan(200, [videoRendition(180)]), []);
    const cues = shiftCues(
      [
        { start: 500, end: 900, settings: "", text: "before zero" },
        { start: 900, end: 1500, settings: "", text: "across zero" },
        { start: 2500, end: 3500, settings: "", text: "across" },
        { start: 8500, end: 9900, settings: "", text: "late" },
      ],
      1000,
    );
    const { timescale, segments } = cutText(plan, cues);
    assert.equal(timescale, 25_000);
    assert.deepEqual(
      segments.map(({ number, start, duration }) => [number, start, duration]),
      [1, 2, 3, 4].map((number) => [number, (number - 1) * 50_000, 50_000]),
    );
    const own = segments.map(({ text }) => parseWebVtt(text).map((cue) => [cue.start, cue.end, cue.text]));
    assert.deepEqual(own, [
      [
        [0, 500, "across zero"],
        [1500, 2500, "across"],
      ],
      [[1500, 2500, "across"]],
      [],
      [[7500, 8900, "late"]],
    ]);
    for (const { text } of segments) {
      assert.match(text, /^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n/);
    }
  });
});
