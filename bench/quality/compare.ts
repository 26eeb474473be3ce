/** How near each frame of an encoding is to its source, by ffmpeg's psnr and ssim filters. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** dB of luma, frame by frame. SSIM as -10 log10(1 - SSIM). */
export interface Quality {
  psnr: number[];
  ssim: number[];
}

/** Frames are compared in turn, whatever their time stamps are. */
export async function compare(source: string, encoded: string, size: string, folder: string): Promise<Quality> {
  const [psnr, ssim] = [`${folder}/psnr.txt`, `${folder}/ssim.txt`];
  const counted = "settb=1/1000,setpts=N";
  const graph = [
    `[0:v:0]scale=${size}:flags=bicubic:out_range=tv,format=yuv420p,${counted},split[s1][s2]`,
    `[1:v:0]${counted},split[e1][e2]`,
    `[e1][s1]psnr=stats_file=${psnr}[p]`,
    `[e2][s2]ssim=stats_file=${ssim}[q]`,
  ];
  const outputs = ["-map", "[p]", "-f", "null", "-", "-map", "[q]", "-f", "null", "-"];
  const inputs = ["-i", source, "-i", encoded];
  await run("ffmpeg", ["-nostdin", "-v", "error", ...inputs, "-filter_complex", graph.join(";"), ...outputs]);
  return {
    psnr: await column(psnr, /mse_y:([\d.]+)/, (error) => 10 * Math.log10(255 ** 2 / Math.max(error, 0.01))),
    ssim: await column(ssim, /Y:([\d.]+)/, (value) => -10 * Math.log10(Math.max(1e-6, 1 - value))),
  };
}

async function column(file: string, pattern: RegExp, convert: (value: number) => number): Promise<number[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => convert(Number(pattern.exec(line)?.[1])));
}
