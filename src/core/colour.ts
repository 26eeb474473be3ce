/** What the colours of a source mean, how the output's are tagged, and the way from one to the other. */
import { uploadFilters } from "./hardware.js";
import type { Colour, Light, VideoPlan, VideoRange, VideoRendition } from "./media.js";

export const BT709: Colour = { primaries: "bt709", transfer: "bt709", matrix: "bt709", range: "tv" };
/** Rec. ITU-R BT.2100, whose transfer is said beside it. */
const BT2020: Colour = { primaries: "bt2020", matrix: "bt2020nc", range: "tv" };
/** Luminance that becomes SDR's white, and what HDR is graded for where it does not say, candela a square metre. */
const SDR_WHITE = 100;
const USUAL_PEAK = 1000;

/** By ISO/IEC 23091-2, table 3: transfer characteristics 16 and 18. */
export function videoRange({ transfer }: Colour): VideoRange {
  if (transfer === "smpte2084") return "PQ";
  return transfer === "arib-std-b67" ? "HLG" : "SDR";
}

/** The tags of an HDR source, with what BT.2100 says where the source is silent. */
export function hdrColour({ primaries, transfer, matrix }: Colour): Colour {
  return {
    primaries: primaries ?? (BT2020.primaries as string),
    ...(transfer === undefined ? {} : { transfer }),
    matrix: matrix ?? (BT2020.matrix as string),
    range: "tv",
  };
}

/** How a rendition is tagged. */
export function renditionColour({ colour }: VideoPlan, { range }: Pick<VideoRendition, "range">): Colour {
  return range === "SDR" && videoRange(colour) !== "SDR" ? BT709 : colour;
}

/** What a picture is made into. */
export type PictureForm = Pick<VideoRendition, "width" | "height" | "bitDepth" | "range" | "encoder">;

/** From the source's picture on the timeline to what the encoder takes. */
export function pictureFilters(video: VideoPlan, rendition: PictureForm): string[] {
  const { width, height, bitDepth } = rendition;
  const scale = `scale=${width}:${height}:flags=bicubic:out_range=tv`;
  const colour = renditionColour(video, rendition);
  const map = colour === video.colour ? [] : toneMap(video.colour, video.light);
  const format = bitDepth === 10 ? "yuv420p10le" : "yuv420p";
  const upload = uploadFilters(rendition.encoder, bitDepth);
  return [scale, "setsar=1", ...map, `format=${format}`, colourTags(colour), ...upload];
}

/**
 * HDR to SDR by Hable's curve. All of it is said here: left to itself the filter would take the peak from each frame, and
 * chunks would differ where they meet.
 */
function toneMap(colour: Colour, light: Light | undefined): string[] {
  const peak = (light?.mastering?.maxLuminance ?? USUAL_PEAK) / SDR_WHITE;
  return [
    ...["format=yuv420p10le", colourTags(colour), `zscale=transfer=linear:npl=${SDR_WHITE}`, "format=gbrpf32le"],
    ...["zscale=primaries=bt709", `tonemap=hable:desat=0:peak=${Math.max(1, peak)}`],
    // whole numbers hold nothing above white: what is brighter than the peak becomes white
    ...["zscale=transfer=bt709", "format=gbrp12le", "zscale=matrix=bt709:range=tv"],
  ];
}

/** What is unknown is said to be unknown, so that the parameter sets follow from the plan alone. */
function colourTags({ primaries, transfer, matrix, range }: Colour): string {
  const tags = [
    `range=${range ?? "unknown"}`,
    `color_primaries=${primaries ?? "unknown"}`,
    `color_trc=${transfer ?? "unknown"}`,
    `colorspace=${matrix ?? "unknown"}`,
  ];
  return `setparams=${tags.join(":")}`;
}
