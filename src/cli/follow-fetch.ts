import { ReelmeshError } from "../core/errors.js";
import type { Fetching__Output as Fetching } from "../gen/reelmesh/v1/Fetching.js";
import type { FetchRequest } from "../gen/reelmesh/v1/FetchRequest.js";
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import type { PeerClients } from "../node/grpc/client.js";
import { services } from "../node/proto.js";
import type { Display } from "./display.js";
import { createPatience } from "./patience.js";

/** One stream lasts at most this long; then another one goes on, in milliseconds. */
const FETCH_MS = 24 * 3_600_000;

/**
 * Has a node fetch a source, shows how far it is and returns the job that it has become. A node that goes away is
 * waited for as usual; after that the error says what becomes of the fetch.
 */
export async function followFetch(
  clients: PeerClients,
  node: string,
  request: FetchRequest,
  signal: AbortSignal,
  display: Display<Fetching>,
): Promise<Job> {
  const patience = createPatience();
  let begun = false;
  try {
    for (;;) {
      try {
        const options = { deadlineMs: FETCH_MS, signal };
        for await (const { fetching, submitted } of clients.stream(
          node,
          services.Jobs.Fetch,
          request as never,
          options,
        )) {
          begun = true;
          patience.succeeded();
          if (submitted) return submitted;
          if (fetching) display.show(fetching);
        }
        throw new ReelmeshError("UNAVAILABLE", `the node at ${node} stopped telling of the fetch`);
      } catch (failure) {
        await patience.afterFailure(failure, signal).catch((last: unknown) => {
          throw begun ? sayWhatBecomes(last, node) : last;
        });
      }
    }
  } finally {
    display.stop();
  }
}

function sayWhatBecomes(failure: unknown, node: string): unknown {
  if (!(failure instanceof ReelmeshError) || failure.code !== "UNAVAILABLE") return failure;
  const message = `the node at ${node} went away while it fetched the source; it goes on when it is started again`;
  return new ReelmeshError("UNAVAILABLE", `${message} (${failure.message})`, { cause: failure });
}
