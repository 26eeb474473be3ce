/** A row of FAULTS.md as a play: it opens its own scene, does what the row says, and checks the row's letters. */

import { canMakeNetworks } from "../support/network.js";
import { canMount } from "../support/small-disk.js";

export interface Row {
  number: number;
  title: string;
  /** Needs machines with a network of their own: test/support/network.ts. */
  machines?: boolean;
  /** Needs file systems of its own: test/support/small-disk.ts. */
  mounts?: boolean;
  /** `full`: with the row's own durations; otherwise with ones that are only just as long as what they test. */
  play(full: boolean): Promise<void>;
}

/** Why the row cannot be played by this process; empty when it can. */
export function obstacle({ machines, mounts }: Row): string {
  if (machines && !canMakeNetworks) {
    return "it cuts machines off from each other, and network namespaces can be made by root only";
  }
  return mounts && !canMount ? "it fills a disk, and file systems can be mounted by root only" : "";
}

export function titleOf({ number, title }: Row): string {
  return `${number}. ${title}`;
}
