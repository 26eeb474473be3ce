/** The Coordinator service: what workers ask of the node that leads. */
import type { Coordinator } from "../../coordinator/coordinator.js";
import type { GrantedLease, WaitingClaim } from "../../coordinator/reign.js";
import { ReelmeshError } from "../../core/errors.js";
import type { Fact } from "../../core/facts.js";
import { onAbort } from "../../core/on-abort.js";
import type { Clock } from "../../core/ports.js";
import type { TaskResult } from "../../core/work.js";
import type { CoordinatorHandlers } from "../../gen/reelmesh/v1/Coordinator.js";
import type { LogEntry__Output } from "../../gen/reelmesh/v1/LogEntry.js";
import { services } from "../proto.js";
import { type GrpcService, unary } from "./server.js";

const LONGEST_WAIT_MS = 25_000;

export function coordinatorService(coordinator: Coordinator, clock: Pick<Clock, "sleep">): GrpcService {
  const implementation: CoordinatorHandlers = {
    Claim: unary(async ({ nodeId, waitMs, light }, context) => {
      if (context.gone) return { lease: null };
      const claim = coordinator.reign.claim(nodeId, light);
      const granted =
        claim.granted ?? (await answerOf(claim, clock, Math.min(waitMs, LONGEST_WAIT_MS), context.signal));
      if (granted === undefined) return { lease: null };
      const { id, job, task, term, attempt, renewAfterMs, description } = granted;
      if (context.gone) coordinator.reign.fail(id, nodeId, job, task, "the node has gone", false, true);
      return { lease: { id, term, attempt, renewAfterMs, task: description } };
    }),
    RenewLeases: unary(async ({ nodeId, leases }) => coordinator.reign.renew(nodeId, leases)),
    Complete: unary(async ({ lease, nodeId, job, task, result }) => {
      if (result?.kind === undefined) {
        throw new ReelmeshError("INVALID_INPUT", `the completion of ${job}/${task} carries no result`);
      }
      return { accepted: await coordinator.reign.complete(lease, nodeId, job, task, result as TaskResult) };
    }),
    Grow: unary(async ({ nodeId, job, task, seconds, result }) => {
      if (!result) throw new ReelmeshError("INVALID_INPUT", `the beginning of ${job}/${task} carries no result`);
      await coordinator.reign.grow(nodeId, job, task, seconds, result);
      return {};
    }),
    Fail: unary(async ({ lease, nodeId, job, task, reason, permanent, handedBack, otherFrames }) => {
      coordinator.reign.fail(lease, nodeId, job, task, reason, permanent, handedBack, otherFrames);
      return {};
    }),
    Remember: unary(async ({ nodeId, facts }) => {
      await coordinator.jobs.remember(nodeId, facts.map(factOf));
      return {};
    }),
    Readmit: unary(async ({ nodeId }) => {
      await coordinator.jobs.readmit(nodeId);
      return {};
    }),
  };
  return { definition: services.Coordinator, implementation };
}

/** What a claim is answered within a time, unless the caller goes. */
async function answerOf(
  claim: WaitingClaim,
  clock: Pick<Clock, "sleep">,
  ms: number,
  caller: AbortSignal,
): Promise<GrantedLease | undefined> {
  const ended = new AbortController();
  void clock.sleep(ms, ended.signal).then(claim.withdraw);
  const forget = onAbort(caller, claim.withdraw);
  try {
    return await claim.answer;
  } finally {
    ended.abort();
    forget();
  }
}

/** Without the frame of the log's entries: the coordinator writes its own. */
function factOf({ id: _id, term: _term, atMs: _atMs, history: _history, ...fact }: LogEntry__Output): Fact {
  return fact as unknown as Fact;
}
