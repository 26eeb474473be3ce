/** Watches the room on the disk of the data folder: a node without any takes no work, and serves on. */
import { statfs } from "node:fs/promises";
import { isFull } from "../core/disk-room.js";
import type { Admission } from "./admission.js";

const LOOK_MS = 5_000;
/** What failed for want of room may have freed it by failing: it is not tried again before this time has passed. */
const REST_MS = 60_000;

interface Components {
  /** Folder on the disk. */
  data: string;
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
    const look = () =>
      void this.#look().catch((error: unknown) => this.#components.report("disk watch failed", { error }));
    this.#timer = setInterval(look, LOOK_MS);
    look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether something failed because this node's disk is full; then it counts as full for a while. */
  caused(error: Error): boolean {
    if (!lacksRoom(error)) return false;
    this.#restsUntil = this.#components.now() + REST_MS;
    this.#set(true, {});
    return true;
  }

  async #look(): Promise<void> {
    const { data, admission, now } = this.#components;
    const { bavail, blocks, bsize } = await statfs(data);
    const full = isFull(admission.full, bavail * bsize, blocks * bsize) || now() < this.#restsUntil;
    this.#set(full, { freeBytes: bavail * bsize });
  }

  #set(full: boolean, details: Record<string, unknown>): void {
    const { admission, report } = this.#components;
    if (full === admission.full) return;
    report(full ? "the disk is full: no work is taken until there is room" : "the disk has room again", details);
    admission.setFull(full);
  }
}

function lacksRoom(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (["ENOSPC", "EDQUOT"].includes((cause as NodeJS.ErrnoException).code ?? "")) return true;
  }
  return false;
}
