/**
 * Real encodes on 1, 2 and 4 nodes, each node with its ffmpeg and nats-server in CPU groups of its own with the same
 * limit, so that several nodes on one machine are as strong as several machines of that size. Each node is given the same
 * work, films submitted to it, with the options that a submission has by itself: N nodes have N times as many films, and
 * should need the time that one needs for its own. Prints that time and the efficiency: the time of one node over the time
 * of N. It has two parts, which are printed beside it: the processor time that each of N takes over what one takes, and
 * how much of their processors they use. Counts may come again, `4,1,4`: their means count.
 *
 * Groups of one machine also share its caches, its memory and its threads' cores, which separate machines do not. So
 * for each N the same plain ffmpeg is run in one group and in N groups at once, in the same run: what N groups get done
 * per group is what this machine can give, and is printed beside the efficiency.
 *
 *   npm run bench:scale [-- --films 1 --seconds 480 --height 480 --cpu 0.4 --nodes 1,2,4 --slots 1]   as root; cgroup v1
 *
 * What a chunk costs beside its encode (to ask for it, fetch it, keep two copies) does not depend on its size, and at the
 * end nodes have nothing to do while the last chunks run: with lighter chunks (--height 240), or fewer, both weigh more than
 * in use. With 0.4 cores a run of these films takes half an hour, for each count of nodes.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, realpath, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { packageRoot } from "../src/node/paths.js";

/** Ends what runs; what was made is removed as at the end. */
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
const { signal } = interrupted;
const runFile = promisify(execFile);
const run = (file: string, words: string[]) => runFile(file, words, { maxBuffer: 1 << 26, signal });
const PROGRAM = join(packageRoot, "dist/src/cli/main.js");
/** Control groups, version 1: one tree limits what the other counts; on some systems they are one. */
const [LIMITS, COUNTS] = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpuacct"] as const;
const TREES = [...new Set([await realpath(LIMITS), await realpath(COUNTS)])];
const PERIOD_US = 20_000;
const PLAIN_SECONDS = 30;
const REMOVALS = 50;
/** A shell enters the groups of its first word's name before it becomes the rest, so all that this starts is in them too. */
const ENTER = `for tree in ${TREES.join(" ")}; do echo $$ > "$tree/$0/cgroup.procs" || exit; done; exec "$@"`;

const { values } = parseArgs({
  options: {
    films: { type: "string", default: "1" },
    seconds: { type: "string", default: "480" },
    height: { type: "string", default: "480" },
    cpu: { type: "string", default: "0.4" },
    nodes: { type: "string", default: "1,2,4" },
    slots: { type: "string", default: "1" },
  },
});

interface Group {
  name: string;
  /** Seconds of processor time that all in it have taken. */
  used(): Promise<number>;
  remove(): Promise<void>;
}

/** Walls in seconds; `used`: seconds of processor time of all its nodes. */
interface Run {
  count: number;
  wall: number;
  used: number;
  shares: string;
}

interface Node {
  grpc: string;
  stop(): Promise<void>;
}

