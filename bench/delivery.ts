/**
 * What a node serves against what nginx serves of the same files, with wrk on the same machine in one run: segments of
 * about 1.5 MB and playlists, with 32 and with 1,000 connections, from
 *   nginx, nginx x2   with one worker, and with two
 *   node              asked by itself
 *   node+nginx        asked through nginx with one worker, which sends the files itself (X-Accel-Redirect)
 * Prints requests and megabytes a second, both as parts of what nginx with one worker did in the same round, processor
 * cores that the server took and requests a second for each of them, and the memory that a connection took. wrk takes a
 * core for itself.
 *
 *   npm run bench:delivery -- --seconds 5 --rounds 3
 */
import { link, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { makeAsset, nginxInFront, plainNginx, type RunningServer, startNode } from "./delivery/servers.js";
import { type Load, wrk } from "./delivery/wrk.js";

const CONNECTIONS = [32, 1_000];
/** Below the ports that the system gives to outgoing connections. */
const PORT = 27_480;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "5" }, rounds: { type: "string", default: "3" } },
});

interface Subject {
  name: string;
  http: string;
  servers: RunningServer[];
  /** Paths that are asked for, by what they are. */
  segments: string[];
  playlists: string[];
}

const KINDS = ["segments", "playlists"] as const;

const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
const running: RunningServer[] = [];
try {
  await compare(await prepare());
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
  const node = await keep(startNode(data));
  const asked = await pathsOf(node.http, await makeAsset(node, folder));
  const behind = await keep(startNode(handed, ["--send-file", "x-accel-redirect"]));
  const askedBehind = await pathsOf(behind.http, await makeAsset(behind, folder));
  await linkFiles(node.http, data, root, [...asked.segments, ...asked.playlists]);
  const one = await keep(plainNginx(join(folder, "nginx-1"), PORT, 1, root));
  const two = await keep(plainNginx(join(folder, "nginx-2"), PORT + 1, 2, root));
  const front = await keep(nginxInFront(join(folder, "nginx-3"), PORT + 2, behind.http, handed));
  return [
    { name: "nginx", http: one.http, servers: [one], ...asked },
    { name: "nginx x2", http: two.http, servers: [two], ...asked },
    { name: "node", http: node.http, servers: [node], ...asked },
    { name: "node+nginx", http: front.http, servers: [front, behind], ...askedBehind },
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
  for (const kind of KINDS) {
    for (const connections of CONNECTIONS) {
      console.log(`\n${kind}, ${connections} connections`);
      const loads = new Map<string, Load[]>(subjects.map(({ name }) => [name, []]));
      // Turn by turn, since the machine may do other things besides.
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const { name, http, servers, ...paths } of subjects) {
          const pids = servers.map((server) => server.process.pid as number);
          const load = await wrk(folder, http, paths[kind], connections, Number(values.seconds), pids);
          loads.get(name)?.push(load);
        }
      }
      const reference = loads.get("nginx") ?? [];
      for (const [name, all] of loads) print(name, all, reference);
    }
  }
}

function print(name: string, loads: Load[], reference: Load[]): void {
  const of = (key: "requests" | "megabytes" | "cores" | "bytesAConnection") => median(loads.map((load) => load[key]));
  const ratio = (key: "requests" | "megabytes") =>
    median(loads.map((load, round) => load[key] / (reference[round]?.[key] ?? 1))).toFixed(2);
  const errors = loads.map((load) => load.errors).filter((error) => error !== "");
  const a = `${of("requests").toFixed(0)} requests/s (${ratio("requests")})`;
  const b = `${of("megabytes").toFixed(1)} MB/s (${ratio("megabytes")})`;
  const c = `${of("cores").toFixed(2)} cores, ${(of("requests") / of("cores")).toFixed(0)} requests/s a core`;
  const d = `${(of("bytesAConnection") / 1024).toFixed(1)} KiB a connection`;
  console.log(`  ${name.padEnd(10)} ${a}, ${b}, ${c}, ${d}${errors.length > 0 ? `; ${errors[0]}` : ""}`);
}

function median(all: number[]): number {
  return [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;
}
