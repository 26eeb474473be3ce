/**
 * The proof of which source frames a chunk was made of. Its lead and tail are frames of its neighbours, which decode them
 * for themselves: where both got the same pictures, neither decoding was spoilt by where it began.
 */
import { shortDigest } from "./digest.js";
import { ReelmeshError } from "./errors.js";
import type { Chunk, VideoPlan } from "./media.js";
import type { FrameProof } from "./work.js";

/** A frame of the source that went into the encoder. */
export interface KeptFrame {
  /** Ticks of the source's time base. */
  pts: number;
  /** Of its decoded picture. */
  hash: string;
}

/**
 * Reads what ffmpeg's `framehash` muxer writes: "stream, dts, pts, duration, size, hash" a frame. `offset`: ticks that
 * time stamps are ahead of the source's. MEDIA when a line is none of these.
 */
export function readFrameHashes(text: string, offset: number): KeptFrame[] {
  const rows = text.split("\n").filter((row) => row !== "" && !row.startsWith("#"));
  return rows.map((row) => {
    const [, , pts = "", , , hash = ""] = row.split(",").map((field) => field.trim());
    if (!/^-?\d+$/.test(pts) || hash === "") throw new ReelmeshError("MEDIA", `"${row}" names no frame`);
    return { pts: Number(pts) - offset, hash };
  });
}

/** OTHER_FRAMES when the frames are not the chunk's, with its lead and tail. */
export function checkKept(kept: KeptFrame[], chunk: Chunk): void {
  const planned = chunk.leadFrames + chunk.frames + chunk.tailFrames;
  if (kept.length !== planned) {
    const message = `${chunk.name} was made of ${kept.length} frames where ${planned} are planned`;
    throw new ReelmeshError("OTHER_FRAMES", `${message}: the source may be damaged there`);
  }
  if (chunk.stamps === undefined || shortDigest(kept.map(({ pts }) => pts)) === chunk.stamps) return;
  throw new ReelmeshError("OTHER_FRAMES", `${chunk.name} was made of other frames of the source than planned`);
}

/** `hashes`: of the chunk's frames, those of its lead and tail included. */
export function proveFrames(hashes: string[], { chunks }: VideoPlan, chunk: Chunk, linear: boolean): FrameProof {
  const place = chunks.findIndex(({ name }) => name === chunk.name);
  const [before, after] = [chunks[place - 1], chunks[place + 1]];
  const { leadFrames: lead, frames } = chunk;
  const end = lead + frames;
  const digest = (from: number, to: number) => (to > from ? shortDigest(hashes.slice(from, to)) : "");
  // what reaches beyond the neighbour is the business of two others
  const shared = (reach: number, chunkFrames: number) => (reach <= chunkFrames ? reach : 0);
  return {
    lead: digest(lead - shared(lead, before?.frames ?? 0), lead),
    first: digest(lead, lead + shared(before?.tailFrames ?? 0, frames)),
    last: digest(end - shared(after?.leadFrames ?? 0, frames), end),
    tail: digest(end, end + shared(chunk.tailFrames, after?.frames ?? 0)),
    linear,
  };
}
