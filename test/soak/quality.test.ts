/** Chunks against one process, on generated films: BD-rate by PSNR and SSIM, and the frames beside seams. */
import assert from "node:assert/strict";
import { GENERATED, makeFilm, measure } from "../../bench/quality/measure.js";
import { temporaryFolder } from "../support/temporary.js";

/** Percent, and dB of luma's PSNR. */
const MOST = { rate: 0.3, seam: 0.1 };
const CODECS = ["h264", "hevc", "av1", "vp9"];

describe("the quality of chunks", function () {
  this.timeout(1_800_000);

  for (const codec of CODECS) {
    for (const [name, graph] of Object.entries(GENERATED)) {
      it(`is that of one process in ${codec}: ${name}`, async () => {
        const folder = await temporaryFolder();
        const film = await makeFilm(graph, folder);
        const found = await measure(film, { codec, preset: "veryfast", chunk: 6, height: 240 }, folder);
        console.log(`      ${JSON.stringify(found)}`);
        assert.ok(found.psnr <= MOST.rate && found.ssim <= MOST.rate, "BD-rate");
        assert.ok(found.visible >= -MOST.seam - found.noise, "the worst seam");
      });
    }
  }
});
