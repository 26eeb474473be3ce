/** One run of wrk (github.com/wg/wrk), and what it cost the server. */
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const TICKS_A_SECOND = 100;

export interface Load {
  requests: number;
  /** Megabytes (10^6) a second. */
  megabytes: number;
  /** Processor cores that the server's processes took. */
  cores: number;
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
  const before = await usage(pids);
  let most = before.resident;
  const watching = new AbortController();
  const watch = (async () => {
    while (!watching.signal.aborted) {
      most = Math.max(most, (await usage(pids)).resident);
      await delay(100);
    }
  })();
  const words = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, `http://${http}`];
  const began = performance.now();
  const { stdout } = await run("wrk", words);
  const elapsed = (performance.now() - began) / 1000;
  watching.abort();
  await watch;
  const after = await usage(pids);
  const number = (pattern: RegExp) => pattern.exec(stdout);
  const [, size = "0", unit = ""] = number(/Transfer\/sec:\s+([\d.]+)(\w+)/) ?? [];
  return {
    requests: Number(number(/Requests\/sec:\s+([\d.]+)/)?.[1] ?? 0),
    megabytes: (Number(size) * (UNITS[unit] ?? 1)) / 1e6,
    cores: (after.ticks - before.ticks) / TICKS_A_SECOND / elapsed,
    bytesAConnection: (most - before.resident) / connections,
    errors: /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0] ?? "",
  };
}

const UNITS: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** Ticks of processor time and resident bytes of processes and their children (proc(5)). */
async function usage(pids: number[]): Promise<{ ticks: number; resident: number }> {
  let ticks = 0;
  let resident = 0;
  for (const name of (await readdir("/proc")).filter((one) => /^\d+$/.test(one))) {
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isIts = pids.includes(Number(name)) || pids.includes(Number(fields[1]));
    // A node's children are its NATS server and its encoders.
    if (!isIts || (!pids.includes(Number(name)) && !stat.includes("(nginx)"))) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    resident += Number(fields[21]) * 4096;
  }
  return { ticks, resident };
}
