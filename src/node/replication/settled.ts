/** Of which assets this node holds what it should and nothing else: remembered over restarts, by placement. */
import type { BlobStore } from "../../core/ports.js";

const WHOLE = "whole:";
const SHARE = "share:";
const EVERYWHERE = "everywhere";

export class Settled {
  readonly #store: Pick<BlobStore, "own" | "owners" | "release">;
  /** Names of placements by the hash of the manifest; undefined before they were read. */
  #placements: Map<string, string> | undefined;

  constructor(store: Pick<BlobStore, "own" | "owners" | "release">) {
    this.#store = store;
  }

  async load(): Promise<void> {
    if (this.#placements !== undefined) return;
    const placements = new Map<string, string>();
    for (const { owner } of await this.owners()) {
      const { manifest, placement } = parse(owner);
      placements.set(manifest, placement);
    }
    this.#placements = placements;
  }

  has(manifest: string, placement: string): boolean {
    return this.#placements?.get(manifest) === placement;
  }

  async add(manifest: string, placement: string): Promise<void> {
    // In this order a removal that comes meanwhile finds it, and its write follows this one.
    this.#placements?.set(manifest, placement);
    await this.#store.own(manifest, owner(manifest, placement));
  }

  /** To be called before anything of an asset changes here. */
  async remove(manifest: string): Promise<void> {
    const placement = this.#placements?.get(manifest);
    if (placement === undefined) return;
    this.#placements?.delete(manifest);
    await this.#store.release(owner(manifest, placement));
  }

  /** The owners that stand for this in the store. */
  async owners(): Promise<{ owner: string }[]> {
    return [...(await this.#store.owners(WHOLE)), ...(await this.#store.owners(SHARE))];
  }

  /** The manifest that such an owner is about. */
  static manifestIn(owner: string): string {
    return parse(owner).manifest;
  }
}

function owner(manifest: string, placement: string): string {
  return placement === EVERYWHERE ? `${WHOLE}${manifest}` : `${SHARE}${placement}:${manifest}`;
}

function parse(owner: string): { manifest: string; placement: string } {
  if (owner.startsWith(WHOLE)) return { manifest: owner.slice(WHOLE.length), placement: EVERYWHERE };
  const [, placement = "", manifest = ""] = owner.split(":");
  return { manifest, placement };
}
