/**
 * Viewers: they ask random nodes for random files of random assets, in the ways that players and caches do, and compare
 * every byte with what was made. A wrong byte is trouble at once. An answer that is none (a 5xx, a 404, a connection that
 * breaks) of a node that is up, for an asset that every node has held, is asked for again, and is trouble when that lasts
 * longer than the patience.
 */
import { setTimeout as delay } from "node:timers/promises";
import { services } from "../../../src/node/proto.js";
import type { Random } from "../../simulator/random.js";
import type { TestNode } from "../../support/node.js";
import type { Made } from "./made.js";
import { hashOf } from "./made.js";
import type { Soak } from "./soak.js";

/** Seconds from one request of a viewer to the next. */
const PAUSE: [number, number] = [0.1, 0.6];
/** How long a node that is up may owe what every node has held, and may go on serving what was removed. */
const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 20_000;
const AGAIN_MS = 250;
const LOOK_SECONDS = 3;
const ASK_MS = 5_000;

/** What is asked for, and the bytes that must come; none: HEAD, or nothing new. */
interface Request {
  method: "GET" | "HEAD";
  headers: Record<string, string>;
  status: number;
  body: Uint8Array;
}

export async function readFiles(soak: Soak, viewer: number): Promise<void> {
  const chance = soak.chance(`viewer ${viewer}`);
  await soak.repeat("reading", async () => {
    await soak.pause(chance.between(...PAUSE));
    const [whom, which, file, way, share] = [chance.next(), chance.next(), chance.next(), chance.next(), chance.next()];
    if (soak.up.length === 0) return;
    const node = soak.living(whom);
    if (way > 0.95) return readRemoved(soak, node, chance);
    const assets = [...soak.live.values()];
    const made = assets[Math.floor(which * assets.length)];
    if (made === undefined) return;
    const paths = [...made.files.keys()];
    const path = paths[Math.floor(file * paths.length)] as string;
    await read(soak, node, made, path, requestFor(made.files.get(path) as Uint8Array, way, share));
    soak.count("reads");
  });
}

function requestFor(bytes: Uint8Array, way: number, share: number): Request {
  if (way < 0.15) return { method: "HEAD", headers: {}, status: 200, body: new Uint8Array() };
  if (way < 0.25) {
    const headers = { "accept-encoding": "identity", "if-none-match": `"${hashOf(bytes)}"` };
    return { method: "GET", headers, status: 304, body: new Uint8Array() };
  }
  if (way < 0.5 && bytes.length > 0) {
    const first = Math.floor(share * bytes.length);
    const last = Math.min(bytes.length - 1, first + Math.floor(share * 100_000));
    const headers = { range: `bytes=${first}-${last}` };
    return { method: "GET", headers, status: 206, body: bytes.subarray(first, last + 1) };
  }
  return { method: "GET", headers: {}, status: 200, body: bytes };
}

/** Asks until the answer is there, or somebody else's doing explains that there is none. */
async function read(soak: Soak, node: TestNode, made: Made, path: string, request: Request): Promise<void> {
  const { pid } = node;
  const url = `http://${node.http}/assets/${made.asset}/${path}`;
  let since: number | undefined;
  for (;;) {
    const problem = await problemOf(url, request);
    if (problem === undefined) break;
    // It was killed meanwhile, or the asset was removed; wrong bytes have no excuse.
    const excused = node.pid !== pid || !node.ready || made.leaving;
    if (problem.startsWith("wrong"))
      soak.trouble(`E: ${node.name} ${problem} for ${url} (${request.method} ${request.status})`);
    else if (!excused) {
      if (since === undefined) soak.count(`had to ask again (${problem})`);
      since ??= performance.now();
      if (made.availableAt === undefined || performance.now() - Math.max(since, made.availableAt) < PATIENCE_MS) {
        if (soak.signal.aborted) return;
        await delay(AGAIN_MS);
        continue;
      }
      soak.trouble(`${node.name} gives no ${url} for ${PATIENCE_MS / 1000} s: ${problem}`);
    }
    return;
  }
  if (since !== undefined) soak.waited(performance.now() - since, url);
}

/** What is wrong with an answer: undefined when nothing is. */
async function problemOf(url: string, { method, headers, status, body }: Request): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status !== status) return String(response.status);
    return Buffer.compare(bytes, body) === 0 ? undefined : `wrong bytes (${bytes.length} of ${body.length})`;
  } catch (error) {
    const { name, cause } = error as Error;
    return (cause as { code?: string })?.code ?? name;
  }
}

/** What was removed is served by nobody, but by a node that has yet to hear of it. */
async function readRemoved(soak: Soak, node: TestNode, chance: Random): Promise<void> {
  const draw = chance.next();
  const assets = [...soak.removed.keys()];
  const asset = assets[Math.floor(draw * assets.length)];
  if (asset === undefined) return;
  const { pid } = node;
  const since = Math.max(soak.removed.get(asset) ?? 0, soak.upSince(node));
  const url = `http://${node.http}/assets/${asset}/master.m3u8`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  await response?.arrayBuffer();
  if (response === undefined || node.pid !== pid) return;
  soak.count("reads of what was removed");
  if (response.status === 404) return;
  soak.count(`removed, and still there (${response.status})`);
  if (performance.now() - since < PATIENCE_MS) return;
  soak.trouble(`${node.name} answers ${response.status} for ${url}, removed more than ${PATIENCE_MS / 1000} s ago`);
}

/** Notes from when on an asset has been held by all nodes, as these say themselves. */
export async function watchCopies(soak: Soak): Promise<void> {
  await soak.repeat("looking for copies", async () => {
    await soak.pause(LOOK_SECONDS);
    if (soak.up.length < soak.nodes.length) return;
    const { grpc } = soak.living(Math.random());
    const { assets } = await soak.clients
      .call(grpc, services.Assets.List, {}, { deadlineMs: ASK_MS })
      .catch(() => ({ assets: [] }));
    for (const { asset, available } of assets) {
      const made = soak.live.get(asset);
      if (available && made !== undefined) made.availableAt ??= performance.now();
    }
  });
}
