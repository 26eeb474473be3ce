/** The command line that tells how much of a rung's picture is lost by going through a smaller size. */
import { CUT_FORMAT, cutOffsetTicks, fileUrl, safeInput } from "./ffmpeg-arguments.js";
import type { Chunk, VideoPlan, VideoRendition } from "./media.js";

/** One frame of so many is looked at. */
const EVERY = 6;

/** Prints a line for each frame that is looked at: see `squaredError`. */
export function throughSizeArguments(
  video: VideoPlan,
  { startPts, endPts }: Chunk,
  cut: string,
  rung: VideoRendition,
  next: VideoRendition,
): string[] {
  const { num, den } = video.timeBase;
  const offset = cutOffsetTicks(video.timeBase);
  const size = (to: VideoRendition) => `scale=${to.width}:${to.height}:flags=bicubic`;
  const pick = `settb=${num}/${den},trim=start_pts=${startPts + offset}:end_pts=${endPts + offset}`;
  const rungs = [...video.filters, `select=not(mod(n\\,${EVERY}))`, size(rung), "format=yuv420p", "split[own][down]"];
  const graph = [
    `[0:0]${[pick, ...rungs].join(",")}`,
    `[down]${size(next)},${size(rung)}[through]`,
    "[own][through]psnr,metadata=mode=print:key=lavfi.psnr.mse.y:file=-",
  ];
  const input = ["-noautorotate", ...safeInput(CUT_FORMAT), "-i", fileUrl(cut)];
  return ["-copyts", ...input, "-filter_complex", graph.join(";"), "-f", "null", "-"];
}

/** The mean squared error of luma that a line tells of; undefined: of none. */
export function squaredError(line: string): number | undefined {
  const found = /^lavfi\.psnr\.mse\.y=([\d.e+-]+)/.exec(line)?.[1];
  return found === undefined ? undefined : Number(found);
}
