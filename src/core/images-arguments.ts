/** Command lines for ffmpeg that take the pictures of a plan out of its source. */
import { pictureFilters } from "./colour.js";
import { CUT_FORMAT, cutArguments, cutOffsetTicks, fileUrl, safeInput } from "./ffmpeg-arguments.js";
import type { ImagesPlan, Plan, VideoPlan } from "./media.js";

const WIDEST_POSTER = 1280;
/** What JPEG takes; the encoder is any in software. */
const PLAIN = { bitDepth: 8, range: "SDR", encoder: "libx264" } as const;
const QUALITY = ["-q:v", "4"];
/** A picture that is darker on the average (of 255), or less varied (of 1), is taken for black or for one colour. */
const DARK = 32;
const FLAT = 0.3;

/** Where the poster is looked for: from a time in seconds on, and whether any picture will do. */
export interface PosterSearch {
  from: number;
  any: boolean;
}

/** The poster may be dark only where nothing else is there. */
export function posterSearches({ posterAt }: ImagesPlan): PosterSearch[] {
  return [
    { from: posterAt, any: false },
    { from: 0, any: false },
    { from: 0, any: true },
  ];
}

/** The video's packets, or its keyframes alone where they are enough. */
export function cutImagesArguments(plan: Plan, { keyframes }: ImagesPlan, source: string, target: string): string[] {
  const only = keyframes ? ["-bsf:v", "noise=drop=not(key)"] : ["-copyinkf"];
  return cutArguments(plan, plan.video?.stream ?? 0, source, [], [...only, "-f", CUT_FORMAT, fileUrl(target)]);
}

/** `sheets`: a pattern for their names, or none. The poster's file is not there afterwards where none was found. */
export function imagesArguments(
  video: VideoPlan,
  images: ImagesPlan,
  cut: string,
  files: { sheets?: string; poster: string },
  search: PosterSearch,
): string[] {
  const { width, height, columns, rows, interval, count } = images;
  const pictures = [
    `fps=1/${interval}:start_time=0:round=near`,
    `tpad=stop=-1:stop_mode=clone,trim=end_frame=${count}`,
    ...pictureFilters(video, { width, height, ...PLAIN }),
    `tile=${columns}x${rows}`,
  ];
  const poster = [
    `trim=start=${search.from.toFixed(6)}`,
    ...pictureFilters(video, { ...posterSize(video), ...PLAIN }),
    ...(search.any ? [] : NEITHER_DARK_NOR_FLAT),
  ];
  const chains = [...(files.sheets === undefined ? [] : [pictures]), poster];
  const graph = [
    `[0:0]${onClock(video)},split=${chains.length}${chains.map((_, place) => `[in${place}]`).join("")}`,
    ...chains.map((chain, place) => `[in${place}]${[...chain, ...TO_JPEG].join(",")}[out${place}]`),
  ].join(";");
  const sheetOutput = ["-map", "[out0]", ...JPEG, fileUrl(files.sheets ?? "")];
  return [
    ...["-copyts", "-noautorotate", "-reinit_filter", "0", "-threads", "1", ...safeInput(CUT_FORMAT)],
    ...["-i", fileUrl(cut), "-filter_complex", graph, ...(files.sheets === undefined ? [] : sheetOutput)],
    ...["-map", `[out${chains.length - 1}]`, "-frames:v", "1", "-update", "1", ...JPEG, fileUrl(files.poster)],
    ...["-map", "0:0", "-c", "copy", "-f", "null", "-"], // shows how far it is
  ];
}

const NEITHER_DARK_NOR_FLAT = [
  "signalstats",
  `metadata=mode=select:key=lavfi.signalstats.YAVG:value=${DARK}:function=greater`,
  "entropy",
  `metadata=mode=select:key=lavfi.entropy.normalized_entropy.normal.Y:value=${FLAT}:function=greater`,
];
const TO_JPEG = ["scale=out_range=pc", "format=yuvj420p"];
const JPEG = [
  "-c:v",
  "mjpeg",
  ...QUALITY,
  "-fps_mode",
  "passthrough",
  "-map_metadata",
  "-1",
  "-bitexact",
  "-f",
  "image2",
];

/** The first frame of the film at zero, turned upright. */
function onClock({ timeBase, chunks, filters }: VideoPlan): string {
  const zero = (chunks[0]?.startPts ?? 0) + cutOffsetTicks(timeBase);
  return [`settb=${timeBase.num}/${timeBase.den}`, `setpts=PTS-${zero}`, ...filters].join(",");
}

/** That of the tallest rendition that is no wider than enough. */
function posterSize({ renditions }: VideoPlan): { width: number; height: number } {
  const fitting = renditions.filter(({ width }) => width <= WIDEST_POSTER);
  const [tallest] = (fitting.length > 0 ? fitting : renditions.slice(-1)).toSorted((a, b) => b.height - a.height);
  return { width: tallest?.width ?? 2, height: tallest?.height ?? 2 };
}
