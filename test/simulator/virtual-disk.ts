/**
 * The disk of one machine: its copy of the mesh log and the blobs that it holds. It survives the process; a power cut
 * takes what was not yet synced, and any write may be the process's last, done or not.
 */
import { createHash } from "node:crypto";
import { ReelmeshError } from "../../src/core/errors.js";
import type { LogBase, LogCopy, LogPlace } from "../../src/core/ports.js";
import type { BlobReference } from "../../src/core/work.js";
import type { SnapshotBlobs } from "../../src/node/snapshots.js";
import { Mutex } from "../../src/node/store/mutex.js";
import type { Random } from "./random.js";
import type { Process, VirtualTime } from "./virtual-time.js";

const SYNC_AFTER_MS = 200;

export class VirtualDisk {
  #base: LogBase | undefined;
  #entries: LogPlace[] = [];
  #remembered: BlobReference[] = [];
  /** How many of the entries a power cut leaves. */
  #synced = 0;
  readonly #held = new Map<string, { bytes: Buffer; owners: Set<string> }>();
  readonly blobs = new Set<string>();
  /** Set to have the machine's process die at that many writes from now. */
  dieAfterWrites = 0;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #die: () => void;

  constructor(time: VirtualTime, random: Random, die: () => void) {
    this.#time = time;
    this.#random = random;
    this.#die = die;
  }

  loseUnsynced(): void {
    if (this.#synced >= this.#entries.length) return;
    this.#entries.length = this.#random.whole(this.#synced, this.#entries.length);
  }

  /** Nothing of it can be read any more. */
  destroy(): void {
    this.#base = undefined;
    this.#entries = [];
    this.#remembered = [];
    this.#held.clear();
    this.blobs.clear();
  }

  /** The ports that a process has on it. */
  logCopy(process: Process): LogCopy {
    const write = (act: () => void) => this.#write(process, act);
    const whole = (act: () => void) =>
      write(() => {
        act();
        this.#synced = this.#entries.length;
      });
    const appends = new Mutex();
    return {
      base: async () => this.#base,
      remembered: async () => [...this.#remembered],
      newest: async () => this.#entries.at(-1),
      append: (sequence, bytes) => appends.run(() => write(() => this.#append(sequence, bytes))),
      flush: async () => {},
      read: (from) => readFrom(this.#entries, from),
      truncate: (base) =>
        whole(() => {
          this.#base = base;
          this.#entries = this.#entries.filter((one) => one.sequence > base.sequence);
        }),
      replace: (base, entries, remembers) =>
        whole(() => {
          this.#base = base;
          this.#entries = [...entries];
          if (remembers !== undefined) this.#remembered.push(remembers);
        }),
      forget: () =>
        whole(() => {
          this.#remembered = [];
        }),
    };
  }

  /** As much of the blob store as snapshots use. */
  readonly snapshots: SnapshotBlobs = {
    put: async (bytes, owner) => {
      const content = await gathered(bytes);
      return this.keepSnapshot(content, owner);
    },
    read: async (sha256) => {
      const held = this.#held.get(sha256);
      if (held === undefined) throw new ReelmeshError("NOT_FOUND", `the snapshot ${sha256} is not here`);
      return held.bytes;
    },
    release: async (owner) => {
      let gone = 0;
      for (const [sha256, { owners }] of [...this.#held]) {
        if (owners.delete(owner) && owners.size === 0 && this.#held.delete(sha256)) gone++;
      }
      return gone;
    },
    owners: async () => {
      const owners = new Set([...this.#held.values()].flatMap((held) => [...held.owners]));
      return [...owners].map((owner) => ({ owner, since: 0 }));
    },
  };

  keepSnapshot(bytes: Buffer, owner: string): BlobReference {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const held = this.#held.get(sha256) ?? { bytes, owners: new Set<string>() };
    held.owners.add(owner);
    this.#held.set(sha256, held);
    return { sha256, bytes: bytes.length };
  }

  snapshotOf(sha256: string): Buffer | undefined {
    return this.#held.get(sha256)?.bytes;
  }

  #append(sequence: number, bytes: Uint8Array): void {
    const last = this.#entries.at(-1)?.sequence ?? this.#base?.sequence ?? 0;
    if (sequence === last + 1) {
      this.#entries.push({ sequence, bytes });
      return;
    }
    const present = this.#entries.find((one) => one.sequence === sequence);
    if (present !== undefined && Buffer.compare(present.bytes, bytes) === 0) return;
    throw new ReelmeshError("CONFLICT", `the copy ends at ${last}, and is asked to take ${sequence}`);
  }

  #write(process: Process, write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const act = () => {
        const last = this.dieAfterWrites === 1;
        if (this.dieAfterWrites > 0) this.dieAfterWrites--;
        if (last && this.#random.chance(0.5)) return this.#die();
        try {
          write();
        } catch (error) {
          return reject(error);
        }
        if (last) return this.#die();
        const { length } = this.#entries;
        this.#time.after(this.#random.between(0, SYNC_AFTER_MS), () => {
          this.#synced = Math.max(this.#synced, Math.min(length, this.#entries.length));
        });
        resolve();
      };
      this.#time.after(this.#random.between(0, 2), act, process);
    });
  }
}

async function* readFrom(entries: LogPlace[], from: number) {
  for (const place of [...entries]) if (place.sequence >= from) yield place;
}

async function gathered(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}
