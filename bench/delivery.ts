/**
 * What a node serves against what nginx serves of the same files, with wrk on the same machine in one run: segments of
 * about 1.5 MB and playlists, with 32 and with 1,000 connections, from
 *   nginx        with one worker, as a node is one process
 *   node         asked by itself
 *   node+nginx   asked through nginx with one worker, which sends the files itself (X-Accel-Redirect)
 *   node+cache   asked through nginx with one worker, which keeps what the node gave it
 * Prints medians over the rounds: requests and megabytes a second, both as parts of what nginx did in the same round;
 * how late the node's event loop was; the memory that a connection took; and the processor cores that the server took,
 * with requests a second for each of them. A core is a second of processor time a second, of all threads of the server's
 * processes and of the kernel for them. wrk takes up to a core for itself, so two are too few for more than one at work.
 * The last part is the same playlists while another node joins and copies everything.
 *
 *   npm run bench:delivery -- --seconds 3 --rounds 3 --only segments,playlists,copying
 */
import { link, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { LoopDelay } from "./delivery/loop-delay.js";
import {
  makeAsset,
  nginxCache,
  nginxInFront,
  plainNginx,
  type RunningServer,
  startWatchedNode,
  type WatchedNode,
} from "./delivery/servers.js";
import { type Load, wrk } from "./delivery/wrk.js";

const CONNECTIONS = [32, 1_000];
/** Below the ports that the system gives to outgoing connections. */
const PORT = 27_480;
/** Cores of other programs from which on a result says little. */
const NOISE = 0.3;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "segments,playlists,copying" },
  },
});

interface Subject {
  name: string;
  http: string;
  servers: RunningServer[];
  node?: WatchedNode;
  /** Paths that are asked for, by what they are. */
  segments: string[];
  playlists: string[];
}

const KINDS = ["segments", "playlists"] as const;
const only = values.only.split(",");

const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
const running: RunningServer[] = [];
try {
  const subjects = await prepare();
  await compare(subjects);
  if (only.includes("copying")) await whileCopying(subjects);
} finally {
  for (const server of running.reverse()) await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function keep<T extends RunningServer>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  running.push(started);
  return started;
}

/** Two nodes, since one either sends bytes or leaves them to nginx. */
async function prepare(): Promise<Subject[]> {
  const [data, handed, root] = ["node", "handed", "www"].map((name) => join(folder, name)) as [string, string, string];
  const node = await keep(startWatchedNode(data));
  const asked = await pathsOf(node.http, await makeAsset(node, folder));
  const behind = await keep(startWatchedNode(handed, ["--send-file", "x-accel-redirect"]));
  const askedBehind = await pathsOf(behind.http, await makeAsset(behind, folder));
  await linkFiles(node.http, data, root, [...asked.segments, ...asked.playlists]);
  const plain = await keep(plainNginx(join(folder, "nginx"), PORT, root));
  const front = await keep(nginxInFront(join(folder, "front"), PORT + 1, behind.http, handed));
  const cache = await keep(nginxCache(join(folder, "cache"), PORT + 2, node.http));
  return [
    { name: "nginx", http: plain.http, servers: [plain], ...asked },
    { name: "node", http: node.http, servers: [node], node, ...asked },
    { name: "node+nginx", http: front.http, servers: [front, behind], node: behind, ...askedBehind },
    { name: "node+cache", http: cache.http, servers: [cache, node], node, ...asked },
  ];
}

/** The first playlist of video, and its segments but for the last, which is shorter. */
async function pathsOf(http: string, asset: string): Promise<Pick<Subject, "segments" | "playlists">> {
  const read = async (path: string) => (await fetch(`http://${http}${path}`)).text();
  const named = /^video\/.*\.m3u8$/m.exec(await read(`/assets/${asset}/master.m3u8`))?.[0];
  const playlist = `/assets/${asset}/${named}`;
  const segments = (await read(playlist)).match(/^\d+\.m4s$/gm) ?? [];
  return { playlists: [playlist], segments: segments.slice(0, -1).map((name) => join(dirname(playlist), name)) };
}

