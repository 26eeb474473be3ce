/** Encoders in hardware: how ffmpeg reaches them, and what they are told. They hold a rate, not a quality. */
import type { VideoCodec, VideoRendition } from "./media.js";

export const HARDWARE = ["vaapi", "nvenc", "qsv"] as const;
export type Hardware = (typeof HARDWARE)[number];

/** The first graphics card, as Linux names it. */
const RENDER_NODE = "/dev/dri/renderD128";
/** Of each, one file or folder is there where such a card and its driver are: WSL has /dev/dxg for NVIDIA's. */
export const DEVICES: Readonly<Record<Hardware, readonly string[]>> = {
  vaapi: [RENDER_NODE],
  nvenc: ["/dev/nvidiactl", "/dev/dxg"],
  qsv: ["/dev/dri"],
};

/** The cap above the average. */
const PEAK = 1.5;
const ENDLESS = 100_000;

/** ffmpeg's name, whether there is such an encoder or not. */
export function hardwareEncoder(codec: VideoCodec, hardware: string): string {
  return `${codec}_${hardware}`;
}

/** Which hardware an encoder is of; undefined: none. */
export function hardwareOf(encoder: string): Hardware | undefined {
  return HARDWARE.find((hardware) => encoder.endsWith(`_${hardware}`));
}

/** In front of the input. */
export function deviceArguments(encoder: string): string[] {
  const hardware = hardwareOf(encoder);
  if (hardware === "vaapi") return ["-vaapi_device", RENDER_NODE];
  return hardware === "qsv" ? ["-init_hw_device", "qsv=hw", "-filter_hw_device", "hw"] : [];
}

/** The last filters: the encoder's own layout of a picture, in the card's memory where it takes no other. */
export function uploadFilters(encoder: string, bitDepth: 8 | 10): string[] {
  const hardware = hardwareOf(encoder);
  if (hardware === undefined) return [];
  const format = `format=${bitDepth === 10 ? "p010le" : "nv12"}`;
  if (hardware === "vaapi") return [format, "hwupload"];
  return hardware === "qsv" ? [format, "hwupload=extra_hw_frames=64", "format=qsv"] : [format];
}

/** IDR pictures where they are forced, no reordering, and the average that leaves room below the cap. */
export function hardwareArguments({ encoder, codec, tier, level, bitDepth, ...rendition }: VideoRendition): string[] {
  const { maxBitrate, bufferBits } = rendition;
  const rate = ["-b:v", Math.round(maxBitrate / PEAK), "-maxrate:v", maxBitrate, "-bufsize:v", bufferBits].map(String);
  const forced = encoder.endsWith("nvenc") ? ["-forced-idr", "1"] : encoder.endsWith("qsv") ? ["-forced_idr", "1"] : [];
  const common = [...rate, "-g", String(ENDLESS), "-bf", "0", ...forced];
  if (codec === "h264") return [...common, "-profile:v", "high", "-level:v", String(level)];
  if (codec !== "hevc") return common;
  const profile = bitDepth === 10 ? "main10" : "main";
  // QSV counts HEVC's levels in tenths and chooses the tier itself; the others count as the stream does, in thirtieths
  const limits = encoder.endsWith("qsv") ? ["-level:v", level] : ["-level:v", level * 3, "-tier:v", tier];
  return [...common, "-profile:v", profile, ...limits.map(String), "-tag:v", "hvc1"];
}

/** Encodes one small picture to nothing: fails where the card, its driver or its rights are not there. */
export function trialArguments(encoder: string): string[] {
  const picture = ["-f", "lavfi", "-i", "color=gray:s=320x256:r=25:d=1", "-frames:v", "1"];
  const filters = uploadFilters(encoder, 8).join(",");
  return [...deviceArguments(encoder), ...picture, "-vf", filters, "-c:v", encoder, "-f", "null", "-"];
}
