/**
 * Sources that this node fetches by itself, over breaks and restarts, until each is whole and its job is submitted:
 *   fetching   bytes come, or are asked for again after a while; `progress` tells how many
 *   whole      its job is being submitted
 *   ended      it is a job, or its verdict says why not
 */
import { EventEmitter, on } from "node:events";
import { type ErrorCode, ReelmeshError, toReelmeshError } from "../../core/errors.js";
import type { BlobStore, Clock } from "../../core/ports.js";
import { parseRemote, remoteFileName, showRemote } from "../../core/remote-source.js";
import type { Fetching } from "../fetching-jobs.js";
import { checkJobId, type Submission } from "../submission.js";
import { type Arrivals, ownerOf } from "./arrivals.js";
import type { Arrival } from "./records.js";
import type { RemoteReader } from "./remote-read.js";
import type { SelfSubmission } from "./self-submission.js";

/** Pauses between tries that gave nothing, and how many of them there are. */
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 60_000;
const MOST_TRIES = 10;
/** A source of which nothing ever came is likely to be a mistake in its name: whoever asked hears of it soon. */
const FIRST_TRIES = 5;
/** A fetch that is not whole after this time is given up, in milliseconds: somebody sends a byte a minute. */
const LONGEST_MS = 24 * 3_600_000;
/** Fetches at once; the others wait. */
const WIDTH = 4;
const TELL_MS = 500;
/** Verdict of what somebody has cancelled, and of nothing else that is a fetch. */
const CANCELLED: ErrorCode = "CONFLICT";
/** They stand in each heartbeat. */
const MOST_GIVEN_UP = 20;

