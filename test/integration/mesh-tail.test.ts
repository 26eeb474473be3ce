/** A node's copy of the mesh log over a real store and a real nats-server: restarts, snapshots, truncation, resets. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { Coordinator } from "../../src/coordinator/coordinator.js";
import type { Fact, LogEntry } from "../../src/core/facts.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import type { MeshLog } from "../../src/core/ports.js";
import { encodeSnapshot, factsBeyond } from "../../src/core/snapshot.js";
import { systemClock } from "../../src/node/clock.js";
import { Founder } from "../../src/node/founding.js";
import { MeshTail } from "../../src/node/mesh-tail.js";
import { type Bus, connectBus } from "../../src/node/nats/bus.js";
import { openMeshLog } from "../../src/node/nats/mesh-log.js";
import { logEntryCodec } from "../../src/node/proto.js";
import { Rememberer } from "../../src/node/rememberer.js";
import { Snapshots } from "../../src/node/snapshots.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { patient } from "../contract/log.contract.js";
import { entry, finished, planned, submitted, taskDone } from "../support/facts.js";
import { startNats, type TestNats } from "../support/nats.js";
import { steadyClock } from "../support/steady-clock.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

/** What a node is without its work: a store, a tail, a coordinator. */
class LogNode {
  readonly events = new EventEmitter();
  readonly stops: (() => Promise<void>)[] = [];
  readonly name: string;
  readonly folder: string;
  readonly store: Store;
  readonly bus: Bus;
  readonly others: LogNode[];
  readonly log: MeshLog;
  readonly tail: MeshTail;

  constructor(name: string, folder: string, store: Store, bus: Bus, others: LogNode[]) {
    this.name = name;
    this.folder = folder;
    this.store = store;
    this.bus = bus;
    this.others = others;
    this.log = openMeshLog(bus);
    this.tail = new MeshTail({ copy: store.log, blobs: store.blobs, clock: systemClock, report: this.report });
  }

  report = (event: string, details?: object) => this.events.emit(event, details);

  async start(coordinates: boolean): Promise<Coordinator> {
    const { log, tail, store, name, report } = this;
    await tail.restore();
    const keep = async () => ({ state: await tail.keep(), holders: [name] });
    const founder = new Founder({
      nodeId: name,
      log,
      state: tail.state,
      snapshot: keep,
      others: () => this.others.map((other) => ({ id: other.name, sequence: other.tail.state.sequence })),
      fresh: false,
      clock: systemClock,
      report,
    });
    const fetch = async ({ sha256 }: { sha256: string }, _holders: string[], owner: string) => {
      for (const { store: peer } of this.others) {
        const bytes = await peer.blobs.read(sha256).catch(() => undefined);
        if (bytes !== undefined) return void (await store.blobs.put(only(bytes), owner));
      }
    };
    tail.follow({ log, fetch, found: (signal) => founder.found(signal) }, (error) => report("failed", { error }));
    const coordinator = new Coordinator({
      nodeId: name,
      nodeName: name,
      log,
      tail,
      members: {
        live: () => new Set([name]),
        working: () => 0,
        encoders: () => new Map(),
        nameOf: (id) => id,
        remembered: () => 0,
      },
      keepSnapshot: keep,
      clock: steadyClock(),
      report,
    });
    const leads = once(this.events, "term started");
    if (coordinates) {
      coordinator.start();
      await leads;
    }
    this.stops.push(
      () => coordinator.stop(),
      () => tail.stop(),
    );
    return coordinator;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) await stop();
    await this.bus.close();
    await this.store.close();
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

describe("a node's copy of the mesh log", function () {
  this.timeout(400_000);
  let nats: TestNats;
  let nodes: LogNode[] = [];

  beforeEach(async () => {
    nats = await startNats();
    nodes = [];
  });

  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await nats.server.stop();
  });

  async function open(name: string, folder?: string): Promise<LogNode> {
    const data = folder ?? (await temporaryFolder());
    const store = await openStore(data);
    const node = new LogNode(name, data, store, await connectBus([nats.url], name), [...nodes]);
    for (const other of nodes) other.others.push(node);
    nodes.push(node);
    return node;
  }

  async function close(node: LogNode): Promise<void> {
    nodes = nodes.filter((other) => other !== node);
    for (const other of nodes) other.others.splice(0, other.others.length, ...nodes.filter((one) => one !== other));
    await node.stop();
  }

  const deleteLog = async () =>
    (await (nodes[0] as LogNode).bus.connection.jetstreamManager()).streams.delete("REELMESH_LOG");

