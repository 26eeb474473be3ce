/**
 * Everything that arrives from outside, whatever brings it: uploads, and sources that this node fetches. It survives
 * restarts of the node. An arrival is
 *   arriving   bytes come, with breaks of any length up to EXPIRY_MS
 *   whole      its bytes are a blob of its job; from here a submission of it may come, or is made by the node itself
 *   ended      its verdict is kept for a while, for whoever asks
 */
import { access, readFile, statfs } from "node:fs/promises";
import { ReelmeshError } from "../../core/errors.js";
import { jobOwner } from "../../core/owners.js";
import type { BlobStore, Clock } from "../../core/ports.js";
import { readSubtitles } from "../../core/read-subtitles.js";
import { SNIFF_BYTES, sniff } from "../../core/source-check.js";
import type { BlobReference } from "../../core/work.js";
import { readHead } from "../read-head.js";
import { Landing } from "./landing.js";
import { type Arrival, Records } from "./records.js";

/** Something that has not grown for so long is let go, in milliseconds. */
export const EXPIRY_MS = 24 * 3_600_000;
/** What is whole waits so long for its submission, and a verdict for whoever asks: as long as a blob without a job. */
const KEPT_MS = 3_600_000;
const SWEEP_MS = 600_000;
/** Arrivals at once. */
const MOST = 1_000;

interface Components {
  /** Folder on the store's file system that outlives restarts. */
  folder: string;
  store: Pick<BlobStore, "adopt" | "own" | "release">;
  clock: Pick<Clock, "wallClock" | "every">;
  /** Most bytes of one arrival. */
  limit: number;
  report(event: string, details: Record<string, unknown>): void;
}

export class Arrivals {
  readonly #components: Components;
  readonly #records: Records;
  readonly #known = new Map<string, Arrival>();
  readonly #landings = new Map<string, Promise<Landing>>();
  readonly #checked = new Set<string>();
  readonly #finishing = new Map<string, Promise<BlobReference>>();
  readonly #running = new Set<Promise<unknown>>();
  #stopSweeping = () => {};

  private constructor(components: Components) {
    this.#components = components;
    this.#records = new Records(components.folder);
  }

