/** A node's store, replicator and peers' listener in a process of their own, without encoders and NATS. */
import { randomBytes } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { AssetManifest } from "../../src/core/media.js";
import { emptyMeshState } from "../../src/core/mesh-state.js";
import type { BlobReference } from "../../src/core/work.js";
import { systemClock } from "../../src/node/clock.js";
import { createBlobClient } from "../../src/node/http/blob-client.js";
import { listen } from "../../src/node/http/listen.js";
import { peersService } from "../../src/node/http/peer-server.js";
import { Replicator } from "../../src/node/replication/replicator.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import type { FromNode, Made, ToNode } from "./messages.js";

const ASSET = "film";
/** Connections of the plain copy: as many as a node's pulls. */
const WIDTH = 4;

type Start = ToNode & { kind: "start" };
type Finish = ToNode & { kind: "finish" };

const say = (message: FromNode) => process.send?.(message);
process.on("message", (message: ToNode) => void hear(message));

/** At the last lap. */
let before = process.cpuUsage();
let node: Awaited<ReturnType<typeof start>> | undefined;

async function hear(message: ToNode): Promise<void> {
  if (message.kind === "start") {
    node = await start(message);
    say({ kind: "started", peer: node.peer, ...(node.made && { made: node.made }) });
  } else if (message.kind === "finish") {
    node?.finish(message);
  } else if (message.kind === "copy") {
    await copy(message);
    say({ kind: "copied" });
  } else if (message.kind === "lap") {
    say({ kind: "lapped", cpu: lap() });
  } else if (message.kind === "stop") {
    const pulled = { ...(node?.client.pulled ?? { blobs: 0, bytes: 0 }) };
    say({ kind: "stopped", cpu: lap(), pulled, served: node?.served() ?? 0 });
    await node?.close();
    process.disconnect();
  }
}

/** Processor seconds since the last one. */
function lap(): number {
  const { user, system } = process.cpuUsage(before);
  before = process.cpuUsage();
  return (user + system) / 1e6;
}

async function start({ id, folder, make }: Start) {
  const store = await openStore(folder);
  const client = createBlobClient({ store: store.blobs });
  const mesh = emptyMeshState();
  let peers = new Map<string, string>();
  let served = 0;
  const service = peersService({
    store: store.blobs,
    onServed: () => {
      served += 1;
    },
    uploads: { handle: refuse },
    cut: refuse,
    inits: refuse,
  });
  const listener = await listen(service, { host: "127.0.0.1", port: 0, report: (error) => console.error(error) });
  const replicator = new Replicator({
    self: id,
    store: store.blobs,
    mesh,
    caughtUp: () => true,
    hasRoom: () => true,
    pull: (...asked) => client.pull(...asked),
    arriving: (...asked) => client.arriving(...asked),
    sources: (nodes) => inOrder(peers, nodes, id),
    live: () => new Set(peers.keys()),
    askHolder: refuse,
    clock: systemClock,
    report: (event) => {
      if (event === "asset held") say({ kind: "held" });
    },
  });
  return {
    client,
    peer: listener.address,
    made: make && (await makeAsset(store, make)),
    served: () => served,
    finish({ peers: all, made, holder }: Finish): void {
      peers = new Map(all);
      const job = finishedJob(made, holder);
      mesh.jobs.set(job.id, job);
      mesh.assets.set(ASSET, job.id);
      replicator.wake();
    },
    async close() {
      await replicator.stop();
      await client.close();
      await listener.close();
      await store.close();
    },
  };
}

const refuse = (): Promise<never> => Promise.reject(new Error("not part of this bench"));

function inOrder(peers: Map<string, string>, nodes: string[], self: string): string[] {
  const rank = (id: string) => (nodes.includes(id) ? nodes.indexOf(id) : nodes.length);
  const others = [...peers].filter(([id]) => id !== self).sort(([a], [b]) => rank(a) - rank(b));
  return others.map(([, address]) => address);
}

type Job = ReturnType<typeof emptyMeshState>["jobs"] extends Map<string, infer Record> ? Record : never;

/** What a node knows of a job that is done, as far as the replicator reads it. */
function finishedJob({ manifest, files }: Made, holder: string): Job {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const result = { manifest, files: files.length, bytes, holders: [holder] };
  return { id: "job", asset: ASSET, state: "done", package: result, finished: new Map() } as Partial<Job> as Job;
}

async function makeAsset({ blobs }: Store, { files, bytes }: { files: number; bytes: number }): Promise<Made> {
  const put = (content: Uint8Array) => blobs.put(only(content), `asset:${ASSET}`);
  const made: BlobReference[] = [];
  const rows: AssetManifest["files"] = {};
  for (let number = 1; number <= files; number++) {
    const blob = await put(randomBytes(Math.round(bytes / files)));
    made.push(blob);
    rows[`video/720p/${String(number).padStart(6, "0")}.m4s`] = { ...blob, type: "video/mp4" };
  }
  const manifest: AssetManifest = { version: 1, asset: ASSET, seconds: 1, files: rows };
  return { manifest: await put(Buffer.from(JSON.stringify(manifest))), files: made };
}

async function* only(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function copy({ from, made, folder }: ToNode & { kind: "copy" }): Promise<void> {
  await mkdir(folder);
  const agent = new Agent({ keepAlive: true });
  const next = made.files[Symbol.iterator]();
  const copier = async () => {
    for (const { sha256 } of next) await copyOne(`http://${from}/blobs/${sha256}`, join(folder, sha256), agent);
  };
  await Promise.all(Array.from({ length: WIDTH }, copier));
  agent.destroy();
}

async function copyOne(url: string, path: string, agent: Agent): Promise<void> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent }, resolve).on("error", reject);
  });
  const file = await open(path, "w");
  for await (const chunk of response) await file.write(chunk as Buffer);
  await file.sync();
  await file.close();
}
