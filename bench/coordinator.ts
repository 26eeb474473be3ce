/**
 * The real coordinator, over real gRPC and a real nats-server, against many simulated nodes; a second one follows, as the
 * other machines of a mesh do. Before it, in the same run and with as many nodes, a plain server that grants whatever is
 * asked (coordinator/plain-server.ts): what a claim takes there, it takes of this machine, of gRPC and of those that play
 * the nodes, and the coordinator's is printed as a multiple of it too.
 *
 * Prints every 5 s and at the end: claims a second, the 50th and 99th percentile of a claim (from a free slot's asking to
 * the answer that holds a lease, as the node sees it, while work is queued: so what passes between the two processes counts
 * too), processor cores and memory of the server's process, and the cores of those that play the rest, since they share the
 * machine, how long the server waited for a processor, and what other virtual machines took of it; at the end also the
 * claims of those 5 s together in which both were next to nothing. The claims that are timed are those of a hundred of the
 * nodes, in a process of their own: one that plays all of them stops for its own garbage longer than the coordinator does.
 * As root it gives the main threads of the server and of the timed nodes real-time priority, since all the others would be
 * on other machines; else what they wait for a processor is in the times. Then it kills the coordinator again and again and
 * prints the time from each kill to the next grant.
 *
 *   npm run bench:coordinator -- --nodes 1000 --slots 4 --seconds 60 --kills 10
 *
 * A simulated node has the calls, waits and heartbeats of a real one, its own HTTP/2 connection to the coordinator, and
 * nothing of a gRPC library (coordinator/lean-client.ts): a thousand real workers would take more than the machine has.
 *
 * --chunk: seconds that a simulated chunk takes. --jobs: jobs in the queue. --chunks: chunks of the usual job. --assets:
 * finished jobs that are kept. --timed: how many of the nodes are timed. --plain: seconds for which the plain server is
 * measured; 0: not at all. --profile: a folder for a processor profile of the first coordinator.
 */
import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { EXIT } from "../src/cli/output.js";
import { onStopSignals } from "../src/cli/stop-signals.js";
import { NatsServer } from "../src/node/nats/server-process.js";
import { packageRoot } from "../src/node/paths.js";
import type { FromLeader, FromNodes, Stalls, ToNodes } from "./coordinator/messages.js";
import { percentile, percentiles } from "./coordinator/percentiles.js";
import { favour, setNice } from "./coordinator/precedence.js";
import { PROGRAM } from "./support/node.js";
import { processorTimes, processStat, waitedMs } from "./support/process-stat.js";

const REPORT_MS = 5_000;
/** Nothing is measured before the slots have filled, and what was granted together at the start has come apart. */
const WARM_UP_MS = 60_000;
/** Between two kills the killed process comes back and the work settles. */
const SETTLE_MS = 6_000;
const KILL_PATIENCE_MS = 60_000;
/** Nodes that are not timed, a process: one that plays very many stops now and then, and has all of them ask at once. */
const PLAYED_TOGETHER = 300;
/** Processors that other virtual machines may take of this one in a window that counts as calm. */
const CALM_CORES = 0.05;
/** Milliseconds a second for which the coordinator's main thread may be ready and have no processor in such a window. */
const CALM_WAIT_MS = 50;

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "1000" },
    slots: { type: "string", default: "4" },
    seconds: { type: "string", default: "60" },
    kills: { type: "string", default: "10" },
    chunk: { type: "string", default: "8" },
    chunks: { type: "string", default: "50" },
    jobs: { type: "string", default: "300" },
    assets: { type: "string", default: "500" },
    timed: { type: "string", default: "100" },
    plain: { type: "string", default: "60" },
    profile: { type: "string" },
  },
});

interface Leader {
  process: ChildProcess;
  pid: number;
  grpc: string;
}

const events = new EventEmitter();
const children = new Set<ChildProcess>();
let waits: number[] = [];
let done = 0;
let stalls: Stalls = { kind: "loop", p99: 0, most: 0, collecting: 0, heap: 0 };
/** How late the event loop of the timed nodes was at most, in milliseconds. */
let timedLate = 0;
let claims = 0;
const errors: Record<string, number> = {};
let players: ChildProcess[] = [];
/** Whoever leads now. */
let leading: Leader | undefined;
events.on("leads", (leader: Leader) => {
  if (leading !== undefined && leading !== leader) console.log("another coordinator leads now");
  leading = leader;
  for (const player of players) introduce(player);
});

