/** How many copies the files of an asset have, from what the nodes say. */
import { copiesWanted, type Places } from "./placement.js";

/** What a node says of an asset: it holds exactly what is placed on it, or these of its blobs. */
export type Said = "settled" | { has(index: number): boolean };

export interface CopyCount {
  /** Copies that each file should have. */
  wanted: number;
  /** Copies of the file that has the fewest. */
  copies: number;
  /** Files that have fewer than they should. */
  lacking: number;
}

/** `blobs`: SHA-256 of each, in the order that the answers go by. Nodes that do not answer say nothing. */
export function countCopies(blobs: string[], places: Places, said: Map<string, Said>, wanted: number): CopyCount {
  let [copies, lacking] = [Number.POSITIVE_INFINITY, 0];
  for (const [index, sha256] of blobs.entries()) {
    let held = 0;
    for (const [node, one] of said) {
      if (one === "settled" ? places.isOn(sha256, node) : one.has(index)) held += 1;
    }
    copies = Math.min(copies, held);
    if (held < wanted) lacking += 1;
  }
  return { wanted, copies: Number.isFinite(copies) ? copies : wanted, lacking };
}

/**
 * The count where it does not take the blobs to know it: every node of the placement has settled, or so many hold
 * everything as copies are asked for. Undefined: it does.
 */
export function countSettled(
  settled: number,
  nodes: number,
  replicas: number,
  { everywhere }: Places,
): CopyCount | undefined {
  const wanted = copiesWanted(replicas, nodes);
  if (everywhere) return settled >= wanted ? { wanted, copies: settled, lacking: 0 } : undefined;
  return settled === nodes ? { wanted, copies: wanted, lacking: 0 } : undefined;
}
