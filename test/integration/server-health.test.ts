import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect } from "nats";
import { ServerHealth, unheard } from "../../src/node/nats/server-health.js";
import { NatsServer } from "../../src/node/nats/server-process.js";
import { natsServerProgram } from "../../src/node/nats/server-program.js";
import { sendSignal } from "../support/processes.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

interface Told {
  event: string;
  details: Record<string, unknown>;
}

const RESTART_MS = 60_000;
const ASK_MS = 500;
const START_MS = 20_000;
const STARTS = 4;

describe("a nats-server that does not answer", function () {
  this.timeout(120_000);

  it("is started again with what it has, and one that answers is not", async () => {
    const folder = await temporaryFolder();
    const told: Told[] = [];
    const report = (event: string, details: Record<string, unknown>) => void told.push({ event, details });
    const server = new NatsServer({ folder, name: "test", host: "127.0.0.1", port: 0, report });
    try {
      const port = await server.start();
      await keepOne(port);
      const pid = Number(await readFile(join(folder, "pid"), "utf8"));
      assert.deepEqual(told, []);
      sendSignal(pid, "SIGSTOP");
      const again = async () => told.find(({ event }) => event === "nats-server is started again");
      const { details } = await until<Told>(again, "it is started again", RESTART_MS);
      assert.deepEqual(details, { pid, reason: "its JetStream does not answer" });
      assert.equal(await until(() => kept(port), "it answers"), "kept");
    } finally {
      await server.stop();
    }
  });

  it("is told from one whose monitoring answers for the process alone", async () => {
    // As a server with a stream that waits for its own lock: of itself it tells, of its streams it does not.
    const stub = createServer((request, response) => {
      if (request.url === "/healthz") response.end("{}");
    });
    const url = await listen(stub);
    const health = new ServerHealth();
    const asked = performance.now();
    try {
      const problem = () => health.problem(url);
      assert.equal(await until(problem, "it is found out", RESTART_MS, ASK_MS), "its JetStream does not answer");
      assert.ok(performance.now() - asked > 12_000, "at once");
    } finally {
      stub.closeAllConnections();
      stub.close();
    }
  });
});

describe("a server that is linked with a cluster and that the others do not hear", function () {
  this.timeout(180_000);

  it("is named by their leader, and by nobody else", () =>
    withMembers([1, 2], async (members, routes) => {
      const mute = await startMute("core-3", routes);
      try {
        const look = async () => {
          const names = await Promise.all(members.map((server) => server.unheard()));
          return names.some(({ length }) => length > 0) ? names : undefined;
        };
        const names = await until(look, "the leader says whom it does not hear");
        assert.deepEqual(
          names.sort((one, other) => one.length - other.length),
          [[], ["core-3"]],
        );
      } finally {
        await mute.stop();
      }
    }));

  it("is named by the only other when the two cannot elect a leader", () =>
    withMembers([1, 2, 3], async ([stays, ...gone], routes) => {
      await Promise.all(gone.map((server) => server.stop()));
      const mute = await startMute("core-2", routes.slice(0, 1));
      try {
        const look = async () => {
          const names = (await stays?.unheard()) ?? [];
          return names.length > 0 ? names : undefined;
        };
        assert.deepEqual(await until(look, "it says whom it does not hear"), ["core-2"]);
      } finally {
        await mute.stop();
      }
    }));

  it("is told from one that is only quiet", async () => {
    // Without a leader: never heard, heard before the link was made, heard since.
    assert.deepEqual(await named({ "core-2": 20 }, { "core-2": 0 }), ["core-2"]);
    assert.deepEqual(await named({ "core-2": 20 }, { "core-2": 30 }), ["core-2"]);
    assert.deepEqual(await named({ "core-2": 20 }, { "core-2": 8 }), []);
    assert.deepEqual(await named({ "core-2": 8 }, { "core-2": 0 }), [], "nobody need have asked for votes yet");
    const both = { "core-2": 20, "core-3": 20 };
    assert.deepEqual(await named(both, { "core-2": 3, "core-3": 0 }), ["core-3"]);
    assert.deepEqual(await named(both, { "core-2": 0, "core-3": 0 }), ["core-2", "core-3"]);
    assert.deepEqual(await named(both, { "core-2": 3 }), [], "they share no stream");
    assert.deepEqual(await named(both, { "core-2": 3, "core-3": 0 }, { stream: "core-2" }), [], "followers are quiet");
    // A leader, which hears all others every second.
    const leads = { cluster: "core-1", stream: "core-2" };
    assert.deepEqual(await named({ "core-2": 6, "core-3": 6 }, { "core-2": 1, "core-3": 0 }, leads), ["core-3"]);
    assert.deepEqual(await named({ "core-2": 6, "core-3": 4 }, { "core-2": 1, "core-3": 0 }, leads), []);
    assert.deepEqual(await named(both, { "core-2": 0, "core-3": 0 }, leads), [], "it may be cut off itself");
    assert.deepEqual(await named(both, { "core-2": 1, "core-3": 0 }, { ...leads, cluster: "core-2" }), []);
  });
});

