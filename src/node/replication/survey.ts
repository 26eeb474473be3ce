/** Asks all nodes what they hold, and counts the copies of every finished asset. One survey serves all who ask at once. */
import { blobsInOrder } from "../../core/asset-order.js";
import { type CopyCount, countCopies, countSettled, type Said } from "../../core/copy-count.js";
import type { JobRecord } from "../../core/job-record.js";
import type { MeshState } from "../../core/mesh-state.js";
import { copiesWanted } from "../../core/placement.js";
import type { Clock } from "../../core/ports.js";
import type { AssetSource } from "./asset-source.js";
import type { Unsettled } from "./holdings.js";

/** A survey is good for so long, in milliseconds. */
const FRESH_MS = 2_000;
/** Nodes that are asked at once. */
const WIDTH = 32;

interface Components {
  self: string;
  mesh: MeshState;
  source: AssetSource;
  own(): Promise<Unsettled>;
  /** Asks another node; it fails when that one is away. */
  ask(node: string): Promise<Unsettled>;
  /** The nodes that hold everything while the log names none, and the copies that are asked for then. */
  known(): { nodes: string[]; replicas: number };
  clock: Pick<Clock, "now">;
}

export interface Survey {
  /** Copies that each file should have. */
  wanted: number;
  /** Ids of the nodes on which blobs are placed. */
  nodes: string[];
  /** Ids of those that did not answer. */
  silent: string[];
  /** By asset. */
  counts: Map<string, CopyCount>;
}

export class Surveyor {
  readonly #components: Components;
  #last: { at: number; survey: Promise<Survey> } | undefined;

  constructor(components: Components) {
    this.#components = components;
  }

  /** What is known now, or was a moment ago. */
  survey(): Promise<Survey> {
    const now = this.#components.clock.now();
    if (this.#last === undefined || now - this.#last.at > FRESH_MS) this.#last = { at: now, survey: this.#go() };
    return this.#last.survey;
  }

  async #go(): Promise<Survey> {
    const { mesh, source, known } = this.#components;
    const { nodes, replicas } = mesh.placement ?? known();
    const answers = await this.#ask(nodes);
    const silent = nodes.filter((node) => !answers.has(node));
    const counts = new Map<string, CopyCount>();
    for (const [asset, id] of mesh.assets) {
      const job = mesh.jobs.get(id);
      if (job === undefined) continue;
      const unsettled = [...answers.values()].filter((rows) => rows.has(asset)).length;
      const quick = countSettled(answers.size - unsettled, nodes.length, replicas, source.places);
      counts.set(asset, quick ?? (await this.#count(job, answers, copiesWanted(replicas, nodes.length))));
    }
    return { wanted: copiesWanted(replicas, nodes.length), nodes, silent, counts };
  }

  /** By node that answered under this node's placement, what it holds of unsettled assets. */
  async #ask(nodes: string[]): Promise<Map<string, Map<string, Uint8Array>>> {
    const { self, own, ask, source } = this.#components;
    const { name } = source.places;
    const answers = new Map<string, Map<string, Uint8Array>>();
    const next = nodes[Symbol.iterator]();
    const asker = async () => {
      for (const node of next) {
        const answer = await (node === self ? own() : ask(node)).catch(() => undefined);
        if (answer?.placement !== name) continue;
        answers.set(node, new Map(answer.assets.map(({ asset, held }) => [asset, held])));
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, asker));
    return answers;
  }

  async #count(job: JobRecord, answers: Map<string, Map<string, Uint8Array>>, wanted: number): Promise<CopyCount> {
    const { source } = this.#components;
    const manifest = await source.manifest(job).catch(() => undefined);
    if (manifest === undefined) return { wanted, copies: 0, lacking: job.package?.files ?? 0 };
    const said = new Map<string, Said>();
    for (const [node, rows] of answers) {
      const held = rows.get(job.asset);
      const has = (index: number) => ((held?.[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
      said.set(node, held === undefined ? "settled" : { has });
    }
    const blobs = blobsInOrder(manifest).map(({ sha256 }) => sha256);
    return countCopies(blobs, source.places, said, wanted);
  }
}
