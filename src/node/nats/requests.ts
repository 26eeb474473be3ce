/** What all requests to JetStream share: its errors in this program's words, and waits that end. */
import { type JetStreamManager, type NatsConnection, NatsError } from "nats";
import { ReelmeshError } from "../../core/errors.js";
import { onAbort } from "../../core/on-abort.js";

const TIMEOUT_MS = 3_000;
const AGAIN_MS = 500;

/** JetStream's own code of an error (https://github.com/nats-io/nats-server, errors.json). */
export function jetStreamCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

export function unavailable(what: string, cause: unknown): ReelmeshError {
  if (cause instanceof ReelmeshError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ReelmeshError("UNAVAILABLE", `could not ${what}: NATS says "${why}"`, { cause });
}

/** Streams and consumers of a connection's servers; a request fails when it has no answer in time. */
export function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  return connection.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false });
}

/**
 * The first answer to a request that may be made more than once, and is made again every half second while there is none.
 * Servers that elect a leader never answer what came meanwhile, and at once what comes afterwards; and what they have given
 * to a server that is down, to answer, may go to another one the next time.
 */
export function firstAnswer<T>(ask: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const settled = (answer: T) => {
      clearInterval(again);
      resolve(answer);
    };
    const failed = (problem: unknown) => {
      clearInterval(again);
      reject(problem);
    };
    // That there is no such thing is an answer, too.
    const repeated = (problem: unknown) => jetStreamCode(problem) !== undefined && failed(problem);
    const again = setInterval(() => void ask().then(settled, repeated), AGAIN_MS);
    ask().then(settled, failed);
  });
}

/** The nats client takes no AbortSignal: stop waiting for it when ours fires (ABORTED). */
export function raceAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const forget = onAbort(signal, () => {
      reject(new ReelmeshError("ABORTED", "stopped while waiting for the mesh log"));
    });
    promise.then(resolve, reject).finally(forget);
  });
}
