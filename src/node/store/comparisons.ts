/** Compares files of blobs with their names, and takes those that are damaged or gone from what is held. */
import type { LostBlob } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import type { BlobFiles, Pause } from "./blob-files.js";
import type { BlobIndex } from "./blob-index.js";
import { errorCode, passWithoutRoom } from "./errors.js";
import type { AtStep } from "./step.js";
import { isTrusted } from "./trust.js";

interface Components {
  files: BlobFiles;
  index: BlobIndex;
  atStep: AtStep;
  /** Runs a change of the index alone; `durable`: and has it on the disk when it resolves. */
  alone<T>(task: () => Promise<T>): Promise<T>;
  durable<T>(task: () => Promise<T>): Promise<T>;
  /** Is told of each blob that is not held any more. */
  gone(blob: BlobReference): void;
}

export class Comparisons {
  readonly #components: Components;
  readonly #openedAt = Date.now();
  readonly #listeners: ((lost: LostBlob) => void)[] = [];
  /** Until somebody listens. */
  readonly #untold: LostBlob[] = [];
  readonly #findings = { damaged: 0, missing: 0 };
  /** Under way for somebody who waits, by the blob's name. */
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(components: Components) {
    this.#components = components;
  }

  get findings(): { damaged: number; missing: number } {
    return { ...this.#findings };
  }

  onLost(listener: (lost: LostBlob) => void): void {
    this.#listeners.push(listener);
    for (const lost of this.#untold.splice(0)) listener(lost);
  }

  tellLost(lost: LostBlob): void {
    this.#findings[lost.how]++;
    if (this.#listeners.length === 0) this.#untold.push(lost);
    for (const listener of this.#listeners) listener(lost);
  }

  /** Whether a blob's file may be given out, read first where it is not trusted; `unchecked`: only its length is looked at. */
  async check(sha256: string, unchecked: boolean): Promise<boolean> {
    const { index, files } = this.#components;
    const record = await index.record(sha256);
    if (record === undefined) return false;
    const file = await files.state(sha256);
    if (file?.bytes !== record.bytes) return this.compare(sha256);
    if (unchecked || isTrusted(record, file, this.#openedAt, Date.now())) return true;
    // However many ask at once, it is read once.
    const running = this.#running.get(sha256) ?? this.compare(sha256).finally(() => this.#running.delete(sha256));
    this.#running.set(sha256, running);
    return running;
  }

  /** Reads a held blob; one that is not what its name says is held no more. */
  async compare(sha256: string, pause?: Pause): Promise<boolean> {
    const { files, index, alone } = this.#components;
    const found = await files.examine(sha256, pause).catch((thrown: unknown) => {
      // A sector that cannot be read.
      if (errorCode(thrown) === "EIO") return files.state(sha256);
      throw thrown;
    });
    if (found === undefined || !("sha256" in found) || found.sha256 !== sha256) {
      await this.#lose(sha256, found?.changedAt);
      return false;
    }
    const { changedAt } = found;
    const change = new Map([[sha256, { verifiedAt: Date.now(), changedAt }]]);
    // A power cut that forgets this, or a full disk, costs another comparison.
    await alone(() => index.note(change)).catch(passWithoutRoom);
    return true;
  }

  /** `changedAt`: the state in which the file was found bad; one that has been replaced since is another. */
  async #lose(sha256: string, changedAt: number | undefined): Promise<void> {
    const { files, index, atStep, durable, gone } = this.#components;
    await durable(async () => {
      const held = await index.find(sha256);
      if (held === undefined || (await files.state(sha256))?.changedAt !== changedAt) return;
      const owners = await index.drop(sha256);
      await atStep("entry removed");
      gone(held);
      // Before the index is known to be durable: a file that is back under its name would only be found bad again.
      if (changedAt !== undefined) await files.setAside(sha256);
      this.tellLost({ ...held, owners, how: changedAt === undefined ? "missing" : "damaged" });
    });
  }
}