/** What the program itself is started with, by its first line. */
const [first = ""] = (await readFile(PROGRAM, "utf8")).split("\n");
const asInstalled = first.split(" ").filter((word) => word.startsWith("--"));
const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
const server = new NatsServer({ folder: join(folder, "nats"), name: "bench", host: "127.0.0.1", port: 0, report() {} });
const interrupt = () => void end().then(() => process.exit(EXIT.interrupted));
onStopSignals(["SIGINT", "SIGTERM"], interrupt);
try {
  const url = `nats://127.0.0.1:${await server.start()}`;
  const plain = Number(values.plain) > 0 ? await measurePlain(url) : undefined;
  const profile = values.profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", values.profile];
  const leaders = [await startLeader("one", url, profile)];
  favour((leaders[0] as Leader).process, "server");
  await once(events, "leads");
  const follower = await startLeader("two", url);
  leaders.push(follower);
  setNice(follower.process, "others");
  startNodes(url);
  console.log(`the coordinator, ${values.jobs} jobs queued:`);
  const times = await measure(Number(values.seconds));
  if (plain !== undefined) {
    const [p50, p99] = [0.5, 0.99].map((part) => (percentile(times, part) / percentile(plain, part)).toFixed(2));
    console.log(`the coordinator's claims over the plain server's: p50 ${p50}, p99 ${p99}`);
  }
  setNice(follower.process, "usual");
  if (profile.length > 0) await endGently(leaders[0] as Leader);
  else await kill(leaders, url);
  if (Object.keys(errors).length > 0) console.log("what the nodes were told besides:", errors);
} finally {
  await end();
}

async function end(): Promise<void> {
  for (const child of children) child.kill("SIGKILL");
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

function start(file: string, words: string[], options: string[] = []): ChildProcess {
  const child = fork(join(packageRoot, "dist/bench/coordinator", file), words, { execArgv: options });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Milliseconds of each timed claim that the plain server answered. */
async function measurePlain(url: string): Promise<number[]> {
  const server = await startLeader("plain", url, [], "plain-server.js");
  favour(server.process, "server");
  leading = server;
  startNodes(url);
  console.log(`a plain server, ${values.nodes} nodes with ${values.slots} slots, chunks of ${values.chunk} s:`);
  const times = await measure(Number(values.plain));
  for (const child of children) child.kill("SIGKILL");
  players = [];
  leading = undefined;
  return times;
}

async function startLeader(id: string, url: string, options: string[] = [], file = "leader.js"): Promise<Leader> {
  const words = [id, url, join(folder, id), values.jobs, values.nodes, values.assets];
  const child = start(file, words, [...asInstalled, ...options]);
  const leader: Leader = { process: child, pid: child.pid ?? 0, grpc: "" };
  const ready = new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`coordinator ${id} ended with ${code}`)));
    child.on("message", (message: FromLeader) => {
      if (message.kind === "ready") {
        leader.grpc = message.grpc;
        resolve();
      } else if (message.kind !== "loop") events.emit(message.kind, leader, message.at);
      else if (leader === leading) stalls = message;
    });
  });
  await ready;
  child.removeAllListeners("exit");
  child.once("exit", () => children.delete(child));
  return leader;
}

function startNodes(url: string): void {
  const timed = Math.min(Number(values.timed), Number(values.nodes));
  const groups = [{ first: 0, count: timed, isTimed: true }];
  for (let first = timed; first < Number(values.nodes); first += PLAYED_TOGETHER) {
    groups.push({ first, count: Math.min(PLAYED_TOGETHER, Number(values.nodes) - first), isTimed: false });
  }
  players = groups.map(({ first, count, isTimed }) => {
    const words = [url, first, count, values.slots, values.chunk, values.chunks];
    const child = start("nodes.js", words.map(String));
    if (isTimed) favour(child, "timed");
    else setNice(child, "others");
    child.on("message", (message: FromNodes) => {
      claims += message.waits.length;
      if (isTimed) {
        waits.push(...message.waits);
        timedLate = Math.max(timedLate, message.late);
      }
      done += message.done;
      for (const [what, times] of Object.entries(message.errors)) errors[what] = (errors[what] ?? 0) + times;
    });
    introduce(child);
    return child;
  });
}

function introduce(player: ChildProcess): void {
  if (leading !== undefined) player.send({ kind: "leader", grpc: leading.grpc } satisfies ToNodes);
}

/** Cores used since the last time that it was asked, and resident bytes. */
async function cost(pid: number, before: { own: number; at: number }): Promise<{ cores: number; resident: number }> {
  const { own, resident } = await processStat(pid);
  const at = performance.now();
  const cores = (own - before.own) / ((at - before.at) / 1000);
  Object.assign(before, { own, at });
  return { cores, resident };
}

