/** Errors across gRPC: a ReelmeshError leaves as a status with its code beside it, and arrives as what it was. */
import { logVerbosity, Metadata, type ServiceError, type StatusObject, setLogVerbosity, status } from "@grpc/grpc-js";
import { type ErrorCode, ReelmeshError, toReelmeshError } from "../../core/errors.js";

// grpc-js prints some failures by itself as well; here each is thrown once, and whoever catches it decides.
if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);

/** Key of the trailing metadata that holds the ErrorCode. */
const CODE_KEY = "reelmesh-code";

/** Longest message that travels, in characters: trailers are headers, which peers limit to some KiB. */
const MESSAGE_LIMIT = 2000;

const STATUS_OF: Record<ErrorCode, status> = {
  INVALID_INPUT: status.INVALID_ARGUMENT,
  NOT_FOUND: status.NOT_FOUND,
  CONFLICT: status.FAILED_PRECONDITION,
  UNAVAILABLE: status.UNAVAILABLE,
  NOT_COORDINATOR: status.FAILED_PRECONDITION,
  ENVIRONMENT: status.RESOURCE_EXHAUSTED,
  CORRUPT: status.DATA_LOSS,
  MEDIA: status.INTERNAL,
  OTHER_FRAMES: status.INTERNAL,
  ABORTED: status.CANCELLED,
  INTERNAL: status.INTERNAL,
};

/** For a status that no reelmesh handler gave: gRPC's own, or another program's. The rest is INTERNAL. */
const CODE_OF: Partial<Record<status, ErrorCode>> = {
  [status.INVALID_ARGUMENT]: "INVALID_INPUT",
  [status.NOT_FOUND]: "NOT_FOUND",
  [status.FAILED_PRECONDITION]: "CONFLICT",
  [status.RESOURCE_EXHAUSTED]: "ENVIRONMENT",
  [status.DATA_LOSS]: "CORRUPT",
};

/** What grpc-js says of a call whose stream ended without a status, as it does when the peer's process is killed. */
const NO_STATUS = /RST_STREAM|without gRPC status/;

/** UNAVAILABLE because nothing answers at the address, or the connection to it broke. */
export class PeerUnreachable extends ReelmeshError {
  readonly address: string;

  constructor(address: string, reason: string, options?: { cause?: unknown }) {
    super("UNAVAILABLE", `no node answers at ${address} (${reason})`, options);
    this.name = "PeerUnreachable";
    this.address = address;
  }
}

/** Whether a word that came from outside is a code of ours. */
export function isErrorCode(word: unknown): word is ErrorCode {
  return typeof word === "string" && Object.hasOwn(STATUS_OF, word);
}

/** What a handler answers for anything thrown in it. */
export function toStatus(thrown: unknown): StatusObject {
  const error = toReelmeshError(thrown);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  return { code: STATUS_OF[error.code], details: wellFormed(error.message), metadata };
}

/** What a caller throws for a call to `address` that failed. */
export function fromServiceError(error: ServiceError, address: string): ReelmeshError {
  const code = error.metadata?.get(CODE_KEY)[0];
  if (isErrorCode(code)) return new ReelmeshError(code, error.details, { cause: error });
  const options = { cause: error };
  switch (error.code) {
    case status.UNAVAILABLE:
      return new PeerUnreachable(address, reason(error.details), options);
    case status.DEADLINE_EXCEEDED:
      return new ReelmeshError(
        "UNAVAILABLE",
        `the node at ${address} did not answer in time; is it busy? Ask another node with --node`,
        options,
      );
    case status.CANCELLED:
      return new ReelmeshError("UNAVAILABLE", `the node at ${address} ended the call; it may be stopping`, options);
    case status.UNIMPLEMENTED:
      return new ReelmeshError("INTERNAL", `the node at ${address} does not know the call; compare versions`, options);
    case status.INTERNAL:
      // The caller's own word for a connection that broke before the answer: the call may be tried again.
      if (NO_STATUS.test(error.details)) return new PeerUnreachable(address, "the connection was lost", options);
      return new ReelmeshError("INTERNAL", `${address} answered: ${error.details}`, options);
    default:
      return new ReelmeshError(CODE_OF[error.code] ?? "INTERNAL", `${address} answered: ${error.details}`, options);
  }
}

/** gRPC's words for a failed connection, which are long and carry time stamps, as a few plain ones. */
function reason(details: string): string {
  if (details.includes("ECONNREFUSED")) return "connection refused";
  if (details.includes("Protocol error")) return "what listens there does not speak gRPC; is it the HTTP port?";
  if (/Name resolution failed|ENOTFOUND|EAI_AGAIN/.test(details)) return "the host name is not known";
  if (/EHOSTUNREACH|ENETUNREACH/.test(details)) return "no route to the host";
  if (/Connection dropped|ECONNRESET|GOAWAY/i.test(details)) return "the connection was lost";
  return details;
}

/** Cut to the limit, halves of surrogate pairs replaced: encodeURI, by which gRPC sends details, throws at those. */
function wellFormed(message: string): string {
  return Buffer.from(message.slice(0, MESSAGE_LIMIT)).toString();
}
