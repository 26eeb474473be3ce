/** How JetStream is: whether a server takes part in it, and how far the copies of the mesh log's stream are. */
import { setTimeout as delay } from "node:timers/promises";
import { connect, type NatsConnection } from "nats";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import type { Bus } from "./bus.js";
import { STREAM } from "./mesh-log.js";

/** A subject on which nothing is ever written. */
const NOTHING = "reelmesh.nothing";
const ASK_MS = 1_000;
const POLL_MS = 100;

interface Replica {
  name: string;
  current: boolean;
  lag?: number;
}

/** The stream's leader and its copies, the leader's first; undefined when JetStream does not answer within a second. */
export async function streamStatus(bus: Bus) {
  try {
    const manager = await bus.connection.jetstreamManager({ timeout: ASK_MS, checkAPI: false });
    const { cluster } = await manager.streams.info(STREAM);
    const leader = cluster?.leader ?? "";
    const others = (cluster?.replicas ?? []) as Replica[];
    const copies = leader === "" ? others : [{ name: leader, current: true }, ...others];
    return { leader, replicas: copies.map(({ name, current, lag = 0 }: Replica) => ({ server: name, current, lag })) };
  } catch {
    return undefined;
  }
}

/**
 * Gives a stream that was made while servers were lacking as many copies as there are servers, and has its leader hear
 * of those that have caught up: it takes a copy for behind until that one has acknowledged something, and where nothing
 * is written (a mesh at rest that has just come back) that can be never. Purging a subject that the stream has not
 * gives the servers something to agree on, and changes nothing (seen on nats-server 2.10.27).
 */
export async function tendCopies(bus: Bus, copies: number): Promise<void> {
  try {
    const { streams } = await bus.connection.jetstreamManager({ timeout: ASK_MS, checkAPI: false });
    const { config, cluster } = await streams.info(STREAM);
    if (config.num_replicas < copies) await streams.update(STREAM, { num_replicas: copies });
    else if (cluster?.replicas?.some(({ current }) => !current)) await streams.purge(STREAM, { filter: NOTHING });
  } catch {
    // Tried again soon.
  }
}

/** Resolves when the server at the URL answers for JetStream: its cluster has a leader. UNAVAILABLE when it has none in time. */
export async function awaitJetStream(url: string, patienceMs: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const problem = await askJetStream(url).then(
      () => undefined,
      (error: unknown) => toReelmeshError(error).message,
    );
    if (problem === undefined) return;
    if (signal.aborted) throw new ReelmeshError("ABORTED", `stopped waiting for JetStream at ${url}`);
    if (performance.now() > until) {
      const next = "check that the machines reach each other's route ports (--route-port)";
      throw new ReelmeshError("UNAVAILABLE", `the NATS cluster at ${url} has no leader (${problem}): ${next}`);
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

async function askJetStream(url: string): Promise<void> {
  const connection: NatsConnection = await connect({ servers: [url], reconnect: false, timeout: ASK_MS });
  try {
    // In a cluster only the leader answers.
    await (await connection.jetstreamManager({ timeout: ASK_MS })).getAccountInfo();
  } finally {
    await connection.close();
  }
}
