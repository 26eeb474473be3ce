/**
 * The quality of chunks against one process with the same arguments: Bjøntegaard's difference of rate by PSNR and SSIM of
 * luma, and the worst difference beside a seam. Chunks are shorter here than in a mesh, so that there are more seams.
 *
 *   npm run bench:quality [-- film.mp4 ...] [--codec h264] [--preset veryfast] [--chunk 6] [--height 480]
 *
 * Without a film: generated ones, one of them quiet at first and then busy. Targets: 0.3% and 0.1 dB.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { GENERATED, makeFilm, measure } from "./quality/measure.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    codec: { type: "string", default: "h264" },
    preset: { type: "string", default: "veryfast" },
    chunk: { type: "string", default: "6" },
    height: { type: "string", default: "480" },
  },
});
const folder = await mkdtemp(join(tmpdir(), "reelmesh-quality-"));
try {
  for (const film of positionals) await report(basename(film), resolve(film));
  if (positionals.length === 0)
    for (const [name, graph] of Object.entries(GENERATED)) await report(name, await makeFilm(graph, folder));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function report(name: string, film: string): Promise<void> {
  const { codec, preset, chunk, height } = values;
  const found = await measure(film, { codec, preset, chunk: Number(chunk), height: Number(height) }, folder);
  console.log(
    `${name}, ${codec}, ${found.seams} seams: BD-rate ${percent(found.psnr)} by PSNR, ${percent(found.ssim)} by SSIM; ` +
      `beside seams ${decibels(found.mean)} on average, ${decibels(found.worst)} at the worst one, ` +
      `${decibels(found.frame)} in the worst frame; where the picture is below 45 dB ${decibels(found.visible)} at the worst ` +
      `seam, and up to ${found.noise.toFixed(3)} dB between two runs of one process`,
  );
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

function decibels(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toFixed(3)} dB`;
}
