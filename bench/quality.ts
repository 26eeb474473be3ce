/**
 * The quality of chunks against one process with the same arguments: Bjøntegaard's difference of rate by PSNR and SSIM of
 * luma, and the worst difference beside a seam. Targets: 0.3% and 0.1 dB.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { GENERATED, makeFilm, measure } from "./quality/measure.js";

const HELP = `npm run bench:quality [-- FILM...] [--codec h264] [--preset veryfast] [--chunk 6] [--height 480]

  FILM       films to encode; generated ones when absent, one of them quiet at first and then busy
  --codec    h264, hevc, av1 or vp9
  --preset   a preset of x264: "fast" is what a submission gets that asks for nothing
  --chunk    seconds of a chunk, shorter than in a mesh so that there are more seams; "mesh" for what a job would have
  --height   lines of the picture; those of the film at most`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", default: false },
    codec: { type: "string", default: "h264" },
    preset: { type: "string", default: "veryfast" },
    chunk: { type: "string", default: "6" },
    height: { type: "string", default: "480" },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
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
  const asked = { codec, preset, height: Number(height), ...(chunk === "mesh" ? {} : { chunk: Number(chunk) }) };
  const found = await measure(film, asked, folder);
  console.log(
    `${name}, ${codec}, ${found.seams} seams: BD-rate ${percent(found.psnr)} by PSNR, ${percent(found.ssim)} by SSIM; ` +
      `beside seams ${decibels(found.mean)} on average, ${decibels(found.worst)} at the worst one, ` +
      `${decibels(found.frame)} in the worst frame; where the picture is below 45 dB ${decibels(found.visible)} at the worst ` +
      `seam, and up to ${found.noise.toFixed(3)} dB between four runs of one process`,
  );
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

function decibels(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toFixed(3)} dB`;
}
