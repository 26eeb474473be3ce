/** The NATS servers of a scene's mesh: who runs them, who leads the log's stream, and what the log was given. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "nats";
import { PRIORITY } from "../../src/core/options.js";
import type { NodeStatus__Output as NodeStatus } from "../../src/gen/reelmesh/v1/NodeStatus.js";
import { CORE_SIZE } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { until } from "../support/until.js";
import type { Scene, TestJob } from "./scene.js";

const WHOLE_MS = 90_000;
/** Facts that are written as fast as they are acknowledged; the further ones keep the log below a snapshot's thousand. */
const SWIFT_WRITES = 400;
const SLOW_WRITE_MS = 500;

export interface Core {
  members: TestNode[];
  /** The member whose server leads the log's stream. */
  leader: TestNode;
  /** By the member's name, the URL of its server. */
  urls: Map<string, string>;
}

/** The core, once it has three servers that are level. */
export function wholeCore(scene: Scene, through = scene.living()): Promise<Core> {
  const look = async () => coreOf(scene, await scene.status(through).catch(() => undefined));
  return until(look, "a core of three servers that are level", WHOLE_MS);
}

function coreOf(scene: Scene, status: NodeStatus | undefined): Core | undefined {
  const { slots = [], replicas = [], streamLeader = "" } = status?.core ?? {};
  const level = replicas.filter(({ current, lag }) => current && lag === 0).length;
  const up = slots.filter(({ state }) => state === "up").length;
  if (up !== CORE_SIZE || level !== CORE_SIZE) return undefined;
  const leads = slots.find(({ slot }) => `core-${slot}` === streamLeader);
  if (leads === undefined) return undefined;
  const urls = new Map(slots.map(({ nodeName, client }) => [nodeName, `nats://${client}`]));
  return { members: slots.map(({ nodeName }) => scene.node(nodeName)), leader: scene.node(leads.nodeName), urls };
}

/** Has the log's stream be led by that member again. A leader that steps down leaves the choice to the others. */
export async function leadAgain(scene: Scene, wanted: TestNode): Promise<void> {
  const step = async () => {
    const core = await wholeCore(scene);
    if (core.leader === wanted) return true;
    const connection = await connect({ servers: [core.urls.get(core.leader.name) ?? ""], timeout: 5_000 });
    try {
      await connection.request("$JS.API.STREAM.LEADER.STEPDOWN.REELMESH_LOG", "", { timeout: 5_000 });
    } finally {
      await connection.close();
    }
    return undefined;
  };
  await until(step, `${wanted.name} leads the stream again`, WHOLE_MS);
}

/** Facts that are put into the log one after the other: priorities of one job. */
export class Writes {
  readonly acknowledged: number[] = [];
  readonly #scene: Scene;
  readonly #job: TestJob;
  readonly #through: TestNode;
  #next = PRIORITY.least;
  #stopped = false;
  #running: Promise<void> | undefined;

  /** The job must not end meanwhile. */
  constructor(scene: Scene, job: TestJob, through: TestNode) {
    this.#scene = scene;
    this.#job = job;
    this.#through = through;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** So many more of them. */
  async add(count: number): Promise<void> {
    for (let write = 0; write < count; write++) await this.#write();
  }

  async #run(): Promise<void> {
    // One that fails was not acknowledged; what follows is tried all the same.
    while (!this.#stopped) {
      await this.#write().catch(() => {});
      if (this.acknowledged.length >= SWIFT_WRITES) await delay(SLOW_WRITE_MS);
    }
  }

  async #write(): Promise<void> {
    const priority = this.#next;
    this.#next = priority === PRIORITY.most ? PRIORITY.least : priority + 1;
    await this.#scene.prioritise(this.#job, priority, this.#through);
    this.acknowledged.push(priority);
  }

  /** Until as many more are acknowledged. */
  async more(count: number, ms: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    const enough = async () => (this.acknowledged.length >= wanted ? true : undefined);
    await until(enough, `${count} more facts are acknowledged`, ms);
  }

  /** Nothing acknowledged is missing from the log, and all is in its order. */
  async areIn(servers: string[]): Promise<void> {
    const rows = await this.#scene.ledger(servers);
    const written = rows.flatMap(({ entry }) => {
      return entry.kind === "jobAdjusted" && entry.jobAdjusted.job === this.#job.id ? [entry.jobAdjusted.priority] : [];
    });
    let place = 0;
    for (const [index, priority] of this.acknowledged.entries()) {
      const found = written.indexOf(priority, place);
      const lack = `the log, of ${rows[0]?.sequence} to ${rows.at(-1)?.sequence}, lacks acknowledged fact`;
      assert.notEqual(found, -1, `${lack} ${index + 1} of ${this.acknowledged.length}`);
      place = found + 1;
    }
  }
}
