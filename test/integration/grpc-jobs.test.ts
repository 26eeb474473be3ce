/** The Jobs service of a node that has no coordinator to ask. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Coordinator } from "../../src/coordinator/coordinator.js";
import type { ReelmeshError } from "../../src/core/errors.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { jobsService } from "../../src/node/grpc/jobs-service.js";
import { type GrpcServer, startGrpcServer } from "../../src/node/grpc/server.js";
import { services } from "../../src/node/proto.js";

const TRIES = 5;

describe("the Jobs service while no coordinator is elected", () => {
  let server: GrpcServer;
  let clients: PeerClients;

  beforeEach(async () => {
    clients = createPeerClients(meshCredentials().grpcChannel);
    const service = jobsService({
      // Never asked: this node does not lead.
      coordinator: { leads: false } as Coordinator,
      clients,
      coordinatorAddress: () => undefined,
      obstacle: () => undefined,
      recorded: () => undefined,
      recordedList: () => ({ jobs: [], more: false }),
      fetching: { find: () => undefined, list: () => [], fetcher: () => undefined },
      fetch: () => assert.fail(),
      cancelFetch: async () => false,
      prepare: async (request) => request,
    });
    const { grpcServer } = meshCredentials();
    server = await startGrpcServer({ host: "127.0.0.1", port: 0, credentials: grpcServer, services: [service] });
  });

  afterEach(async () => {
    clients.close();
    await server.stop();
  });

  it("waits for one as long as the caller does, and says so then", async () => {
    const { Submit, Cancel, Retry, List } = services.Jobs;
    const soon = { deadlineMs: 1_500 };
    const job = { job: "one", forwarded: false };
    const submission = { fileName: "", name: "", source: null, options: null, holder: "", asset: "", priority: 0 };
    const expected = { code: "UNAVAILABLE", message: /no coordinator is elected at the moment: try again/ };
    const page = { limit: 10, states: [], after: "", forwarded: false };
    /** What it says comes a moment before the deadline: a process that stands still there may miss it, so again then. */
    const says = async (call: () => Promise<unknown>) => {
      for (let tries = 1; tries < TRIES; tries++) {
        const error = await call().then(
          () => assert.fail("there is nobody who could have answered"),
          (thrown: ReelmeshError) => thrown,
        );
        if (expected.message.test(error.message)) return assert.equal(error.code, expected.code);
      }
      await assert.rejects(call(), expected);
    };
    await Promise.all([
      says(() => clients.call(server.address, Submit, { ...job, ...submission }, soon)),
      says(() => clients.call(server.address, Cancel, job, soon)),
      says(() => clients.call(server.address, Retry, job, soon)),
      says(() => clients.call(server.address, List, page, soon)),
    ]);
  });
});
