/**
 * What one of several nodes that copy an asset at the same time pulls next. Each blob is first-hand for one of them,
 * which pulls it from whoever made it, and second-hand for the others, which pull it from that one: so each leaves its
 * makers about once, and all links are in use at the same time. Both kinds go in the film's order, side by side.
 *
 *   first-hand   pulled from anyone
 *   second-hand  pulled from those that copy it before this node; not before this node is as far in the film itself,
 *                since all get on about alike, and then now and then until it is there. From anyone when it does not
 *                come: after TRIES, and when this node is WINDOW blobs further or has nothing else to do.
 */
import type { BlobReference } from "./work.js";

/** Blobs that a node gets ahead of the others before it asks the makers for what these should have passed on. */
const WINDOW = 64;
const TRIES = 3;
/** Until a blob is asked for again, in milliseconds; doubled each time. */
const RETRY_MS = 500;
const RETRY_MAX_MS = 4_000;

export type Hand = "first" | "second";

/** A blob to be pulled now. */
export interface Copy {
  blob: BlobReference;
  /** Its place in the film's order. */
  place: number;
  hand: Hand;
  /** Of whom it is asked: only of those that copy it before this node, or of all. */
  from: "copiers" | "anyone";
}

interface Waiting {
  blob: BlobReference;
  place: number;
  tries: number;
  dueAt: number;
}

export class CopyOrder {
  readonly #first: Waiting[] = [];
  readonly #second: Waiting[] = [];
  readonly #tried = new Map<string, number>();
  /** Place of the last of this node's own that came. */
  #reached = -1;

  /** `blobs`: in the film's order. `isPassedOn`: whether another node copies a blob before this one does. */
  constructor(blobs: BlobReference[], isPassedOn: (sha256: string) => boolean) {
    for (const [place, blob] of blobs.entries()) {
      (isPassedOn(blob.sha256) ? this.#second : this.#first).push({ blob, place, tries: 0, dueAt: 0 });
    }
    this.#first.reverse();
  }

  /** True when nothing is left that is not being pulled already. */
  get isEmpty(): boolean {
    return this.#first.length === 0 && this.#second.length === 0;
  }

  /** Undefined when what is left has to wait. `prefers`: what is taken where there is some of both. */
  next(now: number, prefers: Hand): Copy | undefined {
    if (prefers === "first") return this.#takeFirst() ?? this.#takeSecond(now);
    return this.#takeSecond(now) ?? this.#takeFirst();
  }

  came({ hand, place }: Copy): void {
    if (hand === "first") this.#reached = Math.max(this.#reached, place);
  }

  /** Those that should have it do not have it yet. */
  notYet({ blob, place }: Copy, now: number): void {
    const tries = (this.#tried.get(blob.sha256) ?? 0) + 1;
    this.#tried.set(blob.sha256, tries);
    const dueAt = now + Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (tries - 1));
    const behind = this.#second.findIndex((other) => other.place > place);
    this.#second.splice(behind < 0 ? this.#second.length : behind, 0, { blob, place, tries, dueAt });
  }

  #takeFirst(): Copy | undefined {
    const next = this.#first.pop();
    return next && { blob: next.blob, place: next.place, hand: "first", from: "anyone" };
  }

  #takeSecond(now: number): Copy | undefined {
    const isLast = this.#first.length === 0;
    for (const [index, { blob, place, tries, dueAt }] of this.#second.entries()) {
      if (place > this.#reached && !isLast) return undefined;
      if (dueAt > now) continue;
      this.#second.splice(index, 1);
      const isLate = tries >= TRIES && (isLast || place + WINDOW <= this.#reached);
      return { blob, place, hand: "second", from: isLate ? "anyone" : "copiers" };
    }
    return undefined;
  }
}
