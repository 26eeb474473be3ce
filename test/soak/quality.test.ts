/**
 * Chunks of H.264 and VP9 against one process, on generated films: BD-rate by PSNR and SSIM, and the frames beside seams.
 * SVT-AV1's chunks are those of one process to the bit; HEVC and other films: `npm run bench:quality -- --codec hevc`.
 */
import assert from "node:assert/strict";
import { GENERATED, makeFilm, measure } from "../../bench/quality/measure.js";
import { temporaryFolder } from "../support/temporary.js";

/** Percent, and dB of luma's PSNR. */
const MOST = { rate: 0.3, seam: 0.1 };

describe("the quality of chunks", function () {
  this.timeout(1_800_000);

  const cases = ["h264", "vp9"].flatMap((codec) =>
    Object.entries(GENERATED).map(([name, graph]) => ({ codec, name, graph })),
  );
  for (const { codec, name, graph } of cases) {
    it(`is that of one process: ${codec}, ${name}`, async () => {
      const folder = await temporaryFolder();
      const film = await makeFilm(graph, folder);
      const found = await measure(film, { codec, preset: "veryfast", chunk: 6, height: 240 }, folder);
      console.log(`      ${JSON.stringify(found)}`);
      assert.ok(found.psnr <= MOST.rate && found.ssim <= MOST.rate, "BD-rate");
      // four runs are a small sample of what two of them differ by
      assert.ok(found.visible >= -MOST.seam - 2 * found.noise, "the worst seam");
    });
  }
});
