/** One real node as a real process, and everything that can befall it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ReadyLine } from "../../src/node/main.js";
import { packageRoot } from "../../src/node/paths.js";
import { freePorts } from "./ports.js";
import { descendants, type Resources, resourcesOf, sendSignal, untilGone } from "./processes.js";
import { Story } from "./story.js";
import { temporaryFolder } from "./temporary.js";

export const PROGRAM = join(packageRoot, "dist/src/cli/main.js");

/** A machine of its own, with its own network: see test/support/network.ts. */
export interface NodeHost {
  address: string;
  /** Words before a command that make it run there. */
  command: string[];
}

export interface NodeOptions {
  name: string;
  /** A new folder when absent. */
  data?: string;
  /** Options of `reelmesh up` beyond the folder, the name and the ports. */
  words?: string[];
  /** Environment variables beyond this process's own. */
  env?: Record<string, string>;
  host?: NodeHost;
  /** Where it listens; its host's address or loopback when absent. */
  listen?: string;
  /** Ports for gRPC, viewers, peers, NATS and its routes; free ones when absent. */
  ports?: number[];
  /** The program's main file; the one under test when absent. */
  program?: string;
  /** When its folder goes; see test/support/temporary.ts. */
  until?: "test" | "run";
  /** Hears its log. */
  story?: Story;
}

/** A node hands back what it runs and ends in a moment, also while the others are away: on a busy machine, in a minute. */
const STOP_MS = 90_000;

export class TestNode implements ReadyLine {
  readonly event = "ready";
  readonly name: string;
  readonly data: string;
  readonly host: NodeHost | undefined;
  readonly story: Story;
  id = "";
  grpc = "";
  http = "";
  peer = "";
  nats = "";
  readonly #options: NodeOptions & { ports: number[] };
  #child: ChildProcess | undefined;
  #exited: Promise<number | null> = Promise.resolve(null);
  #saidReady = false;

  private constructor(options: NodeOptions & { ports: number[] }, data: string) {
    this.#options = options;
    this.name = options.name;
    this.host = options.host;
    this.story = options.story ?? new Story();
    this.data = data;
  }

  /** Starts a node and waits until it is ready. */
  static async start(options: NodeOptions): Promise<TestNode> {
    const node = await TestNode.prepare(options);
    await node.up();
    return node;
  }

