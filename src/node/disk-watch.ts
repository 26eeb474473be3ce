/**
 * Watches the room on the disk of the data folder, and within the quota: copies that can be fetched again go first, and a
 * node that has no room even so takes no work, and serves on.
 */
import { statfs } from "node:fs/promises";
import { crowdedBytes, isFull, isQuotaFull, lacksRoom } from "../core/disk-room.js";
import type { BlobStore } from "../core/ports.js";
import type { Admission } from "./admission.js";

const LOOK_MS = 5_000;
/** What failed for want of room may have freed it by failing: it is not tried again before this time has passed. */
const REST_MS = 60_000;

interface Components {
  /** Folder on the disk. */
  data: string;
  /** Bytes that blobs may have together; infinite when there is none. */
  quota: number;
  store: Pick<BlobStore, "totals" | "evict">;
  admission: Pick<Admission, "full" | "setFull">;
  now(): number;
  report(event: string, details: Record<string, unknown>): void;
}

export class DiskWatch {
  readonly #components: Components;
  #timer: NodeJS.Timeout | undefined;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(components: Components) {
    this.#components = components;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether something failed because this node's disk is full; then it counts as full for a while. */
  caused(error: Error): boolean {
    if (!lacksRoom(error)) return false;
    this.#restsUntil = this.#components.now() + REST_MS;
    this.#set(true, DISK, {});
    return true;
  }

  /** Looks at once; never rejects. */
  async look(): Promise<void> {
    await this.#look().catch((error: unknown) => this.#components.report("disk watch failed", { error }));
  }

  async #look(): Promise<void> {
    const { data, quota, store, admission, now } = this.#components;
    const { bavail, blocks, bsize } = await statfs(data);
    const [freeBytes, totalBytes] = [bavail * bsize, blocks * bsize];
    await this.#evict(crowdedBytes(store.totals().bytes, quota, freeBytes, totalBytes));
    const usedBytes = store.totals().bytes;
    if (isQuotaFull(admission.full, usedBytes, quota)) return this.#set(true, QUOTA, { usedBytes, quota });
    const full = isFull(admission.full, freeBytes, totalBytes) || now() < this.#restsUntil;
    this.#set(full, DISK, { freeBytes });
  }

  async #evict(bytes: number): Promise<void> {
    if (bytes === 0) return;
    const gone = await this.#components.store.evict(bytes);
    if (gone.blobs > 0) this.#components.report("copies made room", gone);
  }

  #set(full: boolean, what: string, details: Record<string, unknown>): void {
    const { admission, report } = this.#components;
    if (full === admission.full) return;
    report(full ? `${what} is full: no work is taken until there is room` : "there is room again", details);
    admission.setFull(full);
  }
}

const DISK = "the disk";
const QUOTA = "the quota";
