/** The Jobs service on every node: answers where this node leads, else passes the call on to the one that does. */
import { setTimeout as delay } from "node:timers/promises";
import type { Coordinator } from "../../coordinator/coordinator.js";
import type { JobCommand } from "../../coordinator/job-control.js";
import type { JobView } from "../../coordinator/job-view.js";
import { ReelmeshError } from "../../core/errors.js";
import type { Fact } from "../../core/facts.js";
import type { PageRequest } from "../../core/job-pages.js";
import { checkPriority } from "../../core/options.js";
import type { AdjustJobRequest__Output } from "../../gen/reelmesh/v1/AdjustJobRequest.js";
import type { Job__Output } from "../../gen/reelmesh/v1/Job.js";
import type { JobsHandlers } from "../../gen/reelmesh/v1/Jobs.js";
import type { SubmitRequest__Output } from "../../gen/reelmesh/v1/SubmitRequest.js";
import { services } from "../proto.js";
import type { Method, PeerClients } from "./client.js";
import { type CallContext, type GrpcService, serverStream, unary } from "./server.js";

/** A call waits this long for a coordinator to be elected. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 250;
const WATCH_MS = 24 * 3_600_000;

interface Components {
  coordinator: Coordinator;
  clients: PeerClients;
  /** gRPC address of the coordinator, another node that is there; undefined while there is none. */
  coordinatorAddress(): string | undefined;
  /** Whether this node can hear the mesh. */
  connected(): boolean;
  /** What this node's own copy of the log says of a job: all there is to say once it has ended. */
  recorded(job: string): JobView | undefined;
  /** A page of jobs, by the same. */
  recordedList(request: PageRequest): { jobs: JobView[]; more: boolean };
  /** Checks the uploaded source and the options, and completes the request; INVALID_INPUT lets the source go. */
  prepare(request: SubmitRequest__Output, signal: AbortSignal): Promise<SubmitRequest__Output>;
}

export function jobsService(components: Components): GrpcService {
  const { coordinator } = components;
  const { Get, List, Cancel, Adjust, Retry, Remove } = services.Jobs;
  const implementation: JobsHandlers = {
    Submit: unary((request, context) => submitJob(components, request, context)),
    Get: unary(async (request, context): Promise<Job__Output> => {
      const recorded = components.recorded(request.job);
      if (recorded !== undefined && (hasEnded(recorded) || !components.connected())) return recorded;
      return atCoordinator(components, Get, request, context, async () => coordinator.jobs.view(request.job));
    }),
    List: unary(async (request, context) => {
      if (!components.connected()) return components.recordedList(request);
      return atCoordinator(components, List, request, context, async () => coordinator.jobs.list(request));
    }),
    Cancel: unary((request, context) =>
      atCoordinator(components, Cancel, request, context, () =>
        coordinator.jobs.control(request.job, { kind: "cancel" }),
      ),
    ),
    Adjust: unary((request, context) =>
      atCoordinator(components, Adjust, request, context, () =>
        coordinator.jobs.control(request.job, adjustment(request)),
      ),
    ),
    Retry: unary((request, context) =>
      atCoordinator(components, Retry, request, context, () =>
        coordinator.jobs.control(request.job, { kind: "retry" }),
      ),
    ),
    Remove: unary((request, context) =>
      atCoordinator(components, Remove, request, context, () =>
        coordinator.jobs.control(request.job, { kind: "remove" }),
      ),
    ),
    Watch: serverStream((request, context) => watch(components, request, context)),
  };
  return { definition: services.Jobs, implementation };
}

/** Makes a job of a source that is here; the same id twice is one job. */
export async function submitJob(
  components: Components,
  request: SubmitRequest__Output,
  context: CallContext,
): Promise<Job__Output> {
  const ready = request.forwarded ? request : await components.prepare(request, context.signal);
  const here = () => components.coordinator.jobs.submit(submission(ready));
  return atCoordinator(components, services.Jobs.Submit, ready, context, here);
}

