/**
 * What went wrong, for a program: stable across versions, and mapped once to a gRPC status, an HTTP status and an
 * exit code at the edges.
 */
export type ErrorCode =
  | "INVALID_INPUT" // the caller's words or file are refused; trying again unchanged cannot help
  | "NOT_FOUND"
  | "CONFLICT" // the thing is in a state that does not allow it
  | "UNAVAILABLE" // a peer, the bus or the coordinator is not there now; trying again may help
  | "NOT_COORDINATOR" // asked a node that does not hold the term
  | "ENVIRONMENT" // the machine lacks something: a program, a port, room on the disk
  | "CORRUPT" // bytes are not what their name says
  | "MEDIA" // a source or an encode did not give what was planned
  | "OTHER_FRAMES" // a source gave other frames than the plan expects of it
  | "ABORTED" // stopped on request
  | "INTERNAL";

/** An error that a person reads: the message names the input, the reason and the next step. */
export class ReelmeshError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "ReelmeshError";
    this.code = code;
  }
}

/** Any thrown value as a ReelmeshError; one that is foreign becomes INTERNAL and keeps its cause. */
export function toReelmeshError(thrown: unknown): ReelmeshError {
  if (thrown instanceof ReelmeshError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ReelmeshError("INTERNAL", message, { cause: thrown });
}