/** Returns the milliseconds of each timed claim. */
async function measure(lasts: number): Promise<number[]> {
  await delay(WARM_UP_MS);
  waits = [];
  claims = 0;
  let allClaims = 0;
  done = 0;
  let pid = leading?.pid ?? 0;
  const before = { own: 0, at: 0 };
  await cost(pid, before);
  const pids = [...children].map(({ pid: other = 0 }) => other).filter((other) => other !== pid);
  const rest = new Map(pids.map((other) => [other, { own: 0, at: 0 }]));
  for (const [other, its] of rest) await cost(other, its);
  const all: number[] = [];
  const calm: number[] = [];
  let calmMs = 0;
  const cores: number[] = [];
  const started = performance.now();
  let { stolen } = await processorTimes();
  let waited = await waitedMs(pid);
  for (let at = REPORT_MS; at <= lasts * 1000; at += REPORT_MS) {
    await delay(REPORT_MS);
    const now = await cost(pid, before);
    const isSame = pid === leading?.pid;
    if (isSame) cores.push(now.cores);
    const waiting = ((await waitedMs(pid)) - waited) / (REPORT_MS / 1000);
    pid = leading?.pid ?? 0;
    waited = await waitedMs(pid);
    all.push(...waits);
    allClaims += claims;
    line(`${at / 1000} s`, waits, (claims / REPORT_MS) * 1000, now.cores, now.resident);
    let elsewhere = 0;
    for (const [other, its] of rest) elsewhere += (await cost(other, its)).cores;
    const { p99, most, collecting, heap } = stalls;
    const garbage = `collected garbage for ${collecting.toFixed(0)} ms at most, heap ${(heap / 2 ** 20).toFixed(0)} MiB`;
    const late = `event loop p99 ${p99.toFixed(0)}, most ${most.toFixed(0)} ms, ${garbage}, waited ${waiting.toFixed(0)} ms/s for a processor`;
    const others = `nodes and follower ${elsewhere.toFixed(2)} cores, timed nodes' event loop most ${timedLate.toFixed(0)} ms`;
    const times = await processorTimes();
    const away = (times.stolen - stolen) / (REPORT_MS / 1000);
    stolen = times.stolen;
    console.log(
      `      ${((done / REPORT_MS) * 1000).toFixed(0)} results/s, ${late}; ${others}; stolen ${away.toFixed(2)} cores`,
    );
    if (isSame && away < CALM_CORES && waiting < CALM_WAIT_MS) {
      calm.push(...waits);
      calmMs += REPORT_MS;
    }
    waits = [];
    timedLate = 0;
    claims = 0;
    done = 0;
  }
  const seconds = (performance.now() - started) / 1000;
  const mean = cores.reduce((sum, one) => sum + one, 0) / cores.length;
  line("whole", all, allClaims / seconds, mean, (await cost(pid, before)).resident);
  console.log(
    calmMs > 0 ? `the ${calmMs / 1000} s of it that were calm: ${percentiles(calm)}` : "no part of it was calm",
  );
  return all;
}

function line(label: string, times: number[], rate: number, cores: number, resident: number): void {
  const claimed = `${rate.toFixed(0)} claims/s, ${percentiles(times)}`;
  console.log(`${label}: ${claimed}; server ${cores.toFixed(2)} cores, ${(resident / 2 ** 20).toFixed(0)} MiB`);
}

/** An interrupted process writes its profile. */
async function endGently({ process: child }: Leader): Promise<void> {
  child.disconnect();
  await once(child, "exit");
}

async function kill(leaders: Leader[], url: string): Promise<void> {
  const times: number[] = [];
  for (let count = 1; count <= Number(values.kills); count++) {
    const signal = AbortSignal.timeout(KILL_PATIENCE_MS);
    const granted = once(events, "granted", { signal });
    const killedAt = Date.now();
    const name = leading === leaders[0] ? 0 : 1;
    leading?.process.kill("SIGKILL");
    const [, at] = (await granted) as [Leader, number];
    times.push((at - killedAt) / 1000);
    console.log(`kill ${count}: next grant after ${times.at(-1)?.toFixed(2)} s`);
    leaders[name] = await startLeader(name === 0 ? "one" : "two", url);
    await delay(SETTLE_MS);
  }
  if (times.length === 0) return;
  times.sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  console.log(`from kill to next grant: median ${middle.toFixed(2)} s, worst ${times.at(-1)?.toFixed(2)} s`);
}