function submission(request: SubmitRequest__Output): Fact & { kind: "jobSubmitted" } {
  const { job, fileName, name, asset, source, holder, options, priority } = request;
  checkPriority(priority);
  return {
    kind: "jobSubmitted",
    jobSubmitted: { job, fileName, name, asset, source, holder, options, priority },
  };
}

function adjustment({ job, change, priority, paused }: AdjustJobRequest__Output): JobCommand {
  if (change !== undefined) return { kind: "adjust", priority, paused };
  throw new ReelmeshError("INVALID_INPUT", `nothing is said to change of job ${job}: give a priority, or paused`);
}

/** Runs a call here or at the coordinator, again while the mesh is electing one; all of these can be repeated. */
async function atCoordinator<Request extends { forwarded: boolean }, Response>(
  components: Components,
  method: Method<Request, Response>,
  request: Request,
  { signal, deadline }: CallContext,
  here: () => Promise<NoInfer<Partial<Response>>>,
): Promise<Response> {
  const until = Math.min(deadline, Date.now() + (components.connected() ? PATIENCE_MS : 0));
  for (;;) {
    try {
      if (request.forwarded || components.coordinator.leads) return (await here()) as Response;
      const deadlineMs = Math.max(1, until - Date.now());
      const passedOn = { ...request, forwarded: true };
      return await components.clients.call(addressOf(components), method, passedOn, { deadlineMs, signal });
    } catch (error) {
      if (request.forwarded || signal.aborted || !isBetweenTerms(error) || Date.now() + RETRY_MS > until) throw error;
      await delay(RETRY_MS);
    }
  }
}

/** Follows a job across coordinators: when one goes, the stream goes on from the next. */
async function* watch(components: Components, request: { job: string; forwarded: boolean }, context: CallContext) {
  const { coordinator, clients } = components;
  const { signal } = context;
  const recorded = components.recorded(request.job);
  if (recorded !== undefined && hasEnded(recorded)) {
    yield recorded;
    return;
  }
  let troubleSince: number | undefined;
  while (!signal.aborted) {
    try {
      const passedOn = { ...request, forwarded: true };
      const views =
        request.forwarded || coordinator.leads
          ? coordinator.jobs.watch(request.job, signal)
          : clients.stream(addressOf(components), services.Jobs.Watch, passedOn, { deadlineMs: WATCH_MS, signal });
      for await (const view of views) {
        troubleSince = undefined;
        if (hasEnded(view) && !request.forwarded) await readSoFar(components, request.job, signal);
        yield view;
      }
      return;
    } catch (error) {
      troubleSince ??= Date.now();
      const patient = Date.now() - troubleSince < PATIENCE_MS;
      if (request.forwarded || signal.aborted || !isBetweenTerms(error) || !patient) throw error;
      await delay(RETRY_MS);
    }
  }
}

/** Whoever hears that a job is done asks this node for its asset next: until then it should have read so far. */
async function readSoFar({ recorded }: Components, job: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  const isBehind = () => {
    const own = recorded(job);
    return own === undefined || !hasEnded(own);
  };
  while (isBehind() && !signal.aborted && Date.now() < until) await delay(RETRY_MS / 5);
}

function addressOf({ connected, coordinatorAddress }: Components): string {
  if (!connected()) {
    const problem = "the mesh's NATS server cannot be reached, so no work is taken: start the node that runs it again";
    throw new ReelmeshError("UNAVAILABLE", problem);
  }
  const address = coordinatorAddress();
  if (address !== undefined) return address;
  throw new ReelmeshError("UNAVAILABLE", "no coordinator is elected at the moment: try again in a few seconds");
}

function hasEnded(view: JobView): boolean {
  return view.endedMs !== 0;
}

function isBetweenTerms(error: unknown): boolean {
  return error instanceof ReelmeshError && (error.code === "UNAVAILABLE" || error.code === "NOT_COORDINATOR");
}
