import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, it } from "mocha";
import { type ErrorCode, ReelmeshError } from "../../src/core/errors.js";
import type { Job } from "../../src/gen/reelmesh/v1/Job.js";
import type { JobsHandlers } from "../../src/gen/reelmesh/v1/Jobs.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { fromServiceError, PeerUnreachable } from "../../src/node/grpc/errors.js";
import { type CallContext, type GrpcServer, serverStream, startGrpcServer, unary } from "../../src/node/grpc/server.js";
import { services } from "../../src/node/proto.js";
import { freePorts } from "../support/ports.js";

const { Get, Watch } = services.Jobs;
const soon = { deadlineMs: 60_000 };

type GetHandler = (request: { job: string }, context: CallContext) => Promise<Job>;
type WatchHandler = (request: { job: string }, context: CallContext) => AsyncIterable<Job>;

const notCalled = unary<unknown, never>(async () => assert.fail("not part of this test"));

function jobsService(handlers: { get?: GetHandler; watch?: WatchHandler }) {
  const implementation: JobsHandlers = {
    Submit: notCalled,
    Fetch: serverStream(() => assert.fail("not part of this test")),
    List: notCalled,
    Cancel: notCalled,
    Adjust: notCalled,
    Retry: notCalled,
    Remove: notCalled,
    Get: handlers.get === undefined ? notCalled : unary(handlers.get),
    Watch: serverStream(handlers.watch ?? (() => assert.fail("not part of this test"))),
  };
  return { definition: services.Jobs, implementation };
}

/** Resolves when the signal of a handler's call aborts. */
function whenAborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted ? Promise.resolve() : once(signal, "abort");
}