const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
try {
  const counts = values.nodes.split(",").map(Number);
  const films = await makeFilms(Number(values.films) * Math.max(...counts), Number(values.seconds));
  const runs: Run[] = [];
  for (const count of counts) {
    const machine = count === 1 ? 1 : (await plainEncodes(1, films)) / (await plainEncodes(count, films));
    const one = await encodeOn(count, films.slice(0, Number(values.films) * count));
    runs.push(one);
    console.log(
      `${nodesOf(count)} of ${values.cpu} cores: ${one.wall.toFixed(1)} s, ${one.used.toFixed(0)} s of processor time, ` +
        `${percent(busyPart(one))} of what there was; tasks a node ${one.shares} ` +
        `(plain ffmpeg in as many groups: ${machine.toFixed(3)})`,
    );
  }
  const isCompared = runs.some((one) => one.count === 1);
  for (const count of isCompared ? new Set(runs.map((one) => one.count)) : []) {
    const [alone, own] = [meanOf(runs, 1), meanOf(runs, count)];
    const [efficiency, work] = [alone.wall / own.wall, own.used / (count * alone.used)];
    console.log(
      `${nodesOf(count)}: efficiency ${efficiency.toFixed(3)}; each took ${work.toFixed(3)} times the processor time of one, ` +
        `${percent(busyPart(own))} of the processors used`,
    );
  }
} catch (error) {
  if (!signal.aborted) throw error;
  console.error("bench: stopped");
  process.exitCode = 130;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function nodesOf(count: number): string {
  return `${count} ${count === 1 ? "node" : "nodes"}`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)}%`;
}

/** How much of the processors that its nodes may use they did use. */
function busyPart({ count, wall, used }: Run): number {
  return used / (count * Number(values.cpu) * wall);
}

/** Of the runs with so many nodes. */
function meanOf(runs: Run[], count: number): Run {
  const alike = runs.filter((one) => one.count === count);
  const mean = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const [wall, used] = [mean(alike.map((one) => one.wall)), mean(alike.map((one) => one.used))];
  return { count, wall, used, shares: "" };
}

/** Moving pictures with noise, so that the encoder has to work, and a tone; no two files alike. */
async function makeFilms(count: number, seconds: number): Promise<string[]> {
  const width = 2 * Math.round((Number(values.height) * 8) / 9);
  const picture = `testsrc2=size=${width}x${values.height}:rate=25:duration=${seconds},noise=alls=12:allf=t`;
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
  const inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone];
  const encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-g", "50", "-pix_fmt", "yuv420p"];
  const made = join(folder, "film.mp4");
  await run("ffmpeg", ["-nostdin", "-v", "error", ...inputs, ...encoders, "-c:a", "aac", "-shortest", made]);
  const films = Array.from({ length: count }, (_, index) => join(folder, `film ${index + 1}.mp4`));
  for (const film of films) {
    await run("ffmpeg", ["-nostdin", "-v", "error", "-i", made, "-c", "copy", "-metadata", `title=${film}`, film]);
  }
  return films;
}

/** Wall seconds for `count` groups, each with one ffmpeg that encodes a film's first seconds, all at once. */
async function plainEncodes(count: number, [film = ""]: string[]): Promise<number> {
  const groups: Group[] = [];
  try {
    for (let index = 0; index < count; index++) groups.push(await makeGroup(`reelmesh-plain-${process.pid}-${index}`));
    const encoder = ["-an", "-c:v", "libx264", "-preset", "medium", "-f", "null", "-"];
    const words = ["ffmpeg", "-nostdin", "-v", "error", "-t", String(PLAIN_SECONDS), "-i", film, ...encoder];
    const started = performance.now();
    await Promise.all(groups.map((group) => run("sh", ["-c", ENTER, group.name, ...words])));
    return (performance.now() - started) / 1000;
  } finally {
    for (const group of groups) await group.remove();
  }
}

/** From the first submission to the end of the last job. */
async function encodeOn(count: number, films: string[]): Promise<Run> {
  const groups: Group[] = [];
  const nodes: Node[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const group = await makeGroup(`reelmesh-bench-${process.pid}-${count}-${index}`);
      groups.push(group);
      const join_ = nodes[0] === undefined ? [] : ["--join", nodes[0].grpc];
      nodes.push(await startNode(`node-${index + 1}`, join(folder, `${count}-${index}`), group, join_));
    }
    const entry = (nodes[0] as Node).grpc;
    await quiet(entry, count);
    const usedBefore = await usedBy(groups);
    const started = performance.now();
    const entries = films.map((_, index) => (nodes[index % count] as Node).grpc);
    const jobs = await Promise.all(films.map((film, index) => submit(entries[index] as string, film)));
    const wall = (performance.now() - started) / 1000;
    const used = (await usedBy(groups)) - usedBefore;
    return { count, wall, used, shares: await sharesOf(entry, jobs) };
  } finally {
    for (const node of nodes.reverse()) await node.stop();
    for (const group of groups) await group.remove();
  }
}

async function usedBy(groups: Group[]): Promise<number> {
  let used = 0;
  for (const group of groups) used += await group.used();
  return used;
}

async function makeGroup(name: string): Promise<Group> {
  const [limits, counts] = [join(LIMITS, name), join(COUNTS, name)];
  const paths = TREES.map((tree) => join(tree, name));
  for (const path of paths) await mkdir(path);
  await writeFile(join(limits, "cpu.cfs_period_us"), String(PERIOD_US));
  await writeFile(join(limits, "cpu.cfs_quota_us"), String(Math.round(PERIOD_US * Number(values.cpu))));
  return {
    name,
    used: async () => Number(await readFile(join(counts, "cpuacct.usage"), "utf8")) / 1e9,
    remove: async () => {
      for (const path of paths) await removeGroup(path);
    },
  };
}

/** A process that was ended leaves its group a moment later. */
async function removeGroup(path: string): Promise<void> {
  for (let left = REMOVALS; ; left--) {
    try {
      return await rmdir(path);
    } catch (error) {
      if (left === 0) throw error;
      await delay(100);
    }
  }
}

async function startNode(name: string, data: string, group: Group, words: string[]): Promise<Node> {
  const ports = ["--grpc-port", "0", "--http-port", "0", "--nats-port", "0", "--route-port", "0"];
  const command = [PROGRAM, "up", "--data", data, "--name", name, "--log", "json", "--slots", values.slots];
  const child = spawn("sh", ["-c", ENTER, group.name, process.execPath, ...command, ...ports, ...words], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited])) as unknown[];
  if (typeof line !== "string") throw new Error(`${name} did not start`);
  const stop = async () => {
    child.kill("SIGINT");
    await exited;
  };
  return { grpc: (JSON.parse(line) as { grpc: string }).grpc, stop };
}

/** Waits until every node is there and, with three or more, the mesh has moved to its three NATS servers. */
async function quiet(grpc: string, count: number): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const answer = await reelmesh("status", "--json", "--node", grpc).catch(() => undefined);
    const ready = answer?.nodes?.filter((row: { state: string }) => row.state === "ready").length;
    const servers = answer?.core?.slots?.filter((slot: { state: string }) => slot.state === "up").length;
    if (ready === count && answer.coordinator?.id && servers >= (count < 3 ? 1 : 3)) return;
    await delay(500, undefined, { signal });
  }
  throw new Error(`the mesh of ${count} was not ready within two minutes`);
}

async function reelmesh(...words: string[]) {
  const { stdout } = await run(process.execPath, [PROGRAM, ...words]);
  return JSON.parse(stdout);
}

async function submit(grpc: string, film: string): Promise<string> {
  const { job, state } = await reelmesh("submit", film, "--wait", "--json", "--node", grpc);
  if (state !== "done") throw new Error(`job ${job} is ${state}`);
  return job;
}

async function sharesOf(grpc: string, jobs: string[]): Promise<string> {
  const shares = new Map<string, number>();
  for (const id of jobs) {
    const job = await reelmesh("job", id, "--json", "--node", grpc);
    for (const { node } of job.finished) shares.set(node, (shares.get(node) ?? 0) + 1);
  }
  return [...shares.values()].sort((a, b) => b - a).join("/");
}
