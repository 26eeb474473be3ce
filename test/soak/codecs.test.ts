/** Every frame of a numbered film, in every codec and rendition that one real node makes of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { complaints } from "../support/assets.js";
import { frameNumbers, makeMarkedClip } from "../support/marked-clip.js";
import { reelmesh } from "../support/mesh.js";
import { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";

const SECONDS = 50;
const CODECS = ["h264", "hevc", "av1", "vp9"];

describe("a numbered film in every codec", function () {
  this.timeout(600_000);
  let node: TestNode;

  before(async () => {
    node = await TestNode.start({ name: "soak" });
  });

  after(async () => {
    await node.stop();
  });

  it("has every frame once, in order, in every rendition", async () => {
    const film = join(await temporaryFolder(), "film.mp4");
    await makeMarkedClip(film, SECONDS);
    const options = ["--preset", "ultrafast", "--codec", CODECS.join(), "--ladder", "180,120", "--wait", "--json"];
    const { code, stdout, stderr } = await reelmesh("submit", film, "--node", node.grpc, ...options);
    assert.equal(code, 0, stdout + stderr);
    const base = `http://${node.http}/assets/${JSON.parse(stdout).asset}`;
    const master = await (await fetch(`${base}/master.m3u8`)).text();
    const paths = new Set(master.match(/video\/[^/"\n]+\/media\.m3u8/g));
    assert.equal(paths.size, 2 * CODECS.length);
    for (const path of paths) {
      const numbers = await frameNumbers(`${base}/${path}`);
      assert.deepEqual(
        [numbers.length, numbers.findIndex((number, place) => number !== place)],
        [SECONDS * 25, -1],
        path,
      );
    }
    for (const name of ["master.m3u8", "manifest.mpd"]) assert.equal(await complaints(`${base}/${name}`), "", name);
  });
});
