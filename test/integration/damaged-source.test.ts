/** Damaged films on two real nodes: what each of them decodes is compared, and nothing is padded or hidden. */
import assert from "node:assert/strict";
import { decodedFrames } from "../support/assets.js";
import { reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { frameHashes, makeSource, picture, spoilPacket } from "../support/sources.js";

/** Two chunks of 24 s. */
const SECONDS = 48;
/** The keyframe at which the decoding of the second chunk begins, two seconds before it. */
const KEYFRAME = 550;
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0"];
const GOPS = ["-x264-params", "keyint=25:min-keyint=25:scenecut=0:slices=4"];

describe("a mesh with a damaged film", function () {
  this.timeout(400_000);
  let nodes: TestNode[] = [];

  before(async () => {
    nodes = await startMesh(2);
  });

  after(() => stopMesh(nodes));

  async function film(from: number, to: number): Promise<string> {
    const file = await makeSource("film.mp4", ...picture(SECONDS), ...x264, ...GOPS);
    await spoilPacket(file, KEYFRAME, from, to);
    return file;
  }

  /** The job's notes, and how many frames its asset has. */
  async function submit(file: string): Promise<{ notes: string[]; frames: number }> {
    const at = ["--json", "--node", (nodes[1] as TestNode).grpc];
    const words = ["--wait", "--preset", "ultrafast", "--ladder", "96"];
    const { code, stdout, stderr } = await reelmesh("submit", file, ...words, ...at);
    assert.equal(code, 0, stderr);
    const { job, asset } = JSON.parse(stdout);
    const { notes } = JSON.parse((await reelmesh("job", job, ...at)).stdout);
    const frames = await decodedFrames(`http://${nodes[0]?.http}/assets/${asset}/video/96p/media.m3u8`);
    return { notes, frames };
  }

  it("decodes the chunk behind a damaged keyframe again from the start", async () => {
    const { notes, frames } = await submit(await film(0.97, 0.98));
    assert.equal(frames, SECONDS * 25);
    assert.match(notes.join("\n"), /chunk-00000[12] was decoded again from the start of the source/);
  });

  it("decodes a film in one piece that gives other frames than its packets promise", async () => {
    const source = await film(0.25, 0.75);
    const linear = await frameHashes("-i", source);
    assert.ok(linear.length < SECONDS * 25);
    const { notes, frames } = await submit(source);
    assert.equal(frames, linear.length);
    assert.match(notes.join("\n"), /was decoded in one piece .* because its video gives other frames/);
  });
});
