/** A node that a benchmark measures: the program as its user starts it, on free ports of loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import type { ReadyLine } from "../../src/node/main.js";
import { packageRoot } from "../../src/node/paths.js";
import type { Group } from "./control-group.js";

export const PROGRAM = join(packageRoot, "dist/src/cli/main.js");

export interface NodeOptions {
  data: string;
  /** Default "bench". */
  name?: string;
  /** Further words of `reelmesh up`. */
  words?: string[];
  /** All that it starts is in it too. */
  group?: Pick<Group, "enter">;
  /** A module that is loaded into its process first, and that messages can be sent to. */
  inside?: string;
}

export interface RunningNode {
  process: ChildProcess;
  pid: number;
  /** host:port. */
  grpc: string;
  http: string;
  stop(): Promise<void>;
}

/** Settles when it is ready; rejects when it ends before. */
export async function startNode({
  data,
  name = "bench",
  words = [],
  group,
  inside,
}: NodeOptions): Promise<RunningNode> {
  const ports = ["grpc", "http", "peer", "nats", "route"].flatMap((which) => [`--${which}-port`, "0"]);
  const up = ["up", "--data", data, "--name", name, "--log", "json", ...ports, ...words];
  // The program itself: its first line tells Node.js what it needs.
  const [file, args] = group?.enter([PROGRAM, ...up]) ?? [PROGRAM, up];
  const env =
    inside === undefined ? process.env : { ...process.env, NODE_OPTIONS: `--import ${pathToFileURL(inside)}` };
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "ignore", ...(inside ? (["ipc"] as const) : [])] });
  const exited = once(child, "exit");
  const line = once(createInterface({ input: child.stdout as Readable }), "line");
  const [first] = (await Promise.race([line, exited])) as unknown[];
  if (typeof first !== "string") throw new Error(`${name} did not start`);
  const { grpc, http } = JSON.parse(first) as ReadyLine;
  const stop = async () => {
    child.kill("SIGINT");
    await exited;
  };
  return { process: child, pid: child.pid as number, grpc, http, stop };
}
