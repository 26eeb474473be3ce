/** One run of wrk (github.com/wg/wrk), and what it cost the server. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { childrenOf, processorTimes, processStat } from "../support/process-stat.js";

const run = promisify(execFile);

export interface Load {
  requests: number;
  /** Megabytes (10^6) a second. */
  megabytes: number;
  /** Processor cores that the server's processes took: seconds of processor time a second. */
  cores: number;
  /** The same of everything on the machine but the server, wrk and this program. */
  others: number;
  /** Bytes of memory that they took beyond what they had before, at most, for each connection. */
  bytesAConnection: number;
  errors: string;
}

/** Asks for the paths in turn; `pids`: processes of the server, whose children count with them. */
export async function wrk(
  folder: string,
  http: string,
  paths: string[],
  connections: number,
  seconds: number,
  pids: number[],
): Promise<Load> {
  const script = join(folder, "paths.lua");
  const list = paths.map((path) => JSON.stringify(path)).join(", ");
  const cycle = "at = 0\nrequest = function() at = at % #paths + 1; return wrk.format('GET', paths[at]) end";
  await writeFile(script, `paths = {${list}}\n${cycle}\n`);
  const [before, busyBefore, began] = [await usage(pids), (await processorTimes()).busy, performance.now()];
  const words = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, `http://${http}`];
  const client = run("wrk", words);
  const watching = new AbortController();
  const watch = watchUsage([process.pid, client.child.pid as number], pids, watching.signal);
  const { stdout } = await client;
  const elapsed = (performance.now() - began) / 1000;
  const [after, busyAfter] = [await usage(pids), (await processorTimes()).busy];
  watching.abort();
  const { most, own } = await watch;
  const cores = (seconds: number) => seconds / elapsed;
  const taken = after.seconds - before.seconds;
  return {
    ...readReport(stdout),
    cores: cores(taken),
    others: Math.max(0, cores(busyAfter - busyBefore - taken - own)),
    bytesAConnection: (most - before.resident) / connections,
  };
}

/** Most that the server's processes had in memory, and the seconds of processor time that this one and wrk took. */
async function watchUsage(client: number[], server: number[], signal: AbortSignal) {
  const first = (await usage(client)).seconds;
  let [most, own] = [0, 0];
  while (!signal.aborted) {
    most = Math.max(most, (await usage(server)).resident);
    own = Math.max(own, (await usage(client)).seconds - first);
    await delay(100);
  }
  return { most, own };
}

function readReport(text: string): Pick<Load, "requests" | "megabytes" | "errors"> {
  const [, size = "0", unit = ""] = /Transfer\/sec:\s+([\d.]+)(\w+)/.exec(text) ?? [];
  return {
    requests: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? 0),
    megabytes: (Number(size) * (UNITS[unit] ?? 1)) / 1e6,
    errors: /Non-2xx.*|Socket errors.*/.exec(text)?.[0] ?? "",
  };
}

const UNITS: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** Seconds of processor time of processes and of nginx's workers, and the bytes that they have in memory. */
async function usage(pids: number[]): Promise<{ seconds: number; resident: number }> {
  const stats = await Promise.all([...pids, ...(await workersOf(pids))].map(processStat));
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
  return { seconds: sum(stats.map(({ own }) => own)), resident: sum(stats.map(({ resident }) => resident)) };
}

/** A node's children are its NATS server and its encoders: they do not count. */
async function workersOf(pids: number[]): Promise<number[]> {
  const lists = pids.map(async (pid) => {
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    return name === "nginx\n" ? childrenOf(pid) : [];
  });
  return (await Promise.all(lists)).flat();
}