  /** A node that is not started yet, but whose ports are known. */
  static async prepare(options: NodeOptions): Promise<TestNode> {
    const ports = options.ports ?? (await freePorts(5));
    return new TestNode({ ...options, ports }, options.data ?? (await temporaryFolder(options.until)));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Whether its process runs. */
  get alive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Whether its process runs and has said that it is ready. */
  get ready(): boolean {
    return this.alive && this.#saidReady;
  }

  /** Starts it in its folder with its ports, as often as it has ended; `words` replaces its options from here on. */
  async up(words?: string[], program?: string): Promise<void> {
    if (words !== undefined) this.#options.words = words;
    if (program !== undefined) this.#options.program = program;
    const child = this.#spawn();
    this.#child = child;
    this.#saidReady = false;
    const written = this.#record(child);
    this.#exited = once(child, "close").then(async ([code]) => {
      await written;
      return code as number | null;
    });
    const ready = await Promise.race([readyLine(child), this.#exited]);
    if (ready === null || typeof ready === "number") {
      throw new Error(`node ${this.name} ended before it was ready: ${this.story.end()}`);
    }
    child.stdout?.resume();
    const { id, grpc, http, peer, nats } = ready;
    Object.assign(this, { id, grpc, http, peer, nats });
    this.#saidReady = true;
  }

  #spawn(): ChildProcess {
    const { name, host, words = [], env = {}, program = PROGRAM, ports } = this.#options;
    const [grpc, http, peer, nats, route] = ports.map(String) as [string, string, string, string, string];
    const listen = this.#options.listen ?? host?.address;
    const where = listen === undefined ? [] : ["--listen", listen];
    const served = ["--grpc-port", grpc, "--http-port", http, "--peer-port", peer];
    const bound = [...served, "--nats-port", nats, "--route-port", route, ...where];
    const up = ["up", "--data", this.data, "--name", name, "--log", "json", "--slots", "1", ...bound, ...words];
    const [first, ...others] = [...(host?.command ?? []), process.execPath, program, ...up] as [string, ...string[]];
    return spawn(first, others, { env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Settles when its log is at its end: whoever waits for the process reads all of it then, and so does the story. */
  #record(child: ChildProcess): Promise<void> {
    if (child.stderr === null) return Promise.resolve();
    const log = createWriteStream(join(this.data, "node.log"), { flags: "a" });
    // Its disk may be full; the story hears it all.
    log.on("error", () => {});
    child.stderr.pipe(log);
    createInterface({ input: child.stderr }).on("line", (line) => this.story.hear(this.name, line));
    return new Promise((resolve) => log.once("close", resolve));
  }

  #signal(name: NodeJS.Signals): Promise<number | null> {
    if (this.alive) this.#child?.kill(name);
    return this.#exited;
  }

  /** Ctrl-C; resolves with the exit code. One that does not end is killed, and that is an error. */
  async stop(): Promise<number | null> {
    this.thaw();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void this.kill();
    }, STOP_MS);
    const code = await this.#signal("SIGINT");
    clearTimeout(timer);
    if (late) throw new Error(`node ${this.name} did not stop within ${STOP_MS / 1000} s of Ctrl-C`);
    return code;
  }

  /** SIGTERM; resolves when it has ended what it runs, and itself. */
  async terminate(): Promise<number | null> {
    return this.#signal("SIGTERM");
  }

  /** SIGKILL to the node's process alone; its nats-server lives on. */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  /** The machine loses its power: the node, everything that it runs, and its nats-server. */
  async crash(): Promise<void> {
    const below = await descendants(this.pid);
    await this.kill();
    for (const { pid } of below) sendSignal(pid, "SIGKILL");
    await this.killNats();
    // Its next life takes the same ports and folders.
    for (const { pid } of below) await untilGone(pid);
  }

  readonly #frozen: number[] = [];

  /** The node and the ffmpegs that it runs stand still; its nats-server does not. */
  async freeze(): Promise<void> {
    const ffmpegs = await this.ffmpegs();
    for (const pid of [this.pid, ...ffmpegs]) if (sendSignal(pid, "SIGSTOP")) this.#frozen.push(pid);
  }

  thaw(): void {
    for (const pid of this.#frozen.splice(0)) sendSignal(pid, "SIGCONT");
  }

  /** Process ids of the encoders that it runs. */
  async ffmpegs(): Promise<number[]> {
    const below = await descendants(this.pid);
    return below.filter(({ command }) => command.includes("libx264")).map(({ pid }) => pid);
  }

  resources(): Promise<Resources> {
    return resourcesOf(this.pid);
  }

  /** Process id of the nats-server that it has started; 0 when none runs: the id in its file may be another's by now. */
  async natsPid(): Promise<number> {
    const pid = Number(await readFile(join(this.data, "nats/pid"), "utf8").catch(() => "0"));
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.includes(this.data) ? pid : 0;
  }

  /** The node starts it again when it runs itself. */
  async killNats(): Promise<void> {
    const pid = await this.natsPid();
    if (sendSignal(pid, "SIGKILL")) await untilGone(pid);
  }

  /** Its nats-server ends, and everything that it kept is deleted; the node starts it again. */
  async wipeNats(): Promise<void> {
    const pid = await this.natsPid();
    // One that stands still writes nothing more.
    sendSignal(pid, "SIGSTOP");
    const folder = join(this.data, "nats");
    for (const name of await readdir(folder)) {
      if (name.startsWith("jetstream")) await rm(join(folder, name), { recursive: true, force: true });
    }
    sendSignal(pid, "SIGKILL");
  }
}

async function readyLine(child: ChildProcess): Promise<ReadyLine> {
  if (child.stdout === null) throw new Error("the node has no standard output");
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as ReadyLine;
    if (said.event === "ready") return said;
  }
  return new Promise(() => {});
}

/** This process's environment without what would configure a node. */
export function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => {
    return !name.startsWith("REELMESH_") || /_(NATS_SERVER|FFMPEG|TEST_RUN)$/.test(name);
  });
  return Object.fromEntries(kept);
}
