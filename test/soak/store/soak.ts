/** What the parts of the store's soak share: five nodes, chance from one seed, the assets that there are, what was done. */
import { createHash } from "node:crypto";
import { copyFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { NodeStatus__Output as NodeStatus } from "../../../src/gen/reelmesh/v1/NodeStatus.js";
import { meshCredentials } from "../../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../../src/node/grpc/client.js";
import { services } from "../../../src/node/proto.js";
import { Random } from "../../simulator/random.js";
import { type ClockShift, clockShift } from "../../support/clock-shift.js";
import { coreSettles, startMesh, stopMesh } from "../../support/mesh.js";
import type { TestNode } from "../../support/node.js";
import { Story } from "../../support/story.js";
import type { Made } from "./made.js";

const NODES = 5;
const STATUS_MS = 10_000;
const START_MS = 120_000;
const TOLD_WAIT_MS = 5_000;
/** Each blob is compared with its name all the time, at a rate that costs little. */
const SCRUB = ["--scrub-rate", "1", "--scrub-every", "0"];
/** Troubles that are told; more of the same kind tell nothing more. */
const MOST_TROUBLES = 20;

export class Soak {
  readonly seed: number;
  readonly nodes: TestNode[];
  /** Never killed: what its process holds at the end is compared with what it held at the beginning. */
  readonly witness: TestNode;
  readonly story: Story;
  readonly clients: PeerClients = createPeerClients(meshCredentials().grpcChannel);
  readonly shift: ClockShift;
  /** Finished assets that nobody has asked to remove, by name. */
  readonly live = new Map<string, Made>();
  /** When the removal of an asset was acknowledged, by its name: milliseconds of the steady clock. */
  readonly removed = new Map<string, number>();
  /** How often what was done. */
  readonly counts = new Map<string, number>();
  readonly troubles: string[] = [];
  /** How long those viewers waited who had to ask again, in milliseconds. */
  readonly waits: number[] = [];
  /** Since when nodes have been up, by the steady clock. */
  readonly #upSince = new Map<TestNode, number>();
  readonly #stopped = new AbortController();
  readonly #begun = performance.now();

  private constructor(seed: number, nodes: TestNode[], story: Story, shift: ClockShift) {
    this.seed = seed;
    this.nodes = nodes;
    this.story = story;
    this.shift = shift;
    this.witness = this.chance("witness").pick(nodes);
  }

  static async open(seed: number): Promise<Soak> {
    const story = new Story();
    const shift = await clockShift();
    const nodes = await startMesh(NODES, () => ({ story, until: "run", words: SCRUB, env: shift.env }));
    const soak = new Soak(seed, nodes, story, shift);
    try {
      await coreSettles(() => soak.living());
      return soak;
    } catch (error) {
      await soak.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.stop();
    this.clients.close();
    await stopMesh(this.nodes);
  }

  /** Keeps what the nodes logged, for whoever looks into a failure. */
  async keepLogs(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), `reelmesh-soak-${this.seed}-`));
    for (const { data, name } of this.nodes) await copyFile(join(data, "node.log"), join(folder, `${name}.log`));
    console.log(`      the logs of the nodes are in ${folder}`);
  }

  /** Chance of its own for each who decides, so that how long others take changes nothing of what is drawn. */
  chance(who: string): Random {
    return new Random(createHash("sha256").update(`${this.seed} ${who}`).digest().readUInt32LE());
  }

  /** Nothing new is begun from here on. */
  stop(): void {
    this.#stopped.abort();
  }

  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Waits, but not beyond the end. */
  async pause(seconds: number): Promise<void> {
    await delay(seconds * 1000, undefined, { signal: this.signal }).catch(() => undefined);
  }

  /** Does something again and again until the end; what it throws is trouble. */
  async repeat(what: string, act: () => Promise<void>): Promise<void> {
    while (!this.signal.aborted) await act().catch((error: unknown) => this.trouble(`${what}: ${error}`));
  }

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  /** Since it began. */
  get minutes(): string {
    return ((performance.now() - this.#begun) / 60_000).toFixed(2);
  }

  /** What must not be; the soak goes on, and fails at its end. */
  trouble(what: string): void {
    const { length } = this.troubles;
    if (length > MOST_TROUBLES) return;
    this.troubles.push(length === MOST_TROUBLES ? "and more" : `${this.minutes} min: ${what}`);
    console.log(`      TROUBLE ${this.troubles.at(-1)}`);
  }

  /** A viewer of a file had to ask again for so long. */
  waited(ms: number, url: string): void {
    this.waits.push(ms);
    if (ms >= TOLD_WAIT_MS)
      console.log(`      ${this.minutes} min: ${(ms / 1000).toFixed(1)} s until ${url} was there`);
  }

  /** Those whose process runs and has said that it is ready. */
  get up(): TestNode[] {
    return this.nodes.filter(({ ready }) => ready);
  }

  /** Any that is up; `draw` from 0 to 1 picks one. */
  living(draw = 0): TestNode {
    const { up } = this;
    const node = up[Math.floor(draw * up.length)];
    if (node === undefined) throw new Error("no node is up");
    return node;
  }

  /** Starts a node again; one that is not ready in time never will be. */
  async start(node: TestNode): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const problem = `${node.name} is not ready ${START_MS / 1000} s after its start`;
      timer = setTimeout(() => reject(new Error(problem)), START_MS);
    });
    await Promise.race([node.up(), late]).finally(() => clearTimeout(timer));
    this.#upSince.set(node, performance.now());
  }

  upSince(node: TestNode): number {
    return this.#upSince.get(node) ?? this.#begun;
  }

  status(node: TestNode): Promise<NodeStatus> {
    return this.clients.call(node.grpc, services.Node.GetStatus, {}, { deadlineMs: STATUS_MS });
  }
}
