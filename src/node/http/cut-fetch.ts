/** What another node makes on request: chunks cut from a source that it holds, and init segments. */
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import { ReelmeshError } from "../../core/errors.js";
import { bodyOf, peerError, requestPeer } from "./peer-request.js";

interface PeerConnections {
  agent: Agent;
  /** Milliseconds without a byte after which the node is given up. */
  stallMs: number;
}

/** Milliseconds that a node may take to cut a chunk and to encode its first frame. */
const INITS_MS = 30_000;

export async function fetchInits(
  { agent, stallMs }: PeerConnections,
  source: string,
  path: string,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  try {
    const response = await requestPeer({ source, path, waitMs: INITS_MS, agent, signal });
    if (response.statusCode !== 200) throw await peerError(response, stallMs);
    const bytes: Buffer[] = [];
    for await (const chunk of bodyOf(response, stallMs)) bytes.push(chunk);
    return JSON.parse(Buffer.concat(bytes).toString()) as Record<string, string>;
  } catch (cause) {
    if (cause instanceof ReelmeshError) throw cause;
    throw new ReelmeshError("UNAVAILABLE", `${source} did not answer ${path}: ${String(cause)}`, { cause });
  }
}

/** The file is complete, or there is none. `waitMs`: how long the node may take before it sends the first byte. */
export async function fetchCut(
  { agent, stallMs }: PeerConnections,
  source: string,
  path: string,
  waitMs: number,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await requestPeer({ source, path, waitMs, agent, signal }).catch((cause: unknown) => {
    throw new ReelmeshError("UNAVAILABLE", `${source} did not answer ${path}: ${String(cause)}`, { cause });
  });
  if (response.statusCode !== 200) throw await peerError(response, stallMs);
  const expected = Number(response.headers["content-length"]);
  try {
    const output = createWriteStream(file);
    await pipeline(bodyOf(response, stallMs), output, { signal });
    if (output.bytesWritten !== expected) throw new Error(`${output.bytesWritten} of ${expected} bytes arrived`);
  } catch (cause) {
    await rm(file, { force: true });
    throw cutFailure(source, path, cause);
  }
}

function cutFailure(source: string, path: string, cause: unknown): ReelmeshError {
  const onDisk = ["open", "write"].includes((cause as NodeJS.ErrnoException).syscall ?? "");
  const code = onDisk ? "ENVIRONMENT" : "UNAVAILABLE";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ReelmeshError(code, `${path} of ${source} was not fetched: ${reason}`, { cause });
}
