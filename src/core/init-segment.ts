/** What an init segment says beyond what ffmpeg writes into it: the delay of showing, the level, the light. */
import { type Box, boxAt, boxesIn, concatenate, findBox, unreadable, words } from "./boxes.js";
import { delayPresentation, reorderDelay } from "./edit-list.js";
import { lightBoxes } from "./light-boxes.js";
import type { VideoPlan, VideoRendition } from "./media.js";

/** Fields of a visual sample entry in front of its boxes, and of `stsd` in front of its entries (ISO/IEC 14496-12). */
const VISUAL_ENTRY_BYTES = 78;
const DESCRIPTIONS_BYTES = 8;
const TO_DESCRIPTIONS = ["moov", "trak", "mdia", "minf", "stbl", "stsd"];

/** A copy of what an encoder of video gave, as players get it. MEDIA when it cannot be read. */
export function finishInit(init: Uint8Array, { timeline, light }: VideoPlan, rendition: VideoRendition): Uint8Array {
  const { codec, level, range } = rendition;
  const delay = reorderDelay(timeline, codec);
  const delayed = delay > 0 ? delayPresentation(init, delay) : init;
  const levelled = sayLimits(codec === "vp9" ? sayLevel(delayed, level) : delayed, rendition);
  return range === "SDR" || light === undefined ? levelled : addToEntry(levelled, lightBoxes(codec, light));
}

/** The box of the first sample entry, and those around it, outermost first. */
export function sampleEntry(init: Uint8Array): { entry: Box; around: Box[] } {
  const whole = { body: 0, end: init.length };
  const around = TO_DESCRIPTIONS.map((_, depth) => boxAt(init, whole, ...TO_DESCRIPTIONS.slice(0, depth + 1)));
  const descriptions = around.at(-1) as Box;
  const [entry] = boxesIn(init, { body: descriptions.body + DESCRIPTIONS_BYTES, end: descriptions.end });
  if (entry === undefined) throw unreadable("it has no sample entry");
  return { entry, around };
}

/** The range of a visual sample entry in which its boxes lie. */
export function entryBoxes({ body, end }: Box): { body: number; end: number } {
  return { body: body + VISUAL_ENTRY_BYTES, end };
}

/** ffmpeg goes by the size and the rate of the picture only: the plan also looks at the bits (`vpcC`, VP9-ISOBMFF). */
function sayLevel(init: Uint8Array, level: number): Uint8Array {
  const { entry } = sampleEntry(init);
  const configuration = findBox(init, entryBoxes(entry), "vpcC");
  if (configuration === undefined) throw unreadable('it has no "vpcC" box');
  const copy = Uint8Array.from(init);
  copy[configuration.body + 5] = level; // behind version, flags and profile
  return copy;
}

/**
 * ffmpeg writes the cap that the encoder had (`btrt`, ISO/IEC 14496-12, 8.5.2.2), which is lower than what the manifests
 * promise, and lower again where a chunk was encoded anew: the plan's stands there, and no average.
 */
function sayLimits(init: Uint8Array, { maxBitrate, bufferBits }: VideoRendition): Uint8Array {
  const { entry } = sampleEntry(init);
  const box = findBox(init, entryBoxes(entry), "btrt");
  if (box === undefined) return init;
  const copy = Uint8Array.from(init);
  copy.set(words(Math.ceil(bufferBits / 8), maxBitrate, 0), box.body);
  return copy;
}

function addToEntry(init: Uint8Array, bytes: Uint8Array): Uint8Array {
  const { entry, around } = sampleEntry(init);
  const longer = concatenate([init.subarray(0, entry.end), bytes, init.subarray(entry.end)]);
  for (const box of [...around, entry]) longer.set(words(box.end - box.start + bytes.length), box.start);
  return longer;
}
