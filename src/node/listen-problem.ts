/** Why an address cannot be listened on, in words; gRPC hides the system's reason in a sentence of its own. */
const REASONS: [RegExp, string][] = [
  [/EADDRINUSE/, "the port is in use"],
  [/EADDRNOTAVAIL/, "this machine has no such address"],
  [/EACCES/, "this user may not use such a port"],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/i, "that name leads to no address"],
];

/** With what to do next. */
export function listenProblem(cause: unknown): string {
  const words = cause instanceof Error ? `${(cause as NodeJS.ErrnoException).code} ${cause.message}` : String(cause);
  const reason = REASONS.find(([pattern]) => pattern.test(words))?.[1] ?? words;
  return `${reason}; choose another --listen address or port (0 picks a free one)`;
}
