/**
 * Uploads over HTTP that go on where they stopped: the tus protocol 1.0 (https://tus.io/protocols/resumable-upload) by
 * its library. The answer to the last part, and to HEAD afterwards, names what is stored in Repr-Digest (RFC 9530).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Server } from "@tus/server";
import { type ErrorCode, ReelmeshError, toReelmeshError } from "../../core/errors.js";
import type { Arrivals } from "./arrivals.js";
import { bridge } from "./bridge.js";
import { describeUpload, nameUpload } from "./describe-upload.js";
import { UploadLocks } from "./locks.js";
import type { Arrival } from "./records.js";
import { ArrivalsStore } from "./tus-store.js";

/** How long a request that must end for a newer one may still write, in milliseconds. */
const DRAIN_MS = 500;

interface UploadParts {
  arrivals: Arrivals;
  /** HTTP status of an error. */
  statusOf(error: ReelmeshError): number;
  /** Hears of errors that are this node's own fault. */
  report(error: ReelmeshError): void;
  /** Makes a job of an upload that says so itself. INVALID_INPUT when it is refused. */
  arrived(arrival: Arrival): Promise<void>;
}

export interface Uploads {
  /** Answers a request at or below /uploads. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function tusUploads({ arrivals, statusOf, report, arrived }: UploadParts): Uploads {
  const store = new ArrivalsStore(arrivals, describeUpload);
  const server = new Server({
    path: "/uploads",
    datastore: store,
    locker: new UploadLocks(),
    relativeLocation: true,
    lockDrainTimeout: DRAIN_MS,
    maxSize: arrivals.limit,
    exposedHeaders: ["Repr-Digest"],
    namingFunction: ({ headers }, metadata) => nameUpload(headers.get("upload-length") ?? "", metadata ?? {}),
    onUploadFinish: async (_request, { id }) => {
      const arrival = store.find(id);
      const blob = await arrivals.finish(arrival);
      if (arrival.submission !== undefined) await arrived(arrival);
      return { headers: { "Repr-Digest": digestOf(blob.sha256) } };
    },
    onResponseError: (_request, thrown) => {
      const error = thrown instanceof Error ? toReelmeshError(thrown) : translate(thrown, arrivals.limit);
      if (["INTERNAL", "ENVIRONMENT", "CORRUPT"].includes(error.code)) report(error);
      const { code, message } = error;
      const status_code = thrown instanceof Error ? statusOf(error) : thrown.status_code;
      return { status_code, body: `${JSON.stringify({ code, message })}\n` };
    },
  });
  return {
    async handle(request, response) {
      // The library has no place for this: what a whole upload is called, for who asks again.
      const id = /^\/uploads\/([^/?]+)/.exec(request.url ?? "")?.[1] ?? "";
      const asked = request.method === "HEAD" ? arrivals.find(id) : undefined;
      const whole = asked !== undefined && arrivals.isWhole(asked);
      const added = whole ? { "Repr-Digest": digestOf(asked.blob.sha256) } : {};
      await bridge(request, response, (translated) => server.handleWeb(translated), added);
    },
  };
}

function digestOf(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, "hex").toString("base64")}:`;
}

/** What the library itself refuses, in our words where they help. */
function translate({ status_code, body }: { status_code: number; body: string }, limit: number): ReelmeshError {
  if (status_code === 413 && body.startsWith("Maximum")) {
    const message = `the upload is larger than the ${limit} bytes that this node takes; start it with a larger --upload-limit`;
    return new ReelmeshError("INVALID_INPUT", message);
  }
  return new ReelmeshError(CODES[status_code] ?? "INVALID_INPUT", `the upload is refused: ${body.trim()}`);
}

const CODES: Record<number, ErrorCode> = { 404: "NOT_FOUND", 409: "CONFLICT", 410: "NOT_FOUND", 500: "INTERNAL" };
