/** A mesh of real nodes on which a row of FAULTS.md is played: jobs that last as long as the row needs, and who does what. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MeshState } from "../../src/core/mesh-state.js";
import type { BlobReference } from "../../src/core/work.js";
import type { Job__Output as Job } from "../../src/gen/reelmesh/v1/Job.js";
import type { NodeStatus__Output as NodeStatus } from "../../src/gen/reelmesh/v1/NodeStatus.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { services } from "../../src/node/proto.js";
import { type FfmpegWrapper, wrapFfmpeg } from "../support/ffmpeg-wrapper.js";
import { makeMarkedClip } from "../support/marked-clip.js";
import { CORE_SIZE, coreSettles, reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import { serverSight } from "../support/nats.js";
import type { NodeOptions, TestNode } from "../support/node.js";
import { type NodeProxies, nodeProxies } from "../support/node-proxies.js";
import { Story, type Told } from "../support/story.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { foldLedger, type LedgerRow, readLedger } from "./ledger.js";

/** Seven chunks of about 21 s each. */
const CLIP_SECONDS = 150;
/** Few, so that encoding takes its time by the clock and little of a processor: lanes play beside each other. */
const CLIP_RATE = 10;
export const CLIP_FRAMES = CLIP_SECONDS * CLIP_RATE;
/** Seconds of media in a chunk, its overlaps included. */
const CHUNK_MEDIA_SECONDS = 24;
const LADDER = "90";
/** Few files: what a node does for each of them is most of what a row costs. */
const SEGMENT_SECONDS = "8";
const STATUS_MS = 30_000;
/** A log whose servers elect a leader cannot be read meanwhile. */
const READ_MS = 60_000;

export interface TestJob {
  id: string;
  asset: string;
  submittedAt: number;
}

export interface SceneOptions {
  nodes: number;
  /** Seconds that the encoding of a chunk lasts. */
  chunkSeconds: number;
  /** What one of the nodes is given besides. */
  node?: (index: number) => Partial<NodeOptions>;
  /** What else every encode of video meets: see test/support/ffmpeg-wrapper.ts. */
  twist?: string;
  /** Each node is reached through proxies only, by itself as well. */
  proxied?: boolean;
}

let clip: Promise<string> | undefined;

/**
 * The one clip of the run; call it in a `before`, so that it outlives the tests. Whoever starts a process for each row
 * gives it in REELMESH_CHAOS_CLIP.
 */
export function theClip(): Promise<string> {
  clip ??= (async () => {
    const given = process.env["REELMESH_CHAOS_CLIP"];
    if (given !== undefined) return given;
    const file = join(await temporaryFolder("run"), "marked.mp4");
    await makeMarkedClip(file, CLIP_SECONDS, CLIP_RATE);
    return file;
  })();
  return clip;
}

function paceOf(chunkSeconds: number): number {
  return CHUNK_MEDIA_SECONDS / chunkSeconds;
}

export class Scene {
  readonly story: Story;
  readonly nodes: TestNode[];
  readonly ffmpeg: FfmpegWrapper;
  /** Every entry of the mesh log that was ever read here, by its id. */
  readonly entries = new Map<string, LedgerRow>();
  /** By the node's name, when the scene is proxied. */
  readonly proxies: Map<string, NodeProxies>;
  readonly #clients: PeerClients = createPeerClients(meshCredentials().grpcChannel);
  /** The core's addresses for clients, once it has three servers. */
  #core: string[] = [];

  private constructor(story: Story, nodes: TestNode[], ffmpeg: FfmpegWrapper, proxies: Map<string, NodeProxies>) {
    this.story = story;
    this.nodes = nodes;
    this.ffmpeg = ffmpeg;
    this.proxies = proxies;
  }

