/**
 * One simulated node: slots and a light lane that claim, wait as long as the work takes and complete, one renewal for all
 * of its leases, and results as a node would give them.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { BlobReference, TaskResult } from "../../src/core/work.js";
import type { Lease__Output } from "../../src/gen/reelmesh/v1/Lease.js";
import { services } from "../../src/node/proto.js";
import type { LeanClient } from "./lean-client.js";

const CLAIM_WAIT_MS = 25_000;
const RETRY_MS = 500;
const FIRST_RENEWAL_MS = 5_000;
/** Planning, packaging and audio take this long. */
const LIGHT_MS = 500;
const FRAMES = 240;
const RENDITIONS = ["1080p", "720p", "480p"];

interface Components {
  id: string;
  client: LeanClient;
  slots: number;
  /** Seconds that a chunk takes. */
  seconds: number;
  /** Chunks of the usual job. */
  chunks: number;
  /** A slot's claim was answered with a lease after so many milliseconds. */
  claimed(ms: number): void;
  completed(): void;
  failed(what: string): void;
}

interface Running {
  lease: Lease__Output;
  startedAt: number;
  took: number;
}

export class SimulatedNode {
  readonly #parts: Components;
  readonly #running = new Map<string, Running>();
  readonly #result: { [kind: string]: TaskResult };
  busy = 0;

  constructor(parts: Components) {
    this.#parts = parts;
    this.#result = {
      chunk: encoded(parts.id, FRAMES, RENDITIONS),
      audio: encoded(parts.id, 0, ["audio"]),
      package: {
        kind: "package",
        package: { manifest: blob(parts.id), files: 100, bytes: 50_000_000, holders: [parts.id] },
      },
    };
  }

  start(): void {
    for (let slot = 0; slot < this.#parts.slots; slot++) void this.#lane(false);
    void this.#lane(true);
    void this.#renew();
  }

  async #lane(light: boolean): Promise<never> {
    for (;;) {
      const lease = await this.#claim(light);
      if (lease === null) continue;
      const running = { lease, startedAt: performance.now(), took: this.#takes(lease) };
      this.#running.set(lease.id, running);
      if (!light) this.busy++;
      await delay(running.took);
      if (!light) this.busy--;
      if (this.#running.has(lease.id)) void this.#complete(running);
    }
  }

  /** A slot's claim is measured from asking to the answer; the light lane mostly waits for work that is not there. */
  async #claim(light: boolean): Promise<Lease__Output | null> {
    const { id: nodeId, client, claimed, failed } = this.#parts;
    const asked = performance.now();
    try {
      const { lease } = await client.call(services.Coordinator.Claim, { nodeId, waitMs: CLAIM_WAIT_MS, light });
      if (lease !== null && !light) claimed(performance.now() - asked);
      return lease;
    } catch (error) {
      failed(`claim: ${reasonOf(error)}`);
      await delay(RETRY_MS);
      return null;
    }
  }

  #takes({ task }: Lease__Output): number {
    const isChunk = task?.kind === "encode" && !task.name.startsWith("audio");
    return isChunk ? this.#parts.seconds * 1_000 * (0.8 + 0.4 * Math.random()) : LIGHT_MS;
  }

  async #complete({ lease }: Running): Promise<void> {
    const { id: nodeId, client, completed, failed } = this.#parts;
    const { job = "", name: task = "" } = lease.task ?? {};
    const request = { lease: lease.id, nodeId, job, task, result: this.#resultOf(lease) };
    while (this.#running.has(lease.id)) {
      try {
        const { accepted } = await client.call(services.Coordinator.Complete, request);
        if (accepted) completed();
        this.#running.delete(lease.id);
      } catch (error) {
        const reason = reasonOf(error);
        failed(`complete: ${reason}`);
        // The job has ended.
        if (reason.startsWith("5:")) this.#running.delete(lease.id);
        await delay(RETRY_MS);
      }
    }
  }

  #resultOf({ task }: Lease__Output): TaskResult {
    if (task?.kind === "plan") return plan(this.#parts.id, task.job, lengthOf(task.job, this.#parts.chunks));
    const kind = task?.kind === "package" ? "package" : task?.name.startsWith("audio") ? "audio" : "chunk";
    const result = this.#result[kind] as TaskResult;
    if (result.kind !== "encode") return result;
    return {
      kind: "encode",
      encode: { ...result.encode, listing: blob(`${task?.job} ${task?.name} ${this.#parts.id}`) },
    };
  }

  async #renew(): Promise<never> {
    const { id: nodeId, client, failed } = this.#parts;
    for (let wait = FIRST_RENEWAL_MS * Math.random(); ; ) {
      await delay(wait);
      const leases = [...this.#running.values()].map((running) => this.#progressOf(running));
      wait = FIRST_RENEWAL_MS;
      if (leases.length === 0) continue;
      try {
        const answer = await client.call(services.Coordinator.RenewLeases, { nodeId, leases });
        for (const lease of answer.unwanted) this.#running.delete(lease);
        wait = answer.renewAfterMs;
      } catch (error) {
        failed(`renew: ${reasonOf(error)}`);
        wait = RETRY_MS;
      }
    }
  }

  #progressOf({ lease, startedAt, took }: Running) {
    const { job = "", name: task = "" } = lease.task ?? {};
    const done = Math.min(1, (performance.now() - startedAt) / took);
    const progress = Math.round(FRAMES * done);
    return { lease: lease.id, job, task, attempt: lease.attempt, progress, speed: (1000 * FRAMES) / took };
  }
}

/** Without what differs from one to the next. */
function reasonOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replace(/[0-9a-f-]{36}|node-\d+|chunk-\d+/g, "*");
}

function encoded(id: string, frames: number, renditions: string[]): TaskResult {
  const inits = renditions.map((rendition) => ({ rendition, sha256: blob(rendition).sha256 }));
  const rest = { holders: [id], proof: null, plan: "", notes: [] };
  return { kind: "encode", encode: { listing: null, frames, inits, bytes: 5_000_000, ...rest } };
}

/** Chunks of a job, a fifth to nine fifths of the usual: jobs of one length would all end at the same moment. */
function lengthOf(job: string, usual: number): number {
  const random = createHash("sha256").update(job).digest().readUInt16BE() / 65_536;
  return Math.ceil(usual * (0.2 + 1.6 * random));
}

function plan(id: string, job: string, chunks: number): TaskResult {
  const tasks = Array.from({ length: chunks }, (_, index) => ({
    name: `chunk-${String(index + 1).padStart(6, "0")}`,
    frames: FRAMES,
    seconds: 10,
    encoder: "",
    renditions: RENDITIONS,
    awaited: true,
  }));
  const sound = { name: "audio-1", frames: 0, seconds: 10 * chunks, encoder: "", renditions: [], awaited: true };
  tasks.splice(1, 0, sound);
  const totals = { frames: FRAMES * chunks, seconds: 10 * chunks, renditions: RENDITIONS, notes: [] };
  return { kind: "plan", plan: { plan: blob(job), holders: [id], tasks, ...totals } };
}

function blob(name: string): BlobReference {
  return { sha256: createHash("sha256").update(name).digest("hex"), bytes: 1_000 };
}
