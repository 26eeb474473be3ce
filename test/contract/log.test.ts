import assert from "node:assert/strict";
import { type NatsConnection, nanos } from "nats";
import type { ReelmeshError } from "../../src/core/errors.js";
import { historyWith, NO_ENTRIES } from "../../src/core/history.js";
import { type Bus, connectBus } from "../../src/node/nats/bus.js";
import { openMeshLog, STREAM } from "../../src/node/nats/mesh-log.js";
import { logEntryCodec } from "../../src/node/proto.js";
import { entry, submitted } from "../support/facts.js";
import { startNats, startNatsCluster, type TestCluster } from "../support/nats.js";
import { singly } from "../support/singly.js";
import { until } from "../support/until.js";
import { describeMeshLog, patient } from "./log.contract.js";

async function openHandles(urls: string[], restartServers: () => Promise<void>, stop: () => Promise<void>) {
  const buses = await Promise.all(urls.map((url) => connectBus([url], "test")));
  return {
    handles: buses.map(openMeshLog),
    restart: async () => {
      await restartServers();
      await Promise.all(buses.map(answers));
    },
    wipe: async () => {
      const managers = await Promise.all(
        buses.map(({ connection }) => connection.jetstreamManager({ timeout: ASK_MS })),
      );
      const isGone = (request: Promise<unknown>) => {
        return request.then(
          () => false,
          (error: Error) => error.message === "stream not found",
        );
      };
      // A deletion that had no answer may have been done all the same, and a server may hear of it late.
      const gone = async () => {
        await managers[0]?.streams.delete(STREAM).catch(() => {});
        return (
          (await Promise.all(managers.map(({ streams }) => isGone(streams.info(STREAM))))).every(Boolean) || undefined
        );
      };
      await until(gone, "the log is deleted");
    },
    close: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await stop();
    },
  };
}

/** Settles when the stream can be read and written again. */
async function answers({ connection }: Bus): Promise<void> {
  const led = async () => {
    // What is asked while there is no server is asked again soon.
    const manager = await connection.jetstreamManager({ timeout: 2_000, checkAPI: false });
    const { cluster } = await manager.streams.info(STREAM);
    return cluster === undefined || cluster.leader !== "" || undefined;
  };
  await until(() => led().catch(() => undefined), "the stream can be read again", 120_000);
}

const ASK_MS = 20_000;

describeMeshLog("JetStream", async () => {
  const { url, server, restart } = await startNats();
  return openHandles([url, url, url], restart, () => server.stop());
});

describe("three servers", function () {
  this.timeout(300_000);
  let cluster: TestCluster | undefined;
  before(async () => {
    cluster = await startNatsCluster();
  });
  after(() => cluster?.stop());

  describeMeshLog("JetStream on three servers", async () => {
    const { urls, restart } = cluster as TestCluster;
    const harness = await openHandles(urls, restart, async () => {});
    const close = async () => {
      await harness.wipe();
      await harness.close();
    };
    return { ...harness, close };
  });
});

describe("a log that was made anew by a node that is gone since", function () {
  this.timeout(300_000);

  it("takes what everybody appends once it has begun", async () => {
    const { url, server } = await startNats();
    const bus = await connectBus([url], "test");
    try {
      const log = openMeshLog(bus);
      await patient(log).found(501);
      const state = { sha256: "a".repeat(64), bytes: 1 };
      const founding = entry({ kind: "snapshot", snapshot: { state, holders: ["a"], founds: true } });
      await bus.connection.jetstream().publish("reelmesh.founding", logEntryCodec.encode(founding));
      const next = entry(submitted("j"));
      await assert.rejects(log.append(next, 501), { code: "UNAVAILABLE" });
      assert.equal(await patient(log).append(next, 501), 502);
    } finally {
      await bus.close();
      await server.stop();
    }
  });
});

