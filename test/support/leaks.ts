/**
 * Root hooks (mocha --require): fails the run when the tests leave something behind that they had to stop or remove.
 * - a process that was started from here, however far down, even when its parent is gone
 * - a handle that keeps this process alive: a socket, a server, a timer
 * - a folder of test/support/temporary.ts
 * - a network namespace or a bridge of test/support/network.ts
 */
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { networkPrefix } from "./network.js";
import { beginTemporaryFolders, endTemporaryFolders, temporaryPrefix } from "./temporary.js";

/** Closing a socket or reaping a process ends a little after the call that asked for it; on a busy machine, seconds after. */
const SETTLE_MS = 30_000;
/** Every process that is started from here inherits this, and keeps it when its parent dies. */
const marker = `REELMESH_TEST_RUN=${process.pid}`;

type Counts = Map<string, number>;

let atStart: Counts = new Map();
/** For each kind of handle, and each count above the start's: the test after which there were first that many. */
const firstSeen = new Map<string, string[]>();

export const mochaHooks = {
  async beforeAll(): Promise<void> {
    process.env["REELMESH_TEST_RUN"] = String(process.pid);
    await null; // mocha has set its timer for this hook by now, as it has in the other two that count
    atStart = countHandles();
  },

  beforeEach(): void {
    beginTemporaryFolders();
  },

  async afterEach(this: Mocha.Context): Promise<void> {
    await endTemporaryFolders("test");
    rememberHandles(this.currentTest?.fullTitle() ?? "a hook");
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(SETTLE_MS + 120_000);
    await endTemporaryFolders("run");
    const left = await settled();
    if (left.length === 0) return;
    await endLeftProcesses();
    // What is left would keep mocha from ending: it gets the time to report, and no more.
    setTimeout(() => process.exit(), 2_000).unref();
    throw new Error(`The tests left something behind:\n  ${left.join("\n  ")}`);
  },
};

/** What is left once nothing changes for the better any more. */
async function settled(): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const left = [...(await leftProcesses()).map(describeProcess), ...leftHandles(), ...(await leftFolders())];
    left.push(...(await leftNetworks()));
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(25); // the operating system has no event for this
  }
}

interface LeftProcess {
  pid: number;
  command: string;
}

function describeProcess({ pid, command }: LeftProcess): string {
  return `process ${pid}: ${command}`;
}

async function leftProcesses(): Promise<LeftProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(inspectProcess));
  return found.filter((process) => process !== undefined);
}

/** The process, if it was started from here and runs; undefined too when it ends meanwhile or is another user's. */
async function inspectProcess(pid: number): Promise<LeftProcess | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // proc(5): pid (command) state ppid ...; the command may hold blanks and brackets.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || pid === process.pid) return undefined;
    const environment = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0");
    if (Number(parent) !== process.pid && !environment.includes(marker)) return undefined;
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").join(" ").trim();
    return { pid, command };
  } catch {
    return undefined;
  }
}

async function endLeftProcesses(): Promise<void> {
  for (const { pid } of await leftProcesses()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function countHandles(): Counts {
  const counts: Counts = new Map();
  // A request in flight (FSReqPromise, GetAddrInfoReqWrap, ...) ends by itself.
  const handles = process.getActiveResourcesInfo().filter((kind) => !kind.includes("Req"));
  for (const kind of handles) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function rememberHandles(title: string): void {
  const counts = countHandles();
  for (const kind of new Set([...counts.keys(), ...firstSeen.keys()])) {
    const extra = Math.max(0, (counts.get(kind) ?? 0) - (atStart.get(kind) ?? 0));
    const titles = firstSeen.get(kind)?.slice(0, extra) ?? [];
    while (titles.length < extra) titles.push(title);
    firstSeen.set(kind, titles);
  }
}

function leftHandles(): string[] {
  return [...countHandles()].flatMap(([kind, count]) => {
    const extra = count - (atStart.get(kind) ?? 0);
    if (extra <= 0) return [];
    const since = new Set(firstSeen.get(kind)?.slice(0, extra));
    const where = since.size > 0 ? `, there since: ${[...since].join("; ")}` : "";
    return [`${extra} of ${kind}${where}`];
  });
}

async function leftFolders(): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith(temporaryPrefix)).map((name) => `folder ${join(tmpdir(), name)}`);
}

/** ip-netns(8) keeps a file a namespace; the kernel shows a folder a device, and takes one end of a cable with the other. */
async function leftNetworks(): Promise<string[]> {
  const mine = async (folder: string, kind: string) => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name.startsWith(networkPrefix)).map((name) => `${kind} ${name}`);
  };
  return [...(await mine("/run/netns", "network namespace")), ...(await mine("/sys/class/net", "network device"))];
}