async function failureOf(promise: Promise<unknown>): Promise<ReelmeshError> {
  const thrown = await promise.then(
    () => assert.fail("should have failed"),
    (error: unknown) => error,
  );
  assert(thrown instanceof ReelmeshError, String(thrown));
  return thrown;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("gRPC between nodes", function () {
  this.timeout(180_000);
  const undo: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function serve(handlers: { get?: GetHandler; watch?: WatchHandler }): Promise<GrpcServer> {
    const { grpcServer } = meshCredentials();
    // Nobody else gets it when this server has stopped.
    const [port = 0] = await freePorts(1);
    const options = { host: "127.0.0.1", port, credentials: grpcServer, services: [jobsService(handlers)] };
    const server = await startGrpcServer(options);
    undo.push(() => server.stop());
    return server;
  }

  function client(): PeerClients {
    const clients = createPeerClients(meshCredentials().grpcChannel);
    undo.push(() => clients.close());
    return clients;
  }

  describe("a call with one answer", () => {
    it("brings the request there and the answer back, defaults filled in", async () => {
      const { address } = await serve({ get: async ({ job }) => ({ id: job, frames: 9_000_000_000 }) });
      const job = await client().call(address, Get, { job: "j1" }, soon);
      assert.equal(job.id, "j1");
      assert.equal(job.frames, 9_000_000_000);
      assert.deepEqual(job.nodes, []);
    });

    const codes: ErrorCode[] = [
      ...(["INVALID_INPUT", "NOT_FOUND", "CONFLICT", "UNAVAILABLE", "NOT_COORDINATOR"] as const),
      ...(["ENVIRONMENT", "CORRUPT", "MEDIA", "ABORTED", "INTERNAL"] as const),
    ];
    for (const code of codes) {
      it(`fails as ${code} when the handler did, with the same message`, async () => {
        const message = `job "été" \u{1f3ac}: 100% of it\nis wrong`;
        const { address } = await serve({
          get: async () => {
            throw new ReelmeshError(code, message);
          },
        });
        const error = await failureOf(client().call(address, Get, { job: "j1" }, soon));
        assert.equal(error.code, code);
        assert.equal(error.message, message);
        assert(!(error instanceof PeerUnreachable));
      });
    }

    it("fails as INTERNAL when the handler threw something foreign, even a message that cannot be sent", async () => {
      const { address } = await serve({
        get: () => {
          throw new TypeError(`half a pair: \ud83c ${"x".repeat(100_000)}`);
        },
      });
      const error = await failureOf(client().call(address, Get, { job: "j1" }, soon));
      assert.equal(error.code, "INTERNAL");
      assert.match(error.message, /^half a pair: \ufffd x+$/);
    });

    it("fails as UNAVAILABLE and names the address where nothing listens", async () => {
      const server = await serve({});
      await server.stop();
      const error = await failureOf(client().call(server.address, Get, { job: "j1" }, soon));
      assert(error instanceof PeerUnreachable);
      assert.equal(error.code, "UNAVAILABLE");
      assert.equal(error.message, `no node answers at ${server.address} (connection refused)`);
    });

    it("fails as UNAVAILABLE when the deadline passes, and tells the handler so", async () => {
      let handlerEnded: Promise<unknown> = Promise.resolve();
      const { address } = await serve({
        get: async (_request, { signal, deadline }) => {
          assert(deadline <= Date.now() + 100);
          handlerEnded = whenAborted(signal);
          await handlerEnded;
          return {};
        },
      });
      const error = await failureOf(client().call(address, Get, { job: "j1" }, { deadlineMs: 100 }));
      assert.equal(error.code, "UNAVAILABLE");
      assert(error.message.includes(address), error.message);
      await handlerEnded;
    });

    it("ends as ABORTED by the caller's signal, and tells the handler so", async () => {
      const caller = new AbortController();
      let handlerEnded: Promise<unknown> = Promise.resolve();
      const { address } = await serve({
        get: async (_request, { signal }) => {
          handlerEnded = whenAborted(signal);
          caller.abort();
          await handlerEnded;
          return {};
        },
      });
      const options = { ...soon, signal: caller.signal };
      const clients = client();
      assert.equal((await failureOf(clients.call(address, Get, { job: "j1" }, options))).code, "ABORTED");
      await handlerEnded;
      assert.equal((await failureOf(clients.call(address, Get, { job: "j1" }, options))).code, "ABORTED");
    });

    it("ends as ABORTED when the clients are closed, and so do later ones", async () => {
      const clients = client();
      const { address } = await serve({
        get: async (_request, { signal }) => {
          clients.close();
          await whenAborted(signal);
          return {};
        },
      });
      assert.equal((await failureOf(clients.call(address, Get, { job: "j1" }, soon))).code, "ABORTED");
      assert.equal((await failureOf(clients.call(address, Get, { job: "j1" }, soon))).code, "ABORTED");
    });

    it("reaches a node again soon after it came back on the same port", async () => {
      const first = await serve({ get: async () => ({ id: "first" }) });
      const clients = client();
      assert.equal((await clients.call(first.address, Get, { job: "j1" }, soon)).id, "first");
      await first.stop();
      await failureOf(clients.call(first.address, Get, { job: "j1" }, soon));
      const second = await startGrpcServer({
        host: "127.0.0.1",
        port: Number(first.address.split(":")[1]),
        credentials: meshCredentials().grpcServer,
        services: [jobsService({ get: async () => ({ id: "second" }) })],
      });
      undo.push(() => second.stop());
      const tries = { giveUpAt: Date.now() + 60_000, answer: "" };
      while (tries.answer === "" && Date.now() < tries.giveUpAt) {
        await clients.call(first.address, Get, { job: "j1" }, soon).then(
          (job) => {
            tries.answer = job.id;
          },
          () => {},
        );
      }
      assert.equal(tries.answer, "second");
    });

    it("refuses an answer above 4 MiB", async () => {
      const { address } = await serve({ get: async () => ({ reason: "x".repeat(5 * 1024 * 1024) }) });
      const error = await failureOf(client().call(address, Get, { job: "j1" }, soon));
      assert.equal(error.code, "ENVIRONMENT");
    });
  });

  describe("a call with a stream of answers", () => {
    it("brings them all, in order, and ends", async () => {
      const { address } = await serve({
        async *watch() {
          for (let frame = 0; frame < 1_000; frame++) yield { framesDone: frame };
        },
      });
      const jobs = await collect(client().stream(address, Watch, { job: "j1" }, soon));
      assert.deepEqual(
        jobs.map((job) => job.framesDone),
        Array.from({ length: 1_000 }, (_, frame) => frame),
      );
    });

    it("brings what came before a failure, and then the failure", async () => {
      const { address } = await serve({
        async *watch() {
          yield { framesDone: 1 };
          throw new ReelmeshError("NOT_FOUND", "no job j1");
        },
      });
      const seen: number[] = [];
      const error = await failureOf(
        (async () => {
          for await (const job of client().stream(address, Watch, { job: "j1" }, soon)) seen.push(job.framesDone);
        })(),
      );
      assert.deepEqual(seen, [1]);
      assert.equal(error.code, "NOT_FOUND");
      assert.equal(error.message, "no job j1");
    });

    it("holds the handler back while the caller does not read, and ends it when the caller leaves", async () => {
      let made = 0;
      let ended = () => {};
      const handlerEnded = new Promise<void>((resolve) => {
        ended = resolve;
      });
      const { address } = await serve({
        async *watch() {
          try {
            for (; made < 10_000; made++) yield { reason: "x".repeat(64 * 1024) };
          } finally {
            ended();
          }
        },
      });
      for await (const _job of client().stream(address, Watch, { job: "j1" }, soon)) break;
      await handlerEnded;
      assert(made < 1_000, `${made} messages of 64 KiB were made for one that was read`);
    });

    it("ends as ABORTED by the caller's signal", async () => {
      const caller = new AbortController();
      let handlerEnded: Promise<unknown> = Promise.resolve();
      const { address } = await serve({
        async *watch(_request, { signal }) {
          handlerEnded = whenAborted(signal);
          yield {};
          await handlerEnded;
        },
      });
      const options = { ...soon, signal: caller.signal };
      const error = await failureOf(
        (async () => {
          for await (const _job of client().stream(address, Watch, { job: "j1" }, options)) caller.abort();
        })(),
      );
      assert.equal(error.code, "ABORTED");
      await handlerEnded;
    });
  });

  describe("a server", () => {
    it("refuses a port that is taken as ENVIRONMENT", async () => {
      const { address } = await serve({});
      const port = Number(address.split(":")[1]);
      const { grpcServer } = meshCredentials();
      const second = startGrpcServer({ host: "127.0.0.1", port, credentials: grpcServer, services: [] });
      const error = await failureOf(second);
      assert.equal(error.code, "ENVIRONMENT");
      assert(error.message.includes(address), error.message);
    });

    it("lets a call at work end when it stops, and stops once however often it is asked", async () => {
      let finish = () => {};
      const server = await serve({
        get: (_request) =>
          new Promise((resolve) => {
            finish = () => resolve({ id: "finished" });
            void server.stop();
            setImmediate(() => finish());
          }),
      });
      const job = await client().call(server.address, Get, { job: "j1" }, soon);
      assert.equal(job.id, "finished");
      await Promise.all([server.stop(), server.stop()]);
      const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1");
      const [error] = await once(socket, "error");
      assert.equal(error.code, "ECONNREFUSED");
    });

    it("ends calls that do not end by themselves, as UNAVAILABLE to their callers", async () => {
      let handlerEnded: Promise<unknown> = Promise.resolve();
      const server = await serve({
        async *watch(_request, { signal }) {
          handlerEnded = whenAborted(signal);
          yield {};
          await handlerEnded;
        },
      });
      const error = await failureOf(
        (async () => {
          for await (const _job of client().stream(server.address, Watch, { job: "j1" }, soon)) {
            void server.stop();
          }
        })(),
      );
      assert.equal(error.code, "UNAVAILABLE");
      await server.stop();
      await handlerEnded;
    });
  });

  it("takes a call that ended without a status for a lost connection: its peer was killed", () => {
    const details = "Received RST_STREAM with code 0 (Call ended without gRPC status)";
    const error = Object.assign(new Error(details), { code: status.INTERNAL, details, metadata: new Metadata() });
    const told = fromServiceError(error, "127.0.0.1:1");
    assert(told instanceof PeerUnreachable);
    assert.equal(told.code, "UNAVAILABLE");
  });
});
