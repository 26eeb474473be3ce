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
import type { FetchRequest__Output } from "../../gen/reelmesh/v1/FetchRequest.js";
import type { Job__Output } from "../../gen/reelmesh/v1/Job.js";
import type { JobsHandlers } from "../../gen/reelmesh/v1/Jobs.js";
import type { SubmitRequest__Output } from "../../gen/reelmesh/v1/SubmitRequest.js";
import type { Fetching, FetchingJobs } from "../fetching-jobs.js";
import { services } from "../proto.js";
import type { Method, PeerClients } from "./client.js";
import { type CallContext, type GrpcService, serverStream, unary } from "./server.js";

/** A call waits this long for a coordinator to be elected. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 250;
const FETCHING_MS = 1_000;
const FETCHING = "fetching";
const WATCH_MS = 24 * 3_600_000;

interface Components {
  coordinator: Coordinator;
  clients: PeerClients;
  /** gRPC address of the coordinator, another node that is there; undefined while there is none. */
  coordinatorAddress(): string | undefined;
  /** Why nobody can coordinate at present, with the next step; undefined while somebody does, or soon may. */
  obstacle(): string | undefined;
  /** What this node's own copy of the log says of a job: all there is to say once it has ended. */
  recorded(job: string): JobView | undefined;
  /** A page of jobs, by the same. */
  recordedList(request: PageRequest): { jobs: JobView[]; more: boolean };
  /** Jobs that the log does not know yet. */
  fetching: FetchingJobs;
  /** Fetches a source here, and tells how far it is until its job is submitted. */
  fetch(url: string, submission: SubmitRequest__Output, signal: AbortSignal): AsyncIterable<Fetching>;
  /** Gives up a fetch of this node; false when there is no such. */
  cancelFetch(job: string): Promise<boolean>;
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
      if (recorded !== undefined && hasEnded(recorded)) return recorded;
      const obstacle = components.obstacle();
      if (recorded !== undefined && obstacle !== undefined) return { ...recorded, reason: recorded.reason || obstacle };
      const fetching = recorded === undefined ? components.fetching.find(request.job) : undefined;
      if (fetching !== undefined) return fetching;
      return atCoordinator(components, Get, request, context, async () => coordinator.jobs.view(request.job));
    }),
    List: unary(async (request, context) => {
      const known = { ...request, states: request.states.filter((state) => state !== FETCHING) };
      const wanted = ({ state }: JobView) => request.states.length === 0 || request.states.includes(state);
      const first = request.after === "" && !request.forwarded;
      const fetching = first ? components.fetching.list().filter(wanted) : [];
      if (request.states.length > 0 && known.states.length === 0) return { jobs: fetching, more: false };
      const page =
        components.obstacle() === undefined
          ? await atCoordinator(components, List, known, context, async () => coordinator.jobs.list(known))
          : components.recordedList(known);
      return { ...page, jobs: [...fetching, ...page.jobs] };
    }),
    Cancel: unary(async (request, context): Promise<Job__Output> => {
      const fetching = request.forwarded ? undefined : await cancelFetch(components, request, context);
      if (fetching !== undefined) return fetching;
      return atCoordinator(components, Cancel, request, context, () =>
        coordinator.jobs.control(request.job, { kind: "cancel" }),
      );
    }),
    Fetch: serverStream((request, context) => fetchSource(components, request, context)),
    Adjust: unary((request, context) => control(components, Adjust, request, context, () => adjustment(request))),
    Retry: unary((request, context) => control(components, Retry, request, context, () => ({ kind: "retry" }))),
    Remove: unary((request, context) => control(components, Remove, request, context, () => ({ kind: "remove" }))),
    Watch: serverStream((request, context) => watch(components, request, context)),
  };
  return { definition: services.Jobs, implementation };
}

/** Has the coordinator do something with a job that the log knows. CONFLICT while its source is still fetched. */
async function control<Request extends { job: string; forwarded: boolean }>(
  components: Components,
  method: Method<Request, Job__Output>,
  request: Request,
  context: CallContext,
  command: () => JobCommand,
): Promise<Job__Output> {
  const { job, forwarded } = request;
  const fetching = forwarded || components.recorded(job) !== undefined ? undefined : components.fetching.find(job);
  if (fetching !== undefined) throw notYet(fetching);
  return atCoordinator(components, method, request, context, () => components.coordinator.jobs.control(job, command()));
}

