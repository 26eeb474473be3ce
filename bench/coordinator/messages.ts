/** What the processes of the benchmark tell each other; times are milliseconds since 1970, on one machine. */
export type FromLeader =
  | { kind: "ready"; grpc: string }
  | { kind: "leads"; at: number }
  | { kind: "granted"; at: number }
  | { kind: "loop"; p99: number; most: number };

export interface FromNodes {
  kind: "claims";
  waits: number[];
  done: number;
  errors: Record<string, number>;
  /** The longest that the event loop of the simulated nodes was late, in milliseconds: claims wait for that too. */
  late: number;
}

export type ToNodes = { kind: "leader"; grpc: string };
