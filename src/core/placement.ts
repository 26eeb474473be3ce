/**
 * Which nodes hold which blob of a finished asset. Up to five nodes: all hold everything. Above, each blob is held by
 * the nodes that weigh most for it (highest random weight, or rendezvous, hashing: Thaler and Ravishankar, "Using
 * name-based mappings to increase hit rates", IEEE/ACM Transactions on Networking 6(1), 1998). A node that goes gives
 * only its own blobs to others, and one that comes takes only its own share.
 *
 * Which nodes there are is a fact of the mesh log, so that all nodes place alike (docs/adr/0009-placement.md).
 */

import { mix } from "./mix.js";

/** So many nodes hold everything. */
export const EVERYWHERE_UP_TO = 5;

/** As the mesh log names it. */
export interface Placement {
  /** Copies of each blob. */
  replicas: number;
  /** Ids of the nodes, in ascending order. */
  nodes: string[];
}

export interface Places {
  /** Tells one placement from another: equal placements have equal names. */
  readonly name: string;
  /** True: every node holds everything; then the nodes need not be known. */
  readonly everywhere: boolean;
  /** Ids of the nodes that hold a blob, the heaviest first; of all nodes that are known where all do. */
  of(sha256: string): string[];
  /** Whether a node is one of them. */
  isOn(sha256: string, node: string): boolean;
}

/** `null`: the log has never named the nodes, since there were few. */
export function places(placement: Placement | null): Places {
  const { nodes, replicas } = placement ?? { nodes: [], replicas: 0 };
  if (placement === null || nodes.length <= EVERYWHERE_UP_TO || replicas >= nodes.length) {
    return { name: "everywhere", everywhere: true, of: () => nodes, isOn: () => true };
  }
  const seeds = new Map(nodes.map((node) => [node, hash(node)]));
  return {
    name: `${replicas}-${seedName(nodes)}`,
    everywhere: false,
    of: (sha256) => byWeight(sha256, seeds).slice(0, replicas),
    isOn(sha256, node) {
      const seed = seeds.get(node);
      if (seed === undefined) return false;
      const own = weigh(seed, sha256);
      let heavier = 0;
      for (const [other, otherSeed] of seeds) {
        const weight = weigh(otherSeed, sha256);
        if (weight > own || (weight === own && other < node)) heavier += 1;
        if (heavier >= replicas) return false;
      }
      return true;
    },
  };
}

/** All of these nodes in the order of their weights for a blob. */
export function heaviestFirst(sha256: string, nodes: Iterable<string>): string[] {
  return byWeight(sha256, new Map([...nodes].map((node) => [node, hash(node)])));
}

function byWeight(sha256: string, seeds: Map<string, number>): string[] {
  const weighed = [...seeds].map(([node, seed]) => ({ node, weight: weigh(seed, sha256) }));
  weighed.sort((a, b) => b.weight - a.weight || (a.node < b.node ? -1 : 1));
  return weighed.map(({ node }) => node);
}

/** How many copies each blob should have, among so many nodes. */
export function copiesWanted(replicas: number, nodes: number): number {
  return Math.min(replicas, nodes);
}

/** A node's weight for a blob: 32 bits that look random, from the first 64 bits of the blob's hash. */
function weigh(seed: number, sha256: string): number {
  const high = Number.parseInt(sha256.slice(0, 8), 16);
  const low = Number.parseInt(sha256.slice(8, 16), 16);
  return mix(mix(seed ^ high) ^ low);
}

/** Two words over all nodes. */
function seedName(nodes: string[]): string {
  const text = nodes.join("\n");
  return [hash(text), hash(`${text}\n`)].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** FNV-1a over the UTF-16 code units, mixed: 32 bits. */
function hash(text: string): number {
  let word = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) word = Math.imul(word ^ text.charCodeAt(index), 0x01000193);
  return mix(word);
}
