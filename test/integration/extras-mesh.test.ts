/** What goes beside picture and sound, over real nodes and the real command line. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { complaints, decodedFrames } from "../support/assets.js";
import { reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { clicks, makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const QUICK = ["--preset", "ultrafast", "--ladder", "96", "--json"];
const ID = "film-with-extras";

describe("extras in a mesh of two", function () {
  this.timeout(240_000);
  let nodes: TestNode[] = [];
  let film = "";
  let subtitles = "";
  let broken = "";
  let asset = "";

  const at = (index: number) => ["--node", (nodes[index] as TestNode).grpc];

  before(async () => {
    const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"];
    film = await makeSource("film.mkv", ...picture(8), ...clicks(8), ...x264, "-c:a", "ac3");
    const folder = await temporaryFolder();
    [subtitles, broken] = [join(folder, "film.forced.srt"), join(folder, "broken.srt")];
    await writeFile(subtitles, "1\n00:00:01,000 --> 00:00:05,000\nHello\n");
    await writeFile(broken, "no cues");
    nodes = await startMesh(2);
  });

  after(() => stopMesh(nodes));

  it("sends subtitle files with a film, and refuses one that is none before anything is sent", async () => {
    const refused = await reelmesh("submit", film, "--subtitle", `en=${broken}`, ...QUICK, ...at(0));
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /broken.srt has no cues of SRT, WebVTT or ASS/);
    const flags = ["--subtitle", `pt-br=${subtitles}`, "--audio", "opus,copy", "--loudness", "-23", "--id", ID];
    const { code, stdout, stderr } = await reelmesh("submit", film, ...flags, ...QUICK, ...at(0), "--wait");
    assert.equal(code, 0, stderr);
    asset = JSON.parse(stdout).asset;
    const again = await reelmesh("submit", film, ...flags, ...QUICK, ...at(1), "--wait");
    assert.equal(again.code, 0, again.stderr);
    const other = await reelmesh("submit", film, ...flags.slice(2), ...QUICK, ...at(0));
    assert.match(other.stderr, /film-with-extras/);
    assert.notEqual(other.code, 0);
  });

  it("tells in the job what was done to the sound", async () => {
    const { stdout } = await reelmesh("job", ID, "--json", ...at(1));
    const { notes } = JSON.parse(stdout) as { notes: string[] };
    assert.match(notes.join("\n"), /audio-1 was given a gain of [+-]/);
    assert.match(notes.join("\n"), /copied as it is keeps its loudness/);
  });

  it("serves subtitles, pictures and downloads from every node", async () => {
    for (const node of nodes) {
      const base = `http://${node.http}/assets/${asset}`;
      // The coordinator may know more than this node, for a moment.
      const master = await until(async () => {
        const response = await fetch(`${base}/master.m3u8`);
        const text = await response.text();
        return response.ok ? text : undefined;
      }, `${node.name} serves the film`);
      assert.match(master, /TYPE=SUBTITLES.*LANGUAGE="pt-BR".*FORCED=YES/);
      const text = await (await fetch(`${base}/subtitles/subtitles-1/000001.vtt`)).text();
      assert.match(text, /00:00:01.000 --> 00:00:05.000\nHello/);
      const poster = await fetch(`${base}/poster.jpg`);
      assert.equal(poster.headers.get("content-type"), "image/jpeg");
      await poster.arrayBuffer();
      for (const audio of ["audio-1", "audio-1-opus", "audio-1-ac-3"]) {
        const file = `${base}/download.mp4?rendition=96p&audio=${audio}`;
        assert.equal(await decodedFrames(file), 200);
        assert.equal(await complaints(file), "");
      }
    }
  });
});
