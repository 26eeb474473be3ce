/** What is decoded in one piece needs room on the disk. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { decodeSource } from "../../src/node/ffmpeg/decode-source.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

describe("a lossless copy of a source", function () {
  this.timeout(180_000);
  it("is not begun where the disk has no room for it", async () => {
    const folder = await temporaryFolder();
    const { signal } = new AbortController();
    const file = await makeSource("film.mp4", ...picture(1, "25", "160x90"), "-pix_fmt", "yuv420p");
    const { summary } = await createMediaTools().prepare(file, "film.mp4", folder, signal);
    const long = { ...summary, seconds: 1e12 }; // on whatever disk
    const refused = { code: "ENVIRONMENT", message: /film\.mp4 .* this disk has no room for a lossless copy/ };
    await assert.rejects(decodeSource(file, long, false, folder, signal), refused);
    assert.deepEqual(await readdir(folder), []);
    const { working, damaged } = await decodeSource(file, summary, false, folder, signal);
    assert.deepEqual([(await readdir(folder)).map((name) => working.endsWith(name)), damaged], [[true], 0]);
  });
});
