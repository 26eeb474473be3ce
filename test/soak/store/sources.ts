/** The films of the store's soak: short and small, but for one whose segments are large; made once. */
import { join } from "node:path";
import { makeClip } from "../../support/assets.js";
import { makeSource, picture } from "../../support/sources.js";
import { temporaryFolder } from "../../support/temporary.js";

export interface Source {
  file: string;
  frames: number;
}

const RATE = 25;
/** Noise: at this size and quality a segment of it is larger than what nodes keep in memory. */
const NOISE = { seconds: 3, size: "320x180" };

export async function makeSources(): Promise<Source[]> {
  const folder = await temporaryFolder("run");
  const sources: Source[] = [];
  for (const [index, seconds] of [3, 5, 8, 12].entries()) {
    const file = join(folder, `film ${index + 1}.mp4`);
    await makeClip(file, seconds, "160x90");
    sources.push({ file, frames: seconds * RATE });
  }
  const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
  const silent = await makeSource("silent.mp4", ...picture(4), ...encoder);
  const noise = [...picture(NOISE.seconds, String(RATE), NOISE.size), "-vf", "noise=alls=60:allf=t"];
  const loud = await makeSource("noise.mp4", ...noise, ...encoder, "-crf", "20");
  sources.push({ file: silent, frames: 4 * RATE }, { file: loud, frames: NOISE.seconds * RATE });
  return sources;
}
