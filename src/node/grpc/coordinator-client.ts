/** This node's way to whoever coordinates: the worker's CoordinatorPort, and what the node remembers. */
import { ReelmeshError } from "../../core/errors.js";
import type { Fact } from "../../core/facts.js";
import type { Task } from "../../core/work.js";
import { services } from "../proto.js";
import type { CoordinatorPort } from "../worker.js";
import type { PeerClients } from "./client.js";

const CALL_MS = 5_000;
/** A coordinator that is gone is found out soon: the next one adopts only leases that are brought to it early. */
const RENEW_MS = 1_500;
/** A completion waits for the mesh log. */
const COMPLETE_MS = 30_000;

/**
 * `address`: gRPC address of the coordinator of the newest term, undefined while none is known. `term`: the newest that
 * this node has seen; a lease of an older one is not taken, for its coordinator was deposed and does not know yet.
 */
export function coordinatorClient(
  nodeId: string,
  clients: PeerClients,
  address: () => string | undefined,
  term: () => number,
): CoordinatorPort & {
  readmit(signal: AbortSignal): Promise<void>;
  remember(facts: Fact[], signal: AbortSignal): Promise<void>;
} {
  const coordinator = () => {
    const known = address();
    if (known !== undefined) return known;
    throw new ReelmeshError("UNAVAILABLE", "no coordinator is known yet: the mesh is electing one");
  };
  return {
    async claim(waitMs, light, signal) {
      const options = { deadlineMs: waitMs + CALL_MS, signal };
      const request = { nodeId, waitMs, light };
      const { lease } = await clients.call(coordinator(), services.Coordinator.Claim, request, options);
      if (lease?.task?.kind === undefined || lease.term < term()) return undefined;
      const { id, attempt, renewAfterMs } = lease;
      return { id, attempt, renewAfterMs, task: lease.task as Task };
    },
    renew(running) {
      const leases = running.map(({ lease: { id: lease, attempt, task }, progress: { done, speed } }) => {
        return { lease, job: task.job, task: task.name, attempt, progress: Math.round(done), speed };
      });
      const { RenewLeases } = services.Coordinator;
      return clients.call(coordinator(), RenewLeases, { nodeId, leases }, { deadlineMs: RENEW_MS });
    },
    async complete({ id: lease, task: { job, name: task } }, result, signal) {
      const request = { lease, nodeId, job, task, result };
      const options = { deadlineMs: COMPLETE_MS, signal };
      return (await clients.call(coordinator(), services.Coordinator.Complete, request, options)).accepted;
    },
    async grow({ task: { job, name: task } }, seconds, result, signal) {
      const request = { nodeId, job, task, seconds, result };
      await clients.call(coordinator(), services.Coordinator.Grow, request, { deadlineMs: COMPLETE_MS, signal });
    },
    async remember(facts, signal) {
      const options = { deadlineMs: COMPLETE_MS, signal };
      await clients.call(coordinator(), services.Coordinator.Remember, { nodeId, facts }, options);
    },
    async fail({ id: lease, task: { job, name: task } }, reason, permanent, handedBack, otherFrames) {
      const request = { lease, nodeId, job, task, reason, permanent, handedBack, otherFrames };
      await clients.call(coordinator(), services.Coordinator.Fail, request, { deadlineMs: CALL_MS });
    },
    async readmit(signal) {
      await clients.call(coordinator(), services.Coordinator.Readmit, { nodeId }, { deadlineMs: CALL_MS, signal });
    },
  };
}
