/** What the processes of the benchmark tell each other; times are milliseconds since 1970, on one machine. */
export type FromLeader =
  | { kind: "ready"; grpc: string }
  | { kind: "leads"; at: number }
  | { kind: "granted"; at: number }
  | { kind: "loop"; p99: number };

export type FromNodes = { kind: "claims"; waits: number[]; done: number; errors: Record<string, number> };

export type ToNodes = { kind: "leader"; grpc: string };