  /** Takes up what arrived before this node was started. */
  static async open(components: Components): Promise<Arrivals> {
    const arrivals = new Arrivals(components);
    for (const arrival of await arrivals.#records.readAll()) {
      arrivals.#known.set(arrival.id, arrival);
      // Stopped between the decision and the move.
      if (arrival.blob !== undefined && (await isThere(arrivals.#records.file(arrival.id)))) {
        await arrivals.#keep(arrival, arrival.blob);
      }
    }
    await arrivals.sweep();
    arrivals.#stopSweeping = components.clock.every(SWEEP_MS, () => void arrivals.#sweepQuietly());
    return arrivals;
  }

  /** Waits until nothing is written any more; whoever writes has been stopped before. */
  async stop(): Promise<void> {
    this.#stopSweeping();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    return work.finally(() => this.#running.delete(work));
  }

  get limit(): number {
    return this.#components.limit;
  }

  list(): Arrival[] {
    return [...this.#known.values()];
  }

  find(id: string): Arrival | undefined {
    return this.#known.get(id);
  }

  /** INVALID_INPUT when it is too large, ENVIRONMENT when the disk has no room for it, UNAVAILABLE when there are too many. */
  async add(arrival: Omit<Arrival, "synced" | "touched">): Promise<Arrival> {
    await this.checkRoom(arrival.expected ?? 0);
    if (this.#known.size >= MOST) {
      throw new ReelmeshError("UNAVAILABLE", `${MOST} uploads are under way on this node; send it again later`);
    }
    if (this.#known.has(arrival.id)) {
      throw new ReelmeshError("CONFLICT", `something else arrives under the id ${arrival.id}; take another`);
    }
    const added = { ...arrival, synced: 0, touched: this.#components.clock.wallClock() };
    this.#known.set(added.id, added);
    await this.#records.write(added);
    return added;
  }

  /** Whether so many bytes more may come. As `add`. */
  async checkRoom(bytes: number): Promise<void> {
    const { limit, folder } = this.#components;
    if (bytes > limit) {
      const message = `the source has ${bytes} bytes, and this node takes up to ${limit}; start it with a larger --upload-limit`;
      throw new ReelmeshError("INVALID_INPUT", message);
    }
    const { bavail, bsize } = await statfs(folder);
    const promised = this.list().reduce((sum, one) => sum + this.#missing(one), 0);
    if (bytes + promised <= bavail * bsize) return;
    const cause = Object.assign(new Error("no room"), { code: "ENOSPC" });
    const message = `no room for ${bytes} bytes: ${bavail * bsize} are free, and ${promised} of them are promised to other uploads`;
    throw new ReelmeshError("ENVIRONMENT", message, { cause });
  }

  #missing({ blob, expected, synced }: Arrival): number {
    return blob === undefined ? Math.max(0, (expected ?? 0) - synced) : 0;
  }

  /** Bytes that are there. */
  async length({ id, blob }: Arrival): Promise<number> {
    return blob?.bytes ?? (await this.#landing(id)).length;
  }

  /**
   * Writes what comes behind what is there; what has come stays when the stream breaks. INVALID_INPUT when the bytes are
   * those of no video, or more than they may be, and then nothing is kept.
   */
  append(arrival: Arrival, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#track(this.#append(arrival, bytes));
  }

  async #append(arrival: Arrival, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const landing = await this.#landing(arrival.id);
    try {
      await landing.append(bytes, () => this.#check(arrival, landing, false));
    } catch (error) {
      if (error instanceof ReelmeshError && error.code === "INVALID_INPUT") await this.remove(arrival.id);
      throw error;
    }
  }

  /** Throws away what is there: what comes next begins at the beginning. */
  async restart({ id }: Arrival): Promise<void> {
    await (await this.#landing(id)).clear();
  }

  /** Makes what is there a blob of its job. INVALID_INPUT as `append`. Safe to call again. */
  finish(arrival: Arrival): Promise<BlobReference> {
    if (this.isWhole(arrival)) return Promise.resolve(arrival.blob);
    const { id } = arrival;
    const finishing = this.#finishing.get(id) ?? this.#track(this.#finish(arrival));
    this.#finishing.set(id, finishing);
    return finishing.finally(() => this.#finishing.delete(id));
  }

  /** Whether it is a blob in the store, and not only about to be. */
  isWhole(arrival: Arrival): arrival is Arrival & { blob: BlobReference } {
    return arrival.blob !== undefined && !this.#landings.has(arrival.id);
  }

  async #finish(arrival: Arrival): Promise<BlobReference> {
    const landing = await this.#landing(arrival.id);
    try {
      await this.#check(arrival, landing, true);
    } catch (error) {
      await this.remove(arrival.id);
      throw error;
    }
    const blob = await landing.reference();
    await this.update(arrival, { blob });
    await this.#keep(arrival, blob);
    return blob;
  }

  /** Changes what is known of it; on the disk when this returns. */
  async update(arrival: Arrival, change: Partial<Arrival>): Promise<void> {
    Object.assign(arrival, change, { touched: this.#components.clock.wallClock() });
    if (this.#known.has(arrival.id)) await this.#records.write(arrival);
  }

  /** It has come to its end: only the verdict stays, for a while. */
  async end(arrival: Arrival, verdict: NonNullable<Arrival["verdict"]>): Promise<void> {
    await this.update(arrival, { verdict });
    await this.#forgetBytes(arrival.id);
    await this.#components.store.release(ownerOf(arrival));
  }

  /** Lets go of it; a blob stays its job's. */
  async remove(id: string): Promise<void> {
    const arrival = this.#known.get(id);
    this.#known.delete(id);
    await this.#forgetBytes(id);
    await this.#records.remove(id);
    if (arrival !== undefined) await this.#components.store.release(ownerOf(arrival));
  }

  /** Lets go of what has not grown for too long. Returns how many that were. */
  async sweep(): Promise<number> {
    const now = this.#components.clock.wallClock();
    const old = this.list().filter((one) => now - one.touched > (isSettled(one) ? KEPT_MS : EXPIRY_MS));
    for (const { id } of old) await this.remove(id);
    return old.length;
  }

  async #sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.#components.report("old uploads could not be removed", { error });
    }
  }

  /** One that its client may be sending more of is forgotten by its file first, so that the writing fails. */
  async #forgetBytes(id: string): Promise<void> {
    const landing = await this.#landings.get(id)?.catch(() => undefined);
    this.#landings.delete(id);
    this.#checked.delete(id);
    await landing?.remove();
  }

  #landing(id: string): Promise<Landing> {
    const arrival = this.#known.get(id);
    if (arrival === undefined) return Promise.reject(new ReelmeshError("NOT_FOUND", `no upload ${id} is under way`));
    const known = this.#landings.get(id);
    if (known !== undefined) return known;
    const opened = Landing.open(this.#records.file(id), arrival.synced, (synced) => this.update(arrival, { synced }));
    opened.catch(() => this.#landings.delete(id));
    this.#landings.set(id, opened);
    return opened;
  }

  /** Looks at the beginning as soon as it is there, and at subtitles when they are whole. */
  async #check({ id, kind }: Arrival, { file, length }: Landing, whole: boolean): Promise<void> {
    if (length > this.#components.limit) await this.checkRoom(length);
    if (kind === "subtitles") {
      if (whole) readSubtitles(await readFile(file), "the subtitle file");
    } else if (!this.#checked.has(id) && (whole || length >= SNIFF_BYTES)) {
      sniff(await readHead(file));
      this.#checked.add(id);
    }
  }

  async #keep(arrival: Arrival, blob: BlobReference): Promise<void> {
    const { store } = this.#components;
    await store.adopt(this.#records.file(arrival.id), jobOwner(arrival.job), blob);
    if (arrival.submission !== undefined) await store.own(blob.sha256, ownerOf(arrival));
    await this.#forgetBytes(arrival.id);
  }
}

/** Keeps the blob of what the node itself is about to submit, however long that takes. */
export function ownerOf({ id }: Arrival): string {
  return `arrival:${id}`;
}

/** Nothing more will come of it by itself. */
function isSettled({ blob, submission, verdict }: Arrival): boolean {
  return verdict !== undefined || (blob !== undefined && submission === undefined);
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
