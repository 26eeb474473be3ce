/** Whether a source can be cut exactly, so that its chunks joined are the frames of one decoding from end to end. */
import { chunkCounts } from "./chunks.js";
import { keyframeDistance, presentationOrder } from "./frame-order.js";
import type { Rational } from "./media.js";
import { ratio } from "./rational.js";
import type { SourceFindings, SourceIndex } from "./source.js";

/** A source with so few keyframes is decoded anew when it lasts so long, in seconds, and would have so many chunks. */
const LONG_SECONDS = 120;
const FEW_CHUNKS = 1 / 4;

/** What a source without anything to remark gives. */
export const NO_FINDINGS: SourceFindings = {
  damaged: 0,
  breaks: 0,
  untimed: 0,
  stray: 0,
  counted: false,
  discarded: [],
};

/**
 * Why a source cannot be cut exactly, or not usefully, for the end of a sentence that begins "because"; undefined when
 * it can. `index` and `findings` are those of its video.
 */
export function whyNotCut(index: SourceIndex, findings: SourceFindings, timeBase: Rational): string | undefined {
  const { damaged, breaks, untimed, stray } = findings;
  if (damaged > 0) return `${count(damaged, "packet")} of it ${damaged === 1 ? "is" : "are"} damaged`;
  if (breaks > 0) return `its time stamps break off or jump in ${count(breaks, "place")}`;
  if (untimed > 0) return `${count(untimed, "packet")} of its video ${untimed === 1 ? "has" : "have"} no time stamp`;
  if (stray > 0) return `its video decodes to ${count(stray, "frame")} that no packet has the time of`;
  if (!index.shown.some(Boolean)) return "a first look at its video gave no frame";
  const discarded = discardedInside(index, findings.discarded);
  if (discarded > 0) return `its edit list takes ${count(discarded, "frame")} out of its middle`;
  const shared = sharedStamps(index);
  if (shared > 0) return `${count(shared, "frame")} of its video ${shared === 1 ? "shares" : "share"} a time stamp`;
  return isUselessToCut(index, timeBase) ? "it is long and has next to no keyframes to cut at" : undefined;
}

/** A cut by stream copy forgets which packets an edit list discards: they may only stand outside of what is shown. */
function discardedInside(index: SourceIndex, discarded: number[]): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [packet, pts] of index.pts.entries()) {
    if (!index.shown[packet]) continue;
    first = Math.min(first, pts);
    last = Math.max(last, pts);
  }
  return discarded.filter((pts) => pts >= first && pts <= last).length;
}

function sharedStamps(index: SourceIndex): number {
  const { pts } = presentationOrder(index, "the source");
  return pts.filter((time, frame) => time === pts[frame - 1]).length;
}

function isUselessToCut(index: SourceIndex, timeBase: Rational): boolean {
  const order = presentationOrder(index, "the source");
  const seconds = ((order.pts.at(-1) ?? 0) - (order.pts[0] ?? 0)) * ratio(timeBase);
  const { wanted, affordable } = chunkCounts(seconds, keyframeDistance(index, order, timeBase));
  return seconds >= LONG_SECONDS && affordable < wanted * FEW_CHUNKS;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