  static async open({ nodes: size, chunkSeconds, node, twist, proxied }: SceneOptions): Promise<Scene> {
    const story = new Story();
    const ffmpeg = await wrapFfmpeg(paceOf(chunkSeconds), twist);
    const proxies = new Map<string, NodeProxies>();
    const options = async (index: number): Promise<Partial<NodeOptions>> => {
      const { env = {}, words = [], ...given } = node?.(index) ?? {};
      const behind = proxied ? await nodeProxies(index) : undefined;
      if (behind !== undefined) proxies.set(`n${index + 1}`, behind);
      const where = behind?.where ?? {};
      const advertised = behind?.words ?? [];
      return {
        story,
        until: "run",
        ...where,
        ...given,
        words: [...advertised, ...words],
        env: { ...ffmpeg.env, ...env },
      };
    };
    const scene = new Scene(story, [], ffmpeg, proxies);
    try {
      scene.nodes.push(...(await startMesh(size, options)));
      await scene.settled();
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  /** Waits until somebody leads and, from three nodes on, until the mesh has moved to three NATS servers, and each has the whole log. */
  async settled(): Promise<void> {
    await this.story.next("term started", () => true, 0);
    if (this.nodes.length < CORE_SIZE) return;
    const core = await coreSettles(() => this.living()).catch((cause: unknown) => {
      throw new Error(`the core has not settled\n${this.story.end()}`, { cause });
    });
    this.#core = core.slots.map(({ client }) => `nats://${client}`);
    // The move ends a term.
    await until(async () => this.#isLed() || undefined, "somebody leads on the new core");
  }

  /** Seconds that the encoding of a chunk lasts, for those that begin from now on. */
  pace(chunkSeconds: number): Promise<void> {
    return this.ffmpeg.pace(paceOf(chunkSeconds));
  }

  status(node: TestNode): Promise<NodeStatus> {
    return this.#clients.call(node.grpc, services.Node.GetStatus, {}, { deadlineMs: STATUS_MS });
  }

  async close(): Promise<void> {
    this.#clients.close();
    for (const one of this.proxies.values()) one.set({ delayMs: 0, resetOneIn: 0, holdReplies: false });
    try {
      await stopMesh(this.nodes);
    } finally {
      for (const one of this.proxies.values()) await one.stop();
    }
  }

  proxiesOf(node: TestNode): NodeProxies {
    const found = this.proxies.get(node.name);
    assert.ok(found, `${node.name} has no proxies`);
    return found;
  }

  node(name: string): TestNode {
    const found = this.nodes.find((one) => one.name === name);
    assert.ok(found, `no node ${name}`);
    return found;
  }

  /** A node that runs, other than those named. */
  living(...except: TestNode[]): TestNode {
    const found = this.nodes.find((one) => one.alive && !except.includes(one));
    assert.ok(found, "no node is alive");
    return found;
  }

  /** The node of the newest term. */
  coordinator(): TestNode {
    const newest = this.#newestTerm();
    assert.ok(newest, "no term has started");
    return this.node(newest.node);
  }

  #newestTerm(): Told | undefined {
    return this.story.told("term started").reduce<Told | undefined>((best, one) => {
      return best === undefined || termOf(one) > termOf(best) ? one : best;
    }, undefined);
  }

  #isLed(): boolean {
    const newest = this.#newestTerm();
    return newest !== undefined && !this.story.told("term ended").some((one) => termOf(one) === termOf(newest));
  }

  async submit(through = this.living(), ladder = LADDER): Promise<TestJob> {
    const submittedAt = performance.now();
    const quick = ["--preset", "ultrafast", "--ladder", ladder, "--crf", "40", "--segment", SEGMENT_SECONDS];
    const asked = ["submit", await theClip(), "--json", "--node", through.grpc, ...quick];
    const { code, stdout, stderr } = await reelmesh(...asked);
    assert.equal(code, 0, stderr);
    const { job, asset } = JSON.parse(stdout) as { job: string; asset: string };
    return { id: job, asset, submittedAt };
  }

  async view(job: TestJob, through = this.living()): Promise<Job> {
    const { code, stdout, stderr } = await reelmesh("job", job.id, "--json", "--node", through.grpc);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Job;
  }

  /** Gives a job another priority; resolves when that is acknowledged. */
  async prioritise({ id }: TestJob, priority: number, through: TestNode): Promise<void> {
    const request = { job: id, change: "priority", priority, forwarded: false } as const;
    await this.#clients.call(through.grpc, services.Jobs.Adjust, request, { deadlineMs: 20_000 });
  }

  /** Has a node pull blobs from those that hold them, as for a second copy. */
  async hold(at: TestNode, blob: BlobReference, { id }: TestJob, holders: TestNode[]): Promise<void> {
    const request = { blobs: [blob], job: id, holders: holders.map((node) => node.id) };
    await this.#clients.call(at.grpc, services.Node.Hold, request, { deadlineMs: 60_000 });
  }

  /** The grant of a task to a node that fits, once there is one. */
  grant(job: TestJob, task: string, fits: (node: TestNode) => boolean, since: number, withinMs: number): Promise<Told> {
    const isIt = ({ details }: Told) => {
      if (details["job"] !== job.id || details["task"] !== task) return false;
      const node = this.nodes.find((one) => one.id === details["node"]);
      return node !== undefined && fits(node);
    };
    return this.story.next("task granted", isIt, since, withinMs);
  }

  /** Waits for the end of any chunk's encoding. */
  async chunkDone(since = 0): Promise<void> {
    await this.story.next("task done", ({ details }) => isChunk(details["task"]), since);
  }

  /** Waits until a fitting node is in the middle of encoding a chunk of the job, and tells which node and chunk. */
  async untilEncoding(
    job: TestJob,
    fits: (node: TestNode) => boolean = () => true,
    through = this.living(),
  ): Promise<{ node: TestNode; task: string }> {
    const request = { job: job.id, forwarded: false };
    const options = { deadlineMs: 120_000 };
    for await (const view of this.#clients.stream(through.grpc, services.Jobs.Watch, request, options)) {
      assert.equal(view.endedMs, 0, `job ended before it was seen running: ${view.state} ${view.reason}`);
      for (const name of view.nodes) {
        const node = this.node(name);
        if (!fits(node) || (await node.ffmpegs()).length === 0) continue;
        const task = this.chunkAt(job, node);
        if (task !== undefined) return { node, task };
      }
    }
    throw new Error("the watch ended");
  }

  /** The chunk that was granted to a node last and is not done there. */
  chunkAt(job: TestJob, node: TestNode): string | undefined {
    const granted = this.story.told("task granted").filter(({ details }) => {
      return details["job"] === job.id && details["node"] === node.id && isChunk(details["task"]);
    });
    const last = granted.at(-1);
    const ended = this.#ends(job, node).filter(({ at }) => last !== undefined && at >= last.at);
    const over = ended.some((one) => one.details["task"] === last?.details["task"]);
    return over ? undefined : (last?.details["task"] as string | undefined);
  }

  /** What the node, or the coordinator on it, told of the ends of the job's tasks. Other jobs have tasks of the same names. */
  #ends({ id }: TestJob, { name }: TestNode): Told[] {
    const ended = ["task done", "task failed"].flatMap((event) => this.story.told(event));
    return ended.filter(({ node, details }) => node === name && details["job"] === id);
  }

