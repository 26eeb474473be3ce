/** The Coordinator service: what workers ask of the node that leads. */
import type { Coordinator } from "../../coordinator/coordinator.js";
import { ReelmeshError } from "../../core/errors.js";
import type { Fact } from "../../core/facts.js";
import type { TaskResult } from "../../core/work.js";
import type { CoordinatorHandlers } from "../../gen/reelmesh/v1/Coordinator.js";
import { services } from "../proto.js";
import { type GrpcService, unary } from "./server.js";

const LONGEST_WAIT_MS = 25_000;

export function coordinatorService(coordinator: Coordinator): GrpcService {
  const implementation: CoordinatorHandlers = {
    Claim: unary(async ({ nodeId, waitMs, light }, { signal }) => {
      const wait = AbortSignal.timeout(Math.min(waitMs, LONGEST_WAIT_MS));
      const granted = await coordinator.claim(nodeId, light, AbortSignal.any([signal, wait]));
      if (granted === undefined) return { lease: null };
      const { id, job, task, term, attempt, renewAfterMs, description } = granted;
      if (signal.aborted) coordinator.fail(id, nodeId, job, task, "the node has gone", false, true);
      return { lease: { id, term, attempt, renewAfterMs, task: description } };
    }),
    Renew: unary(async (request) => coordinator.renew(request)),
    Complete: unary(async ({ lease, nodeId, job, task, result }) => {
      if (result?.kind === undefined) {
        throw new ReelmeshError("INVALID_INPUT", `the completion of ${job}/${task} carries no result`);
      }
      return { accepted: await coordinator.complete(lease, nodeId, job, task, result as TaskResult) };
    }),
    Fail: unary(async ({ lease, nodeId, job, task, reason, permanent, handedBack }) => {
      coordinator.fail(lease, nodeId, job, task, reason, permanent, handedBack);
      return {};
    }),
    Remember: unary(async ({ nodeId, facts }) => {
      await coordinator.remember(nodeId, facts as unknown as Fact[]);
      return {};
    }),
  };
  return { definition: services.Coordinator, implementation };
}
