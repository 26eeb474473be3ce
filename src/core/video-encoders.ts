/** The encoders of each video codec, and those that every node has: what they are called, and how x264's presets and quality translate. */
import { hardwareEncoder } from "./hardware.js";
import type { VideoCodec } from "./media.js";
import type { PRESETS } from "./options.js";

export type Preset = (typeof PRESETS)[number];

/** The first is the default. */
export const VIDEO_CODECS: readonly VideoCodec[] = ["h264", "hevc", "av1", "vp9"];

/** The software encoder of each codec, by ffmpeg's name. */
export const SOFTWARE_ENCODERS: Record<VideoCodec, string> = {
  h264: "libx264",
  hevc: "libx265",
  av1: "libsvtav1",
  vp9: "libvpx-vp9",
};

/** The encoder of a codec, in software where `hardware` is "". */
export function encoderOf(codec: VideoCodec, hardware: string): string {
  return hardware === "" ? SOFTWARE_ENCODERS[codec] : hardwareEncoder(codec, hardware);
}

/** No node starts without them: the default video and sound, and small pictures. */
export const EVERYWHERE: readonly string[] = ["libx264", "aac", "mjpeg"];

/** How much work an encoder puts in. x265 has x264's names; the others have numbers, the higher the quicker. */
export const SPEEDS: Record<Preset, { svtAv1: number; vp9: { deadline: "realtime" | "good"; cpuUsed: number } }> = {
  ultrafast: { svtAv1: 12, vp9: { deadline: "realtime", cpuUsed: 8 } },
  superfast: { svtAv1: 12, vp9: { deadline: "realtime", cpuUsed: 6 } },
  veryfast: { svtAv1: 11, vp9: { deadline: "good", cpuUsed: 5 } },
  faster: { svtAv1: 10, vp9: { deadline: "good", cpuUsed: 4 } },
  fast: { svtAv1: 9, vp9: { deadline: "good", cpuUsed: 3 } },
  medium: { svtAv1: 8, vp9: { deadline: "good", cpuUsed: 2 } },
  slow: { svtAv1: 6, vp9: { deadline: "good", cpuUsed: 1 } },
  slower: { svtAv1: 5, vp9: { deadline: "good", cpuUsed: 1 } },
  veryslow: { svtAv1: 4, vp9: { deadline: "good", cpuUsed: 0 } },
};

/**
 * Constant quality of each encoder for x264's, and its cap for x264's: measured at equal PSNR of luma on film
 * (bbb, 426x240, presets "fast"), x264 at 18, 23, 28 and 33:
 *   x265 3.5       18.5, 24.2, 29.5, 34.4;  0.68 of the bits at 23
 *   SVT-AV1 1.4.1  19, 34.5, 48.7, 61;      0.58
 *   libvpx 1.12    18.6, 31.1, 41.8, 50.8;  0.80
 */
const QUALITY: Record<VideoCodec, { at23: number; slope: number; most: number; bits: number; whole: boolean }> = {
  h264: { at23: 23, slope: 1, most: 51, bits: 1, whole: false },
  hevc: { at23: 24.2, slope: 1.06, most: 51, bits: 0.7, whole: false },
  av1: { at23: 34.5, slope: 2.8, most: 63, bits: 0.6, whole: true },
  vp9: { at23: 31.1, slope: 2.15, most: 63, bits: 0.8, whole: true },
};

/** The quality, on the scale of a codec's encoder, that looks like x264's `crf`: to a tenth where it takes fractions. */
export function crfOf(codec: VideoCodec, crf: number): number {
  const { at23, slope, most, whole } = QUALITY[codec];
  const same = Math.min(most, Math.max(1, at23 + slope * (crf - 23)));
  return whole ? Math.round(same) : Math.round(same * 10) / 10;
}

/** A quality on the scale of a codec's encoder that is so many steps of x264's worse. */
export function coarserCrf(codec: VideoCodec, crf: number, steps: number): number {
  const { slope, most, whole } = QUALITY[codec];
  const coarser = Math.min(most, crf + slope * steps);
  return whole ? Math.round(coarser) : Math.round(coarser * 10) / 10;
}

/** Bits that a codec takes where H.264 takes 1. */
export function bitsOf(codec: VideoCodec): number {
  return QUALITY[codec].bits;
}
