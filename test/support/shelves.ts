/**
 * Nodes without encoders, NATS and gRPC: real stores, replicators and HTTP servers for peers and viewers over one state
 * of the mesh, which the test writes. Their peers' listeners are behind proxies.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import type { AssetManifest } from "../../src/core/media.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import type { BlobReference } from "../../src/core/work.js";
import { systemClock } from "../../src/node/clock.js";
import { type BlobClient, createBlobClient } from "../../src/node/http/blob-client.js";
import { type Listener, listen } from "../../src/node/http/listen.js";
import { peersService } from "../../src/node/http/peer-server.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { Holdings } from "../../src/node/replication/holdings.js";
import { Replicator } from "../../src/node/replication/replicator.js";
import { Surveyor } from "../../src/node/replication/survey.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { entry, finished, planned, submitted, taskDone } from "./facts.js";
import { TcpProxy } from "./proxy.js";
import { temporaryFolder } from "./temporary.js";

export interface Shelf {
  id: string;
  store: Store;
  client: BlobClient;
  replicator: Replicator;
  surveyor: Surveyor;
  holdings: Holdings;
  /** host:port for viewers. */
  http: string;
  /** In front of its peers' listener. */
  proxy: TcpProxy;
  peer: string;
  /** Answers to peers that asked for a blob. */
  served: number;
  /** Requests of viewers for a file that wait for it or have got it. */
  asked: number;
  hasRoom: boolean;
}

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function* streamOf(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes);
}

export class Shelves {
  readonly mesh = emptyMeshState();
  readonly all: Shelf[] = [];
  /** Those that are away: nobody asks them. */
  readonly away = new Set<string>();
  /** Peers answer when this has resolved. */
  gate: Promise<void> = Promise.resolve();
  readonly #listeners: Listener[] = [];

