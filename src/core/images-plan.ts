/** Which pictures go with a film: a poster, and sheets of small ones for the seek bar. */
import { displaySize } from "./ladder.js";
import type { ImagesPlan, VideoPlan } from "./media.js";
import type { SourceIndex, SourceVideo } from "./source.js";
import { frameTicks } from "./timeline.js";

const WIDTH = 160;
const SHEET = { columns: 10, rows: 10 };
/** A picture every two seconds; of a film longer than half an hour fewer, so that they stay about so many. */
const MOST_PICTURES = 900;
const LEAST_INTERVAL = 2;
/** Seconds between pictures are whole. */
const POSTER_AT = 0.1;
/** Keyframes are enough where they stand as close as the pictures, with some grace. */
const GRACE = 1.5;

export function planImages(source: SourceVideo, video: VideoPlan, index: SourceIndex): ImagesPlan {
  const seconds = frameTicks(video.timeline)(video.frames) / video.timeline.timescale;
  const interval = Math.max(LEAST_INTERVAL, Math.ceil(seconds / MOST_PICTURES));
  const count = Math.max(1, Math.ceil(seconds / interval - 0.001));
  const { width, height } = displaySize(source);
  return {
    name: "images",
    width: WIDTH,
    height: Math.max(2, 2 * Math.round((WIDTH * height) / width / 2)),
    columns: Math.min(SHEET.columns, count),
    rows: Math.min(SHEET.rows, Math.ceil(count / SHEET.columns)),
    interval,
    count,
    posterAt: seconds * POSTER_AT,
    keyframes: longestGap(index, video) <= interval * GRACE,
  };
}

/** Seconds between the keyframes that stand farthest apart, the end of the film included. */
function longestGap({ pts, keyframes }: SourceIndex, { timeBase }: VideoPlan): number {
  const times = pts.filter((_, packet) => keyframes[packet]).sort((a, b) => a - b);
  let last = Number.NEGATIVE_INFINITY;
  for (const time of pts) last = Math.max(last, time);
  let longest = 0;
  for (const [place, time] of times.entries()) longest = Math.max(longest, (times[place + 1] ?? last) - time);
  return (longest * timeBase.num) / timeBase.den;
}

/** Where each picture is: a WebVTT file beside the sheets' folder with a cue a picture, `000001.jpg#xywh=...` in it. */
export function pictureCues(images: ImagesPlan, seconds: number, sheet: (number: number) => string) {
  const { width, height, columns, rows, interval, count } = images;
  return Array.from({ length: count }, (_, place) => {
    const inSheet = place % (columns * rows);
    const [x, y] = [(inSheet % columns) * width, Math.floor(inSheet / columns) * height];
    const number = Math.floor(place / (columns * rows)) + 1;
    return {
      start: Math.round(place * interval * 1000),
      end: Math.round(Math.min(seconds, (place + 1) * interval) * 1000),
      settings: "",
      text: `${sheet(number)}#xywh=${x},${y},${width},${height}`,
    };
  });
}
