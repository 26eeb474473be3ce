import { createReadStream } from "node:fs";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ReelmeshError } from "../core/errors.js";
import type { BlobReference } from "../core/work.js";
import { isErrorCode } from "../node/grpc/errors.js";

/** A connection on which nothing moves for this long is given up, in milliseconds: a node may be flushing to disk. */
const IDLE_MS = 120_000;

export interface Upload {
  file: string;
  /** Length of the file in bytes. */
  bytes: number;
  /** "host:port" of the node's peer listener. */
  peer: string;
  /** Job that it is for. */
  job: string;
  /** What it is; the job's source unless said otherwise. */
  kind?: "subtitles";
}

/**
 * Sends a file to a node by PUT /uploads/<job> (subtitles: /uploads/<job>/subtitles), and returns what the node stored. Throws what the node answers;
 * UNAVAILABLE when it cannot be reached, INVALID_INPUT when the file becomes shorter meanwhile, ABORTED by the signal.
 */
export async function upload(
  { file, bytes, peer, job, kind }: Upload,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<BlobReference> {
  const request = httpRequest(`http://${peer}/uploads/${job}${kind === undefined ? "" : `/${kind}`}`, {
    method: "PUT",
    agent: false,
    signal,
    headers: { "content-type": "application/octet-stream", "content-length": bytes },
  });
  request.setTimeout(IDLE_MS, () => request.destroy(new Error(`nothing moved for ${IDLE_MS / 1000} s`)));
  try {
    const response = await exchange(request, readExactly(file, bytes, onSent));
    return readAnswer(response.statusCode, await text(response), peer);
  } catch (error) {
    if (error instanceof ReelmeshError) throw error;
    if (signal.aborted) throw new ReelmeshError("ABORTED", `the upload of ${file} was stopped`);
    const { message, code } = error as NodeJS.ErrnoException;
    const problem = `cannot upload to ${peer}: ${code === "ECONNREFUSED" ? "connection refused" : message}`;
    const next = "is the node's peer port open to this machine?";
    throw new ReelmeshError("UNAVAILABLE", `${problem}; ${next}`, { cause: error });
  } finally {
    request.destroy();
  }
}

/** The answer; when there is none because the source failed, the source's failure. */
async function exchange(request: ClientRequest, source: AsyncIterable<Buffer>): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  // A node that refuses answers before it has read everything: then the answer counts, and not the broken pipe.
  const sending = pipeline(source, request).catch((failure: unknown) => failure);
  try {
    return await answer;
  } catch (error) {
    const failure = await sending;
    throw failure instanceof ReelmeshError ? failure : error;
  }
}

/** A file's bytes, counted: as many as were promised, also when the file grows meanwhile. */
async function* readExactly(file: string, bytes: number, onSent: (bytes: number) => void): AsyncIterable<Buffer> {
  let sent = 0;
  try {
    for await (const chunk of createReadStream(file, { end: bytes - 1 })) {
      sent += chunk.byteLength;
      onSent(sent);
      yield chunk;
    }
  } catch (cause) {
    throw new ReelmeshError("ENVIRONMENT", `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  if (sent === bytes) return;
  throw new ReelmeshError("INVALID_INPUT", `${file} became shorter while it was uploaded; submit it again`);
}

function readAnswer(status: number | undefined, body: string, peer: string): BlobReference {
  const answer = parseObject(body);
  if (status === 201 && typeof answer.sha256 === "string" && typeof answer.bytes === "number") {
    return { sha256: answer.sha256, bytes: answer.bytes };
  }
  if (isErrorCode(answer.code)) throw new ReelmeshError(answer.code, String(answer.message));
  throw new ReelmeshError("INTERNAL", `${peer} answered the upload with HTTP ${status}; is it a reelmesh node?`);
}

function parseObject(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