interface Components {
  arrivals: Arrivals;
  reader: Pick<RemoteReader, "read">;
  store: Pick<BlobStore, "own">;
  selfSubmission: Pick<SelfSubmission, "submit">;
  clock: Pick<Clock, "sleep" | "every">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Fetches {
  readonly #components: Components;
  readonly #running = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  readonly #waiting: Arrival[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #lengths = new Map<string, number>();
  /** Why the last try broke off, until bytes come again. */
  readonly #troubles = new Map<string, string>();
  #stopped = false;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Goes on with what was under way when the node was stopped. */
  start(): void {
    for (const arrival of this.#components.arrivals.list()) if (isUnderWay(arrival)) this.#enter(arrival);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** Begins to fetch a job's source; the same job and address again is the same fetch. INVALID_INPUT, CONFLICT. */
  async add(address: string, submission: Submission): Promise<Arrival> {
    const { job } = submission;
    checkJobId(job);
    const url = parseRemote(address);
    const known = this.#components.arrivals.find(job);
    if (known !== undefined && known.verdict?.code !== "SUBMITTED") {
      if (known.remote?.url !== url.href) throw new ReelmeshError("CONFLICT", `job ${job} has another source already`);
      if (known.verdict === undefined) return known;
    }
    if (known !== undefined) await this.#components.arrivals.remove(job);
    const fileName = submission.fileName || remoteFileName(url);
    const remote = { url: url.href };
    const planned = { ...submission, fileName };
    const added = { id: job, job, kind: "source" as const, expected: null, submission: planned, remote };
    const arrival = await this.#components.arrivals.add(added);
    // What goes with it was uploaded before, and nothing else would keep it for so long.
    for (const { file } of planned.options?.subtitles ?? []) {
      if (file !== null) await this.#components.store.own(file.sha256, ownerOf(arrival));
    }
    this.#components.report("fetching a source", { job, source: showRemote(url) });
    this.#enter(arrival);
    return arrival;
  }

  /** What is under way here, and what was given up lately. */
  list(): Fetching[] {
    const all = this.#components.arrivals.list();
    const latest = all.filter(isGivenUp).sort((one, other) => other.touched - one.touched);
    return [...all.filter(isUnderWay), ...latest.slice(0, MOST_GIVEN_UP)].map((arrival) => this.#describe(arrival));
  }

  #describe(arrival: Arrival): Fetching {
    const { job, expected, synced, submission, remote, blob, id, verdict } = arrival;
    const name = submission?.name || submission?.fileName || job;
    const bytes = blob?.bytes ?? this.#lengths.get(id) ?? synced;
    const trouble = this.#troubles.get(id) ?? "";
    const givenUp = isGivenUp(arrival) ? (verdict?.message ?? "") : "";
    return { job, name, source: showRemote(new URL(remote?.url ?? "")), bytes, total: expected ?? 0, trouble, givenUp };
  }

  /** Gives up what is under way, for whoever follows it as well; false when there is no such fetch. */
  async cancel(job: string): Promise<boolean> {
    const arrival = this.#components.arrivals.find(job);
    if (arrival === undefined || !isUnderWay(arrival)) return false;
    await this.#end(arrival, CANCELLED, "it was cancelled while its source was fetched");
    const running = this.#running.get(job);
    running?.stop.abort();
    await running?.ended;
    return true;
  }

  /** Tells how far it is, at once and while it goes on; ends when it is a job. Throws why it is none. */
  async *follow(job: string, signal: AbortSignal): AsyncGenerator<Fetching> {
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, ended.signal]);
    const beat = this.#components.clock.every(TELL_MS, () => this.#news.emit("news"));
    try {
      const news = on(this.#news, "news", { signal: stop });
      for (;;) {
        const arrival = this.#components.arrivals.find(job);
        if (arrival === undefined) throw new ReelmeshError("NOT_FOUND", `no source of job ${job} is fetched here`);
        yield this.#describe(arrival);
        const { verdict } = arrival;
        if (verdict?.code === "SUBMITTED") return;
        if (verdict !== undefined) throw new ReelmeshError(verdict.code as ErrorCode, verdict.message);
        await news.next();
      }
    } finally {
      beat();
      ended.abort();
    }
  }

  #enter(arrival: Arrival): void {
    this.#waiting.push(arrival);
    this.#next();
  }

  #next(): void {
    if (this.#stopped || this.#running.size >= WIDTH) return;
    const arrival = this.#waiting.shift();
    if (arrival === undefined) return;
    const stop = new AbortController();
    const ended = this.#run(arrival, stop.signal)
      .catch((error: unknown) => this.#components.report("a fetch failed", { job: arrival.job, error }))
      .finally(() => {
        this.#running.delete(arrival.id);
        this.#lengths.delete(arrival.id);
        this.#troubles.delete(arrival.id);
        this.#news.emit("news");
        this.#next();
      });
    this.#running.set(arrival.id, { stop, ended });
  }

  async #run(arrival: Arrival, signal: AbortSignal): Promise<void> {
    const { arrivals, selfSubmission, report } = this.#components;
    if (!isUnderWay(arrival)) return;
    const limit = AbortSignal.timeout(LONGEST_MS);
    try {
      if (arrival.blob === undefined) {
        await this.#fetch(arrival, AbortSignal.any([signal, limit]));
        await arrivals.finish(arrival);
      }
      await selfSubmission.submit(arrival);
    } catch (thrown) {
      const error = toReelmeshError(thrown);
      // The node is stopping, and goes on when it is started again; or somebody has ended it.
      if (signal.aborted || arrival.verdict !== undefined) return;
      const reason = limit.aborted ? `its source was not whole after ${LONGEST_MS / 3_600_000} hours` : error.message;
      report("a source cannot be fetched", { job: arrival.job, error: reason });
      await this.#end(arrival, limit.aborted ? "INVALID_INPUT" : error.code, reason);
    }
  }

  /** Asks until all is there. Throws when that cannot help, or has not for long. */
  async #fetch(arrival: Arrival, signal: AbortSignal): Promise<void> {
    const { arrivals, reader, clock, report } = this.#components;
    const watch = clock.every(TELL_MS, () => void this.#look(arrival));
    try {
      for (let failures = 0; ; ) {
        const before = await arrivals.length(arrival);
        try {
          return await reader.read(arrival, signal);
        } catch (thrown) {
          const error = toReelmeshError(thrown);
          const grew = (await arrivals.length(arrival).catch(() => 0)) > before;
          failures = grew ? 1 : failures + 1;
          const most = before === 0 && !grew ? FIRST_TRIES : MOST_TRIES;
          if (error.code !== "UNAVAILABLE" || signal.aborted) throw error;
          if (failures >= most) throw givenUp(error, failures);
          this.#troubles.set(arrival.id, error.message);
          report("a source is asked for again", { job: arrival.job, error });
          await clock.sleep(Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS), signal);
        }
      }
    } finally {
      watch();
    }
  }

  async #look(arrival: Arrival): Promise<void> {
    const length = await this.#components.arrivals.length(arrival).catch(() => undefined);
    if (length === undefined || !this.#running.has(arrival.id)) return;
    if (length > (this.#lengths.get(arrival.id) ?? 0)) this.#troubles.delete(arrival.id);
    this.#lengths.set(arrival.id, length);
  }

  async #end(arrival: Arrival, code: ErrorCode, message: string): Promise<void> {
    const { arrivals } = this.#components;
    // What was refused at its first bytes is gone, and its verdict is to be told.
    if (arrivals.find(arrival.id) === undefined) await arrivals.add({ ...arrival, expected: null });
    await arrivals.end(arrivals.find(arrival.id) ?? arrival, { code, message });
    this.#news.emit("news");
  }
}

/** A verdict, and none of the codes that ask a client to try again: that would begin the fetch anew. */
function givenUp(cause: ReelmeshError, tries: number): ReelmeshError {
  const message = `${cause.message}; asked ${tries} times in vain: look at the address, and submit it again`;
  return new ReelmeshError("INVALID_INPUT", message, { cause });
}

function isGivenUp({ remote, verdict }: Arrival): boolean {
  return remote !== undefined && verdict !== undefined && verdict.code !== "SUBMITTED" && verdict.code !== CANCELLED;
}

function isUnderWay({ remote, verdict }: Arrival): boolean {
  return remote !== undefined && verdict === undefined;
}
