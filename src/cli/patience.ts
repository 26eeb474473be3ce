import { setTimeout as pause } from "node:timers/promises";
import { type ErrorCode, toReelmeshError } from "../core/errors.js";

/** While a coordinator is lost and another elected, nodes answer with these, or not at all. */
const PASSING: ErrorCode[] = ["UNAVAILABLE", "NOT_COORDINATOR", "ABORTED"];

const PAUSE_MS = 500;

/** Decides whether to try again after a failure, within a time that starts anew with each success. */
export interface Patience {
  succeeded(): void;
  /** Returns when it is time to try again; throws the failure when it will not pass, or lasts too long. */
  afterFailure(failure: unknown, signal: AbortSignal): Promise<void>;
}

/** Trying for half a minute outlasts an election, the loss of NATS's leader included. */
export function createPatience(limitMs = 30_000): Patience {
  let failingSince: number | undefined;
  let told = false;
  return {
    succeeded() {
      failingSince = undefined;
    },
    async afterFailure(failure, signal) {
      failingSince ??= performance.now();
      const passing = PASSING.includes(toReelmeshError(failure).code);
      if (signal.aborted || !passing || performance.now() - failingSince >= limitMs) throw failure;
      if (!told)
        process.stderr.write(`reelmesh: trying again for ${limitMs / 1000} s: ${toReelmeshError(failure).message}\n`);
      told = true;
      await pause(PAUSE_MS, undefined, { signal });
    },
  };
}