  static async open(count: number): Promise<Shelves> {
    const shelves = new Shelves();
    for (let index = 0; index < count; index++) shelves.all.push(await shelves.#open(index));
    return shelves;
  }

  get ids(): string[] {
    return this.all.map(({ id }) => id).sort();
  }

  get living(): Shelf[] {
    return this.all.filter(({ id }) => !this.away.has(id));
  }

  find(id: string): Shelf {
    return this.all.find((shelf) => shelf.id === id) ?? assert.fail(`no shelf ${id}`);
  }

  /** What the log says; those that are there hear of it. */
  apply(...facts: Fact[]): void {
    for (const fact of facts) {
      const job = applyEntry(this.mesh, this.mesh.sequence + 1, entry(fact));
      for (const { replicator } of this.living) {
        if (job !== undefined) replicator.changed(job);
        else replicator.wake();
      }
    }
  }

  place(replicas: number, nodes = this.ids): void {
    this.apply({ kind: "placementChanged", placementChanged: { replicas, nodes } });
  }

  /** A finished job whose files are held by these shelves, for the job. Returns the files by their paths. */
  async finish(id: string, contents: Record<string, Uint8Array>, makers: Shelf[]): Promise<AssetManifest["files"]> {
    const put = async (bytes: Uint8Array): Promise<BlobReference> => {
      for (const { store } of makers) await store.blobs.put(streamOf(bytes), `job:${id}`);
      return { sha256: hashOf(bytes), bytes: bytes.byteLength };
    };
    const files: AssetManifest["files"] = {};
    for (const [path, bytes] of Object.entries(contents)) files[path] = { ...(await put(bytes)), type: "video/mp4" };
    const manifest = await put(Buffer.from(JSON.stringify({ version: 1, asset: `${id}-asset`, seconds: 1, files })));
    const made = finished(id);
    const size = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
    const holders = makers.map((shelf) => shelf.id);
    made.jobFinished.result = { manifest, files: Object.keys(files).length, bytes: size, holders };
    this.apply(submitted(id), planned(id), taskDone(id, "chunk-1"), taskDone(id, "chunk-2"), made);
    return files;
  }

  /** Ids of the shelves that hold a blob's file. */
  async holders(sha256: string): Promise<string[]> {
    const held: string[] = [];
    for (const { id, store } of this.all) {
      const there = await store.blobs
        .path(sha256)
        .then(access, (error: unknown) => Promise.reject(error))
        .then(
          () => true,
          () => false,
        );
      if (there) held.push(id);
    }
    return held.sort();
  }

  async close(): Promise<void> {
    for (const { replicator, client } of this.all) {
      await replicator.stop();
      await client.close();
    }
    for (const { proxy } of this.all) proxy.resetAll();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    for (const { proxy, store } of this.all) {
      await proxy.stop();
      await store.close();
    }
  }

  async #open(index: number): Promise<Shelf> {
    const id = `node-${index}`;
    const store = await openStore(await temporaryFolder());
    // A loaded machine is slow, and none of these peers is given up for that.
    const client = createBlobClient({ store: store.blobs, stallMs: 120_000 });
    const { mesh } = this;
    const shelf: Partial<Shelf> = { id, store, client, served: 0, asked: 0, hasRoom: true };
    const whole = shelf as Shelf;
    const replicator = new Replicator({
      self: id,
      store: store.blobs,
      mesh,
      caughtUp: () => true,
      hasRoom: () => whole.hasRoom,
      pull: (...asked) => client.pull(...asked),
      arriving: (...asked) => client.arriving(...asked),
      sources: (nodes) => this.#sources(id, nodes),
      live: () => new Set(this.living.map((one) => one.id)),
      askHolder: async (node, ...asked) => this.#there(node).holdings.holds(...asked),
      clock: systemClock,
      report: () => undefined,
    });
    const { source } = replicator;
    const holdings = new Holdings({
      store: store.blobs,
      mesh,
      source,
      isSettled: (asset) => replicator.isComplete(asset),
    });
    const surveyor = new Surveyor({
      self: id,
      mesh,
      source,
      own: () => holdings.unsettled(),
      ask: async (node) => this.#there(node).holdings.unsettled(),
      known: () => ({ nodes: this.ids, replicas: 3 }),
      clock: { now: () => 0 },
    });
    const [http, peer] = [await this.#viewers(whole, replicator), await this.#peers(whole)];
    const proxy = await TcpProxy.start(peer.port, `127.0.6.${index + 1}`, "127.0.0.1");
    const front = `127.0.6.${index + 1}:${peer.port}`;
    return Object.assign(whole, { replicator, holdings, surveyor, http: http.address, proxy, peer: front });
  }

  #there(node: string): Shelf {
    if (this.away.has(node)) throw new ReelmeshError("UNAVAILABLE", `${node} is away`);
    return this.find(node);
  }

  /** The addresses of others: as Members.sources. */
  #sources(self: string, nodes: string[]): string[] {
    const others = this.living.filter(({ id }) => id !== self);
    const rank = ({ id }: Shelf) => (nodes.includes(id) ? nodes.indexOf(id) : nodes.length);
    return others.sort((a, b) => rank(a) - rank(b)).map(({ peer }) => peer);
  }

  async #viewers(shelf: Shelf, replicator: Replicator): Promise<Listener> {
    const service = viewersService({
      list: () => [],
      manifest: (asset) => replicator.manifest(asset),
      file: (reference, asset) => replicator.file(reference, asset),
      arriving: (reference, asset, signal) => {
        shelf.asked += 1;
        return replicator.arriving(reference, asset, signal);
      },
      growing: async () => undefined,
      growingFile: () => assert.fail("nothing grows"),
    });
    return this.#listen(service);
  }

  #peers(shelf: Shelf): Promise<Listener> {
    const service = peersService({
      store: shelf.store.blobs,
      onServed: () => {
        shelf.served += 1;
      },
      upload: () => assert.fail("nothing is uploaded"),
      cut: () => assert.fail("nothing is cut"),
      inits: () => assert.fail("nothing is encoded"),
    });
    const answer: typeof service.answer = async (exchange) => {
      await this.gate;
      return service.answer(exchange);
    };
    return this.#listen({ ...service, answer });
  }

  async #listen(service: Parameters<typeof listen>[0]): Promise<Listener> {
    const listener = await listen(service, { host: "127.0.0.1", port: 0, report: (error) => assert.fail(error) });
    this.#listeners.push(listener);
    return listener;
  }
}