/**
 * Whom core-1 names that has links so many seconds old, and has heard others so many seconds ago (0: never), and knows
 * these leaders of the cluster and of its stream.
 */
async function named(
  links: Record<string, number>,
  heard: Record<string, number>,
  { cluster = "", stream = "" } = {},
): Promise<string[]> {
  const now = Date.now();
  const start = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const routes = Object.entries(links).map(([name, seconds]) => ({ remote_name: name, start: start(seconds) }));
  const replicas = Object.entries(heard).map(([name, seconds]) => ({ name, active: seconds * 1e9 }));
  const detail = { name: "TEST", state: { last_seq: 1 }, cluster: { ...(stream && { leader: stream }), replicas } };
  const meta = { ...(cluster && { leader: cluster }), ...(cluster === "core-1" && { replicas }) };
  const stub = createServer(({ url = "" }, response) => {
    const streams = url.includes("streams=true") && { account_details: [{ stream_detail: [detail] }] };
    const answer = url === "/routez" ? { now: start(0), routes } : { meta_cluster: meta, ...streams };
    response.end(JSON.stringify(answer));
  });
  try {
    return await unheard(await listen(stub), "core-1");
  } finally {
    stub.closeAllConnections();
    stub.close();
  }
}

/** Servers of a cluster, of which each has a copy of a stream, and host:port of each one's routes. */
async function withMembers(
  slots: number[],
  act: (servers: NatsServer[], routes: string[]) => Promise<void>,
): Promise<void> {
  const place = async () => ({ folder: await temporaryFolder(), name: "", host: "127.0.0.1", port: 0, report() {} });
  const servers = await Promise.all(slots.map(async () => new NatsServer(await place())));
  const ports = await Promise.all(servers.map((server) => server.ports()));
  const routes = ports.map(({ route }) => `127.0.0.1:${route}`);
  const begin = async (server: NatsServer, index: number) => {
    const others = routes.filter((_, other) => other !== index);
    await server.start({ generation: 2, slot: slots[index] ?? 0, routes: others }, { empty: true });
  };
  const stop = () => Promise.all(servers.map((server) => server.stop()));
  const keep = () =>
    keepOne(ports[0]?.client ?? 0, slots.length).then(
      () => true,
      () => undefined,
    );
  /** One that starts may really be mute. */
  const start = async (tries: number): Promise<void> => {
    await Promise.all(servers.map(begin));
    try {
      await until(keep, "each has a copy", START_MS);
    } catch (error) {
      await stop();
      if (tries === 1) throw error;
      await start(tries - 1);
    }
  };
  try {
    await start(STARTS);
    await act(servers, routes);
  } finally {
    await stop();
  }
}

/** A member without JetStream: it takes part in nothing that the cluster decides. */
async function startMute(name: string, routes: string[]) {
  const server = spawn(await natsServerProgram(), [
    ...["--addr", "127.0.0.1", "--port", "-1", "--name", name, "--cluster_name", "reelmesh-2"],
    ...["--cluster", "nats://127.0.0.1:-1", "--routes", routes.map((route) => `nats://${route}`).join()],
  ]);
  const stop = async () => {
    server.kill();
    await once(server, "exit");
  };
  return { stop };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function keepOne(port: number, copies = 1): Promise<void> {
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  try {
    const { streams } = await connection.jetstreamManager();
    await streams.add({ name: "TEST", subjects: ["test"], num_replicas: copies });
    await connection.jetstream().publish("test", "kept");
  } finally {
    await connection.close();
  }
}

async function kept(port: number): Promise<string | undefined> {
  const connection = await connect({ servers: `127.0.0.1:${port}`, reconnect: false }).catch(() => undefined);
  try {
    const { streams } = (await connection?.jetstreamManager()) ?? {};
    return (await streams?.getMessage("TEST", { seq: 1 }))?.string();
  } catch {
    return undefined;
  } finally {
    await connection?.close();
  }
}