  it("is truncated at the coordinator's snapshots, and a node that joins later has everything", async () => {
    const first = await open("a");
    const coordinator = await first.start(true);
    const truncated = once(first.events, "snapshot written");
    const second = await open("b");
    await second.start(false);
    const jobs = Array.from({ length: 1_100 }, (_, index) => `j${index}`);
    await Promise.all(jobs.map((job) => coordinator.jobs.submit(submitted(job))));
    await truncated;
    const { sequence } = first.tail.state;
    const late = await open("c");
    await late.start(false);
    for (const node of nodes) {
      // Whoever waits while the state is replaced is told so.
      const read = async () => node.tail.state.sequence >= sequence || undefined;
      await until(read, `${node.name} has read up to ${sequence}`);
      assert.deepEqual([...node.tail.state.jobs.keys()], jobs);
      const begins = async () => ((await node.store.log.base())?.sequence ?? 0) >= 1_000 || undefined;
      await until(begins, `the copy of ${node.name} begins at the snapshot`);
    }
    // Deleted are the entries before a snapshot that was written.
    const isShort = async () => ((await patient(first.log).state())?.first ?? 0) > 1_000 || undefined;
    await until(isShort, "the log begins at the snapshot");
  });

  it("outlives the log: what one node alone had read comes back when it returns", async () => {
    const first = await open("a");
    const coordinator = await first.start(true);
    await coordinator.jobs.submit(submitted("both"));
    const second = await open("b");
    await second.start(false);
    await second.tail.applied(first.tail.state.sequence, AbortSignal.timeout(60_000));
    await second.tail.stop();
    await coordinator.jobs.submit(submitted("alone"));
    await close(first);
    await deleteLog();
    await close(second);
    const survivor = await open("b", second.folder);
    const successor = await survivor.start(true);
    assert.deepEqual([...survivor.tail.state.jobs.keys()], ["both"]);
    for (const job of ["more", "and-more"]) await successor.jobs.submit(submitted(job));

    const back = await open("a", first.folder);
    const reset = new Promise<void>((resolve) => back.tail.onReset(resolve));
    await back.start(false);
    await reset;
    assert.deepEqual([...back.tail.state.jobs.keys()], ["both", "more", "and-more"]);
    await close(back);

    // What it remembers outlives it.
    const again = await open("a", first.folder);
    const rememberer = new Rememberer({
      tail: again.tail,
      offer: (facts) => successor.jobs.remember("a", facts),
      clock: systemClock,
      report: again.report,
    });
    await again.start(false);
    assert.equal(again.tail.remembered.length, 1);
    rememberer.start();
    assert.equal(rememberer.count, 1);
    await once(again.events, "what the mesh log had lost is back");
    await rememberer.stop();
    assert.deepEqual([...survivor.tail.state.jobs.keys()], ["both", "more", "and-more", "alone"]);
    assert.equal(rememberer.count, 0);
    assert.deepEqual(await again.store.log.remembered(), []);
  });

  it("keeps a snapshot piece by piece, and not that of a state which changes meanwhile", async () => {
    const state = emptyMeshState();
    for (let index = 1; index <= 500; index++) applyEntry(state, index, entry(submitted(`job-${index}`)));
    const pieces = [...encodeSnapshot(state)];
    assert.ok(pieces.length > 1);
    const { blobs, close } = await openStore(await temporaryFolder());
    const snapshots = new Snapshots(blobs, systemClock);
    const { bytes, sha256 } = await snapshots.keep(state);
    assert.equal(bytes, Buffer.concat(pieces).byteLength);
    const kept = await snapshots.read({ bytes, sha256 }, state.sequence);
    assert.deepEqual(factsBeyond(state, kept), []);
    assert.deepEqual(await snapshots.keep(state), { bytes, sha256 });
    const keeping = new Snapshots(blobs, systemClock).keep(state);
    applyEntry(state, ++state.sequence, entry(submitted("one more")));
    await assert.rejects(keeping, { code: "ABORTED" });
    await close();
  });

  it("goes on with a state of ten thousand finished jobs, and says how long it took", async () => {
    const facts: Fact[] = [];
    for (let index = 0; index < 10_000; index++) {
      const job = `job-${index}`;
      facts.push(submitted(job), planned(job, 1), taskDone(job, "chunk-1"), finished(job));
    }
    const state = emptyMeshState();
    const entries: LogEntry[] = facts.map((fact) => entry(fact));
    for (const [index, one] of entries.entries()) applyEntry(state, index + 1, one);
    const folder = await temporaryFolder();
    const store = await openStore(folder);
    const snapshot = await store.blobs.put(only(Buffer.concat([...encodeSnapshot(state)])), "log:snapshot:1");
    const rest = Array.from({ length: 5_000 }, (_, index) => ({
      sequence: state.sequence + 1 + index,
      bytes: logEntryCodec.encode(entry(submitted(`later-${index}`))),
    }));
    await store.log.replace({ sequence: state.sequence, snapshot }, rest);
    const { log: copy, blobs, close: closeStore } = store;
    const tail = new MeshTail({ copy, blobs, clock: systemClock, report: () => {} });
    const begun = performance.now();
    await tail.restore();
    const took = performance.now() - begun;
    console.log(`      restored ${tail.state.jobs.size} jobs (${snapshot.bytes} bytes) in ${Math.round(took)} ms`);
    await closeStore();
    assert.deepEqual(factsBeyond(state, tail.state), []);
    assert.equal(tail.state.sequence, state.sequence + 5_000);
  });
});