  /** The chunks that were granted to a node and are not acknowledged to it: one runs, and one may be finishing. */
  openAt(job: TestJob, node: TestNode): string[] {
    // What it handed back is not done, whoever says so: the coordinator tells of it as well, and may be this node.
    const over = this.#ends(job, node).filter(({ details }) => details["handedBack"] !== true);
    const isOver = (task: unknown, since: number) => {
      return over.some((one) => one.at >= since && one.details["task"] === task);
    };
    const granted = this.story.told("task granted").filter(({ at, details }) => {
      const isIts = details["job"] === job.id && details["node"] === node.id && isChunk(details["task"]);
      return isIts && !isOver(details["task"], at);
    });
    return granted.map(({ details }) => String(details["task"]));
  }

  /** Reads the mesh log, and remembers what it has shown. */
  async ledger(servers = this.#natsServers()): Promise<LedgerRow[]> {
    const rows = await until(() => readLedger(servers).catch(() => undefined), "the mesh log is read", READ_MS);
    for (const row of rows) this.entries.set(row.entry.id, row);
    return rows;
  }

  async state(): Promise<MeshState> {
    return foldLedger(await this.ledger(), (sha256) => this.blob(sha256));
  }

  /** How each node's NATS server sees the others: why nothing goes on is often there. */
  async serverSights(): Promise<string> {
    const lines = this.nodes.map(async ({ name, data }) => `  ${name}: ${await serverSight(data)}`);
    return (await Promise.all(lines)).join("\n");
  }

  #natsServers(): string[] {
    const known = this.nodes.flatMap((node) => node.nats.split(","));
    return [...new Set([...this.#core, ...known])].filter((url) => url !== "");
  }

  /** A blob as a node keeps it; of the first that holds it. */
  async blob(sha256: string): Promise<Uint8Array> {
    for (const node of this.nodes) {
      const bytes = await this.blobAt(node, sha256).catch(() => undefined);
      if (bytes !== undefined) return bytes;
    }
    throw new Error(`no node holds blob ${sha256}`);
  }

  /** A blob as that node keeps it. */
  blobAt({ data }: TestNode, sha256: string): Promise<Uint8Array> {
    return readFile(join(data, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256));
  }
}

export function isChunk(task: unknown): boolean {
  return String(task).startsWith("chunk-");
}

function termOf({ details }: Told): number {
  return Number(details["term"]);
}

/** Plays on a scene, and ends it whatever happens. */
export async function inScene(options: SceneOptions, play: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.open(options);
  const failures: unknown[] = [];
  await play(scene).catch(async (error: unknown) => {
    failures.push(error);
    if (error instanceof Error) error.message += `\nthe NATS servers\n${await scene.serverSights()}`;
  });
  await scene.close().catch((error: unknown) => failures.push(error));
  // The play's own failure tells more than what it leaves behind.
  if (failures.length > 0) throw failures[0];
}
