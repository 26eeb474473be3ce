/** Makes jobs of what has arrived and needs nobody else to submit it: tried until the mesh has taken or refused it. */
import { type ReelmeshError, toReelmeshError } from "../../core/errors.js";
import type { Clock } from "../../core/ports.js";
import type { Submission } from "../submission.js";
import type { Arrivals } from "./arrivals.js";
import type { Arrival } from "./records.js";

const RETRY_MS = 5_000;
/** A submission that is not answered in this time is made again; the same id twice is one job. */
const SUBMIT_MS = 600_000;

interface Components {
  arrivals: Arrivals;
  /** As Jobs.Submit. */
  submit(request: Submission, signal: AbortSignal): Promise<unknown>;
  clock: Pick<Clock, "every">;
  report(event: string, details: Record<string, unknown>): void;
}

export class SelfSubmission {
  readonly #components: Components;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();
  #stopLooking = () => {};

  constructor(components: Components) {
    this.#components = components;
  }

  /** Also what had arrived before this node was started. */
  start(): void {
    const { clock, arrivals } = this.#components;
    this.#stopLooking = clock.every(RETRY_MS, () => {
      // What the mesh says stands in the record.
      for (const arrival of arrivals.list()) if (this.#isDue(arrival)) this.submit(arrival).catch(() => undefined);
    });
  }

  async stop(): Promise<void> {
    this.#stopLooking();
    this.#stopped.abort();
    await Promise.allSettled(this.#running.values());
  }

  /** Submits what is whole. Returns when the mesh has taken it, or cannot now; INVALID_INPUT when it is refused. */
  submit(arrival: Arrival): Promise<void> {
    const running = this.#running.get(arrival.id);
    if (running !== undefined) return running;
    const submitting = this.#submit(arrival).finally(() => this.#running.delete(arrival.id));
    this.#running.set(arrival.id, submitting);
    return submitting;
  }

  #isDue(arrival: Arrival): boolean {
    return (
      this.#components.arrivals.isWhole(arrival) && arrival.submission !== undefined && arrival.verdict === undefined
    );
  }

  async #submit(arrival: Arrival): Promise<void> {
    const { arrivals, submit, report } = this.#components;
    const { submission, blob, job } = arrival;
    if (submission === undefined || blob === undefined) return;
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(SUBMIT_MS)]);
      await submit({ ...submission, source: blob }, signal);
      await arrivals.end(arrival, { code: "SUBMITTED", message: "" });
      report("what arrived is a job", { job });
    } catch (thrown) {
      const error = toReelmeshError(thrown);
      if (!isFinal(error)) {
        report("what arrived cannot be submitted now", { job, error });
        return;
      }
      const { code, message } = error;
      await arrivals.end(arrival, { code, message });
      report("what arrived is refused", { job, error });
      throw error;
    }
  }
}

/** Another try cannot help. */
function isFinal({ code }: ReelmeshError): boolean {
  return code === "INVALID_INPUT" || code === "CONFLICT" || code === "NOT_FOUND" || code === "MEDIA";
}