/** The same files under the same paths, for nginx: their hash is the validator. */
async function linkFiles(http: string, data: string, root: string, paths: string[]): Promise<void> {
  const sizes: number[] = [];
  for (const path of paths) {
    const { headers } = await fetch(`http://${http}${path}`, { method: "HEAD", headers: { "Accept-Encoding": "" } });
    const sha256 = /[0-9a-f]{64}/.exec(headers.get("etag") ?? "")?.[0] ?? "";
    await mkdir(dirname(join(root, path)), { recursive: true });
    await link(join(data, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256), join(root, path));
    sizes.push(Number(headers.get("content-length")));
  }
  console.log(`segments of ${sizes.slice(0, -1).join(", ")} bytes, a playlist of ${sizes.at(-1)}`);
}

async function compare(subjects: Subject[]): Promise<void> {
  for (const kind of KINDS.filter((one) => only.includes(one))) {
    for (const connections of CONNECTIONS) {
      console.log(`\n${kind}, ${connections} connections`);
      const loads = new Map<string, Measured[]>(subjects.map(({ name }) => [name, []]));
      // Turn by turn, since the machine may do other things besides.
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const subject of subjects) loads.get(subject.name)?.push(await measure(subject, kind, connections));
      }
      const reference = loads.get("nginx") ?? [];
      for (const [name, all] of loads) print(name, all, reference);
    }
  }
}

interface Measured extends Load {
  late?: LoopDelay;
}

async function measure(subject: Subject, kind: (typeof KINDS)[number], connections: number): Promise<Measured> {
  const { http, servers, node } = subject;
  const pids = servers.map((server) => server.process.pid as number);
  await node?.loopDelay();
  const load = await wrk(folder, http, subject[kind], connections, Number(values.seconds), pids);
  return node === undefined ? load : { ...load, late: await node.loopDelay() };
}

/** What viewers and the node's own work feel of a node that copies everything from this one. */
async function whileCopying(subjects: Subject[]): Promise<void> {
  const subject = subjects.find(({ name }) => name === "node");
  if (subject?.node === undefined) return;
  console.log("\nplaylists, 32 connections, while another node joins and copies everything");
  const joining = keep(startWatchedNode(join(folder, "joining"), ["--join", subject.node.grpc]));
  print("node", [await measure(subject, "playlists", 32)], []);
  await joining;
}

function print(name: string, loads: Measured[], reference: Load[]): void {
  const of = (key: "requests" | "megabytes" | "cores" | "others" | "bytesAConnection") =>
    median(loads.map((load) => load[key]));
  const ratio = (key: "requests" | "megabytes") => {
    const parts = loads.map((load, round) => load[key] / (reference[round]?.[key] ?? Number.NaN));
    return reference.length === 0 ? "" : ` (${median(parts).toFixed(2)})`;
  };
  const said = [
    `${of("requests").toFixed(0)} requests/s${ratio("requests")}`,
    `${of("megabytes").toFixed(1)} MB/s${ratio("megabytes")}`,
    `${of("cores").toFixed(2)} cores, ${(of("requests") / of("cores")).toFixed(0)} requests/s a core`,
    `${(of("bytesAConnection") / 1024).toFixed(1)} KiB a connection`,
  ];
  const late = loads.map((load) => load.late).filter((one) => one !== undefined);
  const worst = (key: keyof LoopDelay) => median(late.map((one) => one[key])).toFixed(1);
  if (late.length > 0)
    said.push(`event loop late by ${worst("median")} ms, p99 ${worst("p99")}, most ${worst("most")}`);
  if (of("others") > NOISE) said.push(`DISTURBED: other programs took ${of("others").toFixed(2)} cores`);
  const errors = loads.map((load) => load.errors).filter((error) => error !== "");
  console.log(`  ${name.padEnd(10)} ${[...said, ...errors.slice(0, 1)].join(", ")}`);
}

function median(all: number[]): number {
  return [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;
}
