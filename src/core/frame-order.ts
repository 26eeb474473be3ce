/** The frames of a source, from the packets of its video. */
import { ReelmeshError } from "./errors.js";
import type { Rational } from "./media.js";
import { ratio } from "./rational.js";
import type { SourceIndex } from "./source.js";

/** The frames of a source: those that are shown, in presentation order. */
export interface FrameOrder {
  /** Time stamps in ticks of the source's time base, rising. */
  pts: number[];
  /** Place of each frame's packet in the index. */
  packets: number[];
}

/**
 * The frames that count, by time stamp: those that are shown, from the first keyframe on. What stands before it in time
 * depends on packets that the source does not have. INVALID_INPUT when there are none. Two may have one time stamp.
 */
export function presentationOrder(index: SourceIndex, fileName: string): FrameOrder {
  const firstKeyframe = Math.max(0, index.keyframes.indexOf(true));
  const firstPts = index.pts[firstKeyframe] ?? 0;
  const packets: number[] = [];
  for (let packet = firstKeyframe; packet < index.pts.length; packet++) {
    if (index.shown[packet] && (index.pts[packet] as number) >= firstPts) packets.push(packet);
  }
  if (packets.length === 0) throw new ReelmeshError("INVALID_INPUT", `${fileName} has a video track without frames`);
  packets.sort((a, b) => (index.pts[a] as number) - (index.pts[b] as number));
  return { pts: packets.map((packet) => index.pts[packet] as number), packets };
}

/**
 * Distance between the source's keyframes in seconds, as a frame anywhere in the source meets it: long distances weigh
 * by their length.
 */
export function keyframeDistance(index: SourceIndex, order: FrameOrder, timeBase: Rational): number {
  const last = order.pts.at(-1) ?? 0;
  const first = order.pts[0] ?? 0;
  const isInside = (time: number, packet: number) => index.keyframes[packet] && time > first && time < last;
  const edges = [first, ...index.pts.filter(isInside).sort((a, b) => a - b), last];
  const distances = edges.slice(1).map((time, at) => time - (edges[at] ?? 0));
  const total = last - first;
  if (total === 0) return ratio(timeBase);
  return (distances.reduce((sum, distance) => sum + distance ** 2, 0) / total) * ratio(timeBase);
}
