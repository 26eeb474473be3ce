import { ffmpeg, ffprobe, run } from "./programs.js";

/** Makes a film of 40 s at `file`: 1280x720, 25 frames a second, a moving picture with a counter, and a tone. */
export async function generateFilm(file: string, signal: AbortSignal): Promise<void> {
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25"];
  const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"];
  const audio = ["-c:a", "aac", "-b:a", "128k"];
  await run(ffmpeg, ["-v", "error", "-nostdin", ...picture, ...tone, "-t", "40", ...video, ...audio, file], signal);
}

/** Frames that the film's video decodes to; undefined when it has none. */
export async function countFrames(film: string, signal: AbortSignal): Promise<number | undefined> {
  const count = ["-select_streams", "V:0", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"];
  const { out } = await run(ffprobe, ["-v", "error", ...count, film], signal);
  const frames = Number.parseInt(out, 10);
  return Number.isNaN(frames) ? undefined : frames;
}

/** Decodes what a player would play: the frames that came out, and all that ffmpeg had to say about it. */
export async function decode(url: string, signal: AbortSignal): Promise<{ frames: number; warnings: string }> {
  const whole = ["-i", url, "-fps_mode", "passthrough", "-f", "null", "-progress", "pipe:1", "-"];
  const { out, err } = await run(ffmpeg, ["-v", "warning", "-nostdin", ...whole], signal);
  const frames = Number([...out.matchAll(/^frame=\s*(\d+)$/gm)].at(-1)?.[1] ?? 0);
  return { frames, warnings: err.trim() };
}
