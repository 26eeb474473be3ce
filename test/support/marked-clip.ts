/** Clips whose every frame carries its number as a row of black and white bars, and reading the numbers back. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Bars, and so bits of a frame's number. */
const BITS = 16;
/** The bars take the top of the picture: one part in this many of its height. */
const PART = 6;

/** Of a long clip, only its beginning: what is played with sound is short, and an encoder takes its time for each second. */
const TONE_SECONDS = 30;

/** A moving test picture of 320x180 with numbered frames, so many a second, and a tone. */
export async function makeMarkedClip(file: string, seconds: number, rate = 25): Promise<void> {
  const [width, height] = [320, 180];
  const lavfi = (graph: string) => ["-f", "lavfi", "-i", graph];
  const bits = `geq=lum='16+219*mod(floor(N/pow(2,X)),2)':cb=128:cr=128`;
  const bars = `[1:v]format=yuv420p,${bits},scale=${width}:${height / PART}:flags=neighbor[bars]`;
  await run("ffmpeg", [
    ...["-nostdin", "-v", "error", "-y"],
    ...lavfi(`testsrc2=size=${width}x${height}:rate=${rate}:duration=${seconds}`),
    ...lavfi(`color=size=${BITS}x2:rate=${rate}:duration=${seconds}`),
    ...lavfi(`sine=frequency=440:sample_rate=48000:duration=${Math.min(seconds, TONE_SECONDS)}`),
    ...["-filter_complex", `${bars};[0:v][bars]overlay=0:0,format=yuv420p[v]`, "-map", "[v]", "-map", "2:a"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-g", `${2 * rate}`, "-c:a", "aac", file],
  ]);
}

/** The numbers of the frames that a decoder gives, in its order. */
export async function frameNumbers(url: string): Promise<number[]> {
  const read = `crop=iw:ih/${PART}:0:0,scale=${BITS}:1:flags=area,format=gray`;
  const words = ["-nostdin", "-v", "error", "-i", url, "-map", "0:v:0", "-vf", read, "-fps_mode", "passthrough"];
  const options = { encoding: "buffer", maxBuffer: 1 << 26 } as const;
  const { stdout } = await run("ffmpeg", [...words, "-f", "rawvideo", "-"], options);
  return Array.from({ length: stdout.length / BITS }, (_, frame) => {
    const bars = stdout.subarray(frame * BITS, (frame + 1) * BITS);
    return bars.reduce((sum, light, bit) => sum + (light > 127 ? 2 ** bit : 0), 0);
  });
}