describe("a server that has started again", function () {
  this.timeout(300_000);

  it("takes what the two others take, also after a quiet time", async () => {
    const cluster = await startNatsCluster();
    const { signal } = new AbortController();
    const ends = (last: number) =>
      until(
        async () => (await cluster.copyEnds(STREAM)).every((end) => end === last) || undefined,
        `all end at ${last}`,
      );
    let bus: Bus | undefined;
    try {
      bus = await connectBus(cluster.urls, "test");
      const log = patient(openMeshLog(bus));
      await log.found(1, signal);
      const { streams } = await bus.connection.jetstreamManager({ timeout: ASK_MS });
      // What a server remembers of the newest messages, it finds in its store for as long: two minutes, in short.
      const { config, cluster: members } = await streams.info(STREAM);
      await streams.update(STREAM, { ...config, duplicate_window: nanos(100) });
      let history = NO_ENTRIES;
      const write = async (after: number) => {
        const link = { ...entry(submitted("j")), history };
        await log.append(link, after, signal);
        history = historyWith(history, link);
      };
      for (const after of [0, 1, 2]) await write(after);
      await ends(3);
      await cluster.restartOne(members?.replicas?.[0]?.name ?? assert.fail("the log has no replica"));
      await ends(3);
      for (const after of [3, 4, 5]) await write(after);
      await ends(6);
    } finally {
      await bus?.close();
      await cluster.stop();
    }
  });
});

/** What was on its way when a process was killed may be heard so much later. */
const GOES_MS = 1_000;

describe("a server that has lost the two others", function () {
  this.timeout(300_000);

  it("says since when it hears nobody, and acknowledges an entry neither at first nor when it is repeated", async () => {
    const cluster = await startNatsCluster();
    const { signal } = new AbortController();
    let bus: Bus | undefined;
    try {
      const first = await connectBus(cluster.urls, "test");
      await patient(openMeshLog(first)).found(1, signal);
      const manager = await first.connection.jetstreamManager({ timeout: ASK_MS });
      const { cluster: servers } = await manager.streams.info("REELMESH_LOG");
      await first.close();
      const alone = performance.now();
      bus = await connectBus([cluster.keepOnly(servers?.leader ?? "")], "test");
      const log = openMeshLog(bus);
      const saysNothing = async () => {
        const asked = performance.now();
        const said = await log.state(signal).catch((error: unknown) => error as ReelmeshError);
        if (said === undefined || said instanceof Error) return said;
        assert.ok(
          asked - said.silentMs < alone + GOES_MS,
          `heard of others ${asked - alone} ms after they were killed`,
        );
        return undefined;
      };
      assert.equal((await until(saysNothing, "it says that it hears nobody")).code, "UNAVAILABLE");
      const undecided = entry(submitted("j"));
      for (let tries = 0; tries < 3; tries++) {
        await assert.rejects(log.append(undecided, 0, signal), { code: "UNAVAILABLE" });
      }
    } finally {
      await bus?.close();
      await cluster.stop();
    }
  });
});

describe("a reader of the log", function () {
  this.timeout(300_000);

  it("leaves a consumer that gives nothing though there is more, as one on a server that lags does", async () => {
    const { url, server } = await startNats();
    const bus = await connectBus([url], "test");
    const stop = new AbortController();
    try {
      const log = openMeshLog(bus);
      await patient(log).found(1, stop.signal);
      await patient(log).append(entry(submitted("j")), 0, stop.signal);
      const consumers: number[] = [];
      // The first begins where nothing is.
      const beginOf = (sequence: number) => (consumers.push(sequence) === 1 ? sequence + 1_000 : sequence);
      const read: number[] = [];
      for await (const { sequence } of singly(
        openMeshLog(withConsumers(bus, beginOf)).follow(undefined, stop.signal),
      )) {
        read.push(sequence);
        break;
      }
      // On a busy machine the second may be given up too, before it has come to give anything.
      assert.deepEqual(read, [1]);
      assert.ok(consumers.length > 1 && consumers.every((sequence) => sequence === 1), `begun at ${consumers}`);
    } finally {
      stop.abort();
      await bus.close();
      await server.stop();
    }
  });
});

/** A bus whose consumers begin at another sequence than they are asked to. */
function withConsumers(bus: Bus, beginOf: (sequence: number) => number): Bus {
  const managed = async (...options: Parameters<NatsConnection["jetstreamManager"]>) => {
    const manager = await bus.connection.jetstreamManager(...options);
    const add = manager.consumers.add.bind(manager.consumers);
    manager.consumers.add = (stream, asked) => {
      return add(stream, { ...asked, opt_start_seq: beginOf(asked.opt_start_seq ?? 0) });
    };
    return manager;
  };
  const over = <T extends object>(target: T, own: Partial<T>): T => {
    const get = (_: T, name: string | symbol) => {
      const value: unknown = Reflect.get(Object.hasOwn(own, name) ? own : target, name);
      return typeof value === "function" && !Object.hasOwn(own, name) ? value.bind(target) : value;
    };
    return new Proxy(target, { get });
  };
  return over(bus, { connection: over(bus.connection, { jetstreamManager: managed }) });
}
