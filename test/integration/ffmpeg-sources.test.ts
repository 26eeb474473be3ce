import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "mocha";
import { checkExact, prepare } from "../support/exactness.js";
import { makeKind, saved, sourceKinds } from "../support/source-kinds.js";
import { makeSource, picture } from "../support/sources.js";

describe("sources of every kind, cut and encoded", function () {
  this.timeout(180_000);

  for (const [kind, row] of Object.entries(sourceKinds)) {
    const { note, like, frames, chunkSeconds = 2 } = row;
    it(`is exact for ${kind}`, async () => {
      const prepared = await prepare(await makeKind(row), [48], chunkSeconds);
      const { notes, video } = prepared.plan;
      if (note === undefined) assert.deepEqual(notes, []);
      else assert.match(notes.join("\n"), note);
      if (frames !== undefined) assert.equal(video.frames, frames);
      await checkExact(prepared, like);
    });
  }

  it("says in ffmpeg's words why nothing can be decoded", async () => {
    const sound = await makeSource("whole.avi", ...picture(5), "-c:v", "mpeg4", "-g", "50");
    const bytes = await readFile(sound);
    for (let at = bytes.indexOf("00dc"); at >= 0; at = bytes.indexOf("00dc", at + 4)) {
      if (at < bytes.indexOf("idx1")) bytes.fill(0xff, at + 8, at + 8 + bytes.readUInt32LE(at + 4));
    }
    const prepared = prepare(await saved("broken.avi", bytes));
    const expected = /^decoding film in one piece failed: its bytes are damaged.*ffmpeg: /;
    await assert.rejects(prepared, { code: "INVALID_INPUT", message: expected });
  });
});