function notYet({ id, state, reason }: JobView): ReelmeshError {
  if (state !== FETCHING) return new ReelmeshError("CONFLICT", `job ${id} has no source: ${reason}`);
  const until = `wait until it is submitted, or end it with: reelmesh cancel ${id}`;
  return new ReelmeshError("CONFLICT", `the source of job ${id} is still being fetched: ${until}`);
}

/** Makes a job of a source that is here; the same id twice is one job. */
export async function submitJob(
  components: Components,
  request: SubmitRequest__Output,
  context: Pick<CallContext, "signal" | "deadline">,
): Promise<Job__Output> {
  const ready = request.forwarded ? request : await components.prepare(request, context.signal);
  const here = () => components.coordinator.jobs.submit(submission(ready));
  return atCoordinator(components, services.Jobs.Submit, ready, context, here);
}

async function* fetchSource(
  components: Components,
  request: FetchRequest__Output,
  context: Pick<CallContext, "signal" | "deadline">,
) {
  const { submission } = request;
  if (submission === null) throw new ReelmeshError("INVALID_INPUT", "the call names no job for the source");
  const { job } = submission;
  // It may have become a job while nobody listened.
  if (components.recorded(job) === undefined) {
    for await (const fetching of components.fetch(request.url, submission, context.signal)) {
      yield { fetching };
    }
    await readUpTo(components, job, context.signal);
  }
  const submitted = components.recorded(job);
  if (submitted !== undefined) yield { submitted };
}

/** What was appended is in this node's copy of the log a moment later. */
async function readUpTo({ recorded }: Components, job: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (recorded(job) === undefined && !signal.aborted && Date.now() < until) await delay(RETRY_MS / 5);
}

/** Of a job whose source is still fetched: gives that up, here or at the node that does it. */
async function cancelFetch(
  { fetching, cancelFetch, clients, recorded }: Components,
  { job }: { job: string },
  { deadline, signal }: Pick<CallContext, "signal" | "deadline">,
): Promise<Job__Output | undefined> {
  const view = fetching.find(job);
  const fetcher = fetching.fetcher(job);
  if (view === undefined || fetcher === undefined || recorded(job) !== undefined) return undefined;
  if (view.state !== FETCHING) throw notYet(view);
  if (await cancelFetch(job)) return { ...view, state: "cancelled", reason: "its source is not fetched any more" };
  const deadlineMs = Math.max(1, Math.min(deadline - Date.now(), PATIENCE_MS));
  return clients.call(fetcher.grpc, services.Jobs.Cancel, { job, forwarded: false }, { deadlineMs, signal });
}

function submission(request: SubmitRequest__Output): Fact & { kind: "jobSubmitted" } {
  const { job, fileName, name, asset, source, holder, options, priority } = request;
  checkPriority(priority);
  return {
    kind: "jobSubmitted",
    jobSubmitted: { job, fileName, name, asset, source, holder, options, priority, submittedMs: 0 },
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
  { signal, deadline }: Pick<CallContext, "signal" | "deadline">,
  here: () => Promise<NoInfer<Partial<Response>>>,
): Promise<Response> {
  const until = Math.min(deadline, Date.now() + (components.obstacle() === undefined ? PATIENCE_MS : 0));
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
async function* watch(
  components: Components,
  request: { job: string; forwarded: boolean },
  context: Pick<CallContext, "signal" | "deadline">,
) {
  const { coordinator, clients } = components;
  const { signal } = context;
  const recorded = components.recorded(request.job);
  if (recorded !== undefined && hasEnded(recorded)) {
    yield recorded;
    return;
  }
  if (yield* watchFetching(components, request.job, signal)) return;
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

/** Until the job is in the log; true when its source was given up. */
async function* watchFetching({ fetching, recorded }: Components, job: string, signal: AbortSignal) {
  for (let view = fetching.find(job); view !== undefined && !signal.aborted; view = fetching.find(job)) {
    if (recorded(job) !== undefined) return false;
    yield view;
    if (hasEnded(view)) return true;
    await delay(FETCHING_MS);
  }
  return false;
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

function addressOf({ obstacle, coordinatorAddress }: Components): string {
  const problem = obstacle();
  if (problem !== undefined) throw new ReelmeshError("UNAVAILABLE", problem);
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
