/** What the processes of the benchmark tell each other; times are milliseconds since 1970, on one machine. */
export type FromLeader =
  | { kind: "ready"; grpc: string }
  | { kind: "leads"; at: number }
  | { kind: "granted"; at: number }
  | Stalls;

/** How late the event loop was since the last time, in milliseconds. */
export interface Stalls {
  kind: "loop";
  p99: number;
  most: number;
  /** The longest collection of garbage, in milliseconds. */
  collecting: number;
  /** Bytes of JavaScript objects after the last collection of all of them; 0 before the first. */
  heap: number;
}

export interface FromNodes {
  kind: "claims";
  waits: number[];
  done: number;
  errors: Record<string, number>;
  /** The longest that the event loop of the simulated nodes was late, in milliseconds: claims wait for that too. */
  late: number;
}

export type ToNodes = { kind: "leader"; grpc: string };
