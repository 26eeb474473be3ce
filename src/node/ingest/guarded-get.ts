/** One GET to an address that the guard has looked at, after every redirect anew. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { ReelmeshError } from "../../core/errors.js";
import { parseRemote, showRemote } from "../../core/remote-source.js";
import type { SourceGuard, Target } from "./source-guard.js";

const MOST_REDIRECTS = 5;
/** A server that says nothing for so long is given up, in milliseconds. */
const SILENCE_MS = 60_000;

export interface Asking {
  url: URL;
  headers: Record<string, string>;
  guard: SourceGuard;
  /** False: an answer that leads elsewhere is an answer. */
  redirects: boolean;
  signal: AbortSignal;
}

/**
 * The answer, whose body is still to be read or destroyed. INVALID_INPUT when an address on the way is refused, or there
 * are too many; UNAVAILABLE when nobody answers.
 */
export async function guardedGet({ url, headers, guard, redirects, signal }: Asking): Promise<IncomingMessage> {
  let place = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const response = await ask(place, headers, await guard.resolve(place), signal);
    const { location } = response.headers;
    const leads = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location !== undefined;
    if (!leads || !redirects) return response;
    response.destroy();
    place = parseRemote(new URL(location, place).href);
    if (place.protocol === "s3:") throw new ReelmeshError("INVALID_INPUT", `${showRemote(url)} leads to s3`);
  }
  throw new ReelmeshError("INVALID_INPUT", `${showRemote(url)} leads on more than ${MOST_REDIRECTS} times`);
}

async function ask(
  url: URL,
  headers: Record<string, string>,
  targets: Target[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = open(url, headers, targets, signal);
  request.setTimeout(SILENCE_MS, () => request.destroy(new Error(`silent for ${SILENCE_MS / 1000} s`)));
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.once("error", reject);
      request.end();
    });
  } catch (cause) {
    if (signal.aborted) throw new ReelmeshError("ABORTED", "the fetch was stopped", { cause });
    const { message, code } = cause as NodeJS.ErrnoException;
    const reason = code === "EPROTO" ? "it does not speak TLS there" : (code ?? message);
    throw new ReelmeshError("UNAVAILABLE", `${showRemote(url)} cannot be reached: ${reason}`, { cause });
  } finally {
    // Whoever reads the body hears of a later error there.
    request.on("error", () => undefined);
  }
}

/** Connects to what was checked and to nothing else: the name is not looked up again. */
function open(url: URL, headers: Record<string, string>, targets: Target[], signal: AbortSignal): ClientRequest {
  const lookup = (_host: string, { all }: { all?: boolean }, done: (...found: unknown[]) => void) => {
    if (all === true) done(null, targets);
    else done(null, targets[0]?.address, targets[0]?.family);
  };
  const plain = { "accept-encoding": "identity", "user-agent": "reelmesh", ...headers };
  const make = url.protocol === "https:" ? httpsRequest : httpRequest;
  return make(url, { headers: plain, lookup: lookup as never, agent: false, signal });
}
