/** Boxes of a sample entry that say how bright an HDR picture was made to be, for decoders that heed no other place. */
import { concatenate, makeBox, words } from "./boxes.js";
import type { Light, VideoCodec } from "./media.js";

/** For VP9 by its own binding (VP9-ISOBMFF, `SmDm` and `CoLL`), otherwise ISO/IEC 14496-12, 12.1.6 and 12.1.7. */
export function lightBoxes(codec: VideoCodec, { mastering, content }: Light): Uint8Array {
  const isVp9 = codec === "vp9";
  const display = mastering === undefined ? [] : [isVp9 ? vp9Mastering(mastering) : masteringBox(mastering)];
  return concatenate(content === undefined ? display : [...display, contentBox(content, isVp9)]);
}

type Mastering = NonNullable<Light["mastering"]>;

/** Chromaticities in steps of 0.00002, green, blue, red, white; luminances in steps of 0.0001. */
function masteringBox({ red, green, blue, white, minLuminance, maxLuminance }: Mastering): Uint8Array {
  const points = [green, blue, red, white].map((point) => pair(point, 50_000));
  return makeBox("mdcv", [...points, words(Math.round(maxLuminance * 10_000), Math.round(minLuminance * 10_000))]);
}

/** Chromaticities in 1/65536, red first; the luminances with 8 and 14 bits behind the point. */
function vp9Mastering({ red, green, blue, white, minLuminance, maxLuminance }: Mastering): Uint8Array {
  const points = [red, green, blue, white].map((point) => pair(point, 65_536));
  const luminances = words(Math.round(maxLuminance * 2 ** 8), Math.round(minLuminance * 2 ** 14));
  return makeBox("SmDm", [words(0), ...points, luminances]);
}

function contentBox({ max, average }: NonNullable<Light["content"]>, isVp9: boolean): Uint8Array {
  return makeBox(isVp9 ? "CoLL" : "clli", [...(isVp9 ? [words(0)] : []), pair([max, average], 1)]);
}

/** Two fields of 16 bits. */
function pair([one, other]: [number, number], scale: number): Uint8Array {
  const field = (value: number) => Math.min(0xffff, Math.max(0, Math.round(value * scale)));
  return words(field(one) * 0x10000 + field(other));
}
