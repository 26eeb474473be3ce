/**
 * Real encodes on 1, 2 and 4 nodes, each node with its ffmpeg and nats-server in a CPU group of its own with the same
 * limit, so that several nodes on one machine are as strong as several machines of that size. The same films for each
 * mesh, with the options that a submission has by itself; prints the wall time of each and its efficiency: the time of
 * one node over N times the time of N.
 *
 * Groups of one machine also share its caches, its memory and its threads' cores, which separate machines do not. So
 * for each N the same plain ffmpeg is run in one group and in N groups at once, in the same run: what N groups get done
 * per group is what this machine can give, and is printed beside the efficiency.
 *
 *   npm run bench:scale [-- --films 4 --seconds 240 --cpu 0.4 --nodes 1,2,4 --slots 1]        as root; cgroup v1
 *
 * With 0.4 cores one node takes three quarters of an hour for these films, and N nodes an Nth of it.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { packageRoot } from "../src/node/paths.js";

const run = promisify(execFile);
const PROGRAM = join(packageRoot, "dist/src/cli/main.js");
const CPU_GROUPS = "/sys/fs/cgroup/cpu";
const PERIOD_US = 20_000;
const PLAIN_SECONDS = 60;
/** A shell enters the group of its first word before it becomes the rest, so all that this starts is in it too. */
const ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

const { values } = parseArgs({
  options: {
    films: { type: "string", default: "4" },
    seconds: { type: "string", default: "240" },
    cpu: { type: "string", default: "0.4" },
    nodes: { type: "string", default: "1,2,4" },
    slots: { type: "string", default: "1" },
  },
});

interface Group {
  path: string;
  remove(): Promise<void>;
}

interface Node {
  grpc: string;
  stop(): Promise<void>;
}

const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
try {
  const film = join(folder, "film.mp4");
  await makeFilm(film, Number(values.seconds));
  let alone: number | undefined;
  for (const count of values.nodes.split(",").map(Number)) {
    const machine = count === 1 ? 1 : (await plainEncodes(1, film)) / (await plainEncodes(count, film));
    const { wall, shares } = await encodeOn(count, film);
    alone ??= wall * count;
    const efficiency = alone / (count * wall);
    console.log(
      `${count} ${count === 1 ? "node" : "nodes"} of ${values.cpu} cores: ${wall.toFixed(1)} s, ` +
        `efficiency ${efficiency.toFixed(3)} (plain ffmpeg in as many groups: ${machine.toFixed(3)}); ` +
        `tasks a node ${shares}`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A moving picture with noise, so that the encoder has to work, and a tone. */
async function makeFilm(file: string, seconds: number): Promise<void> {
  const picture = `testsrc2=size=640x360:rate=25:duration=${seconds},noise=alls=12:allf=t`;
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
  const inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone];
  const encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-g", "50", "-pix_fmt", "yuv420p"];
  await run("ffmpeg", ["-nostdin", "-v", "error", ...inputs, ...encoders, "-c:a", "aac", "-shortest", file]);
}

/** Wall seconds for `count` groups, each with one ffmpeg that encodes the film's first seconds, all at once. */
async function plainEncodes(count: number, film: string): Promise<number> {
  const groups: Group[] = [];
  try {
    for (let index = 0; index < count; index++) groups.push(await makeGroup(`reelmesh-plain-${process.pid}-${index}`));
    const encoder = ["-an", "-c:v", "libx264", "-preset", "medium", "-f", "null", "-"];
    const words = ["ffmpeg", "-nostdin", "-v", "error", "-t", String(PLAIN_SECONDS), "-i", film, ...encoder];
    const started = performance.now();
    await Promise.all(groups.map((group) => run("sh", ["-c", ENTER, group.path, ...words])));
    return (performance.now() - started) / 1000;
  } finally {
    for (const group of groups) await group.remove();
  }
}

/** Wall seconds from the first submission to the end of the last job, and how many tasks each node did. */
async function encodeOn(count: number, film: string): Promise<{ wall: number; shares: string }> {
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
    const started = performance.now();
    const names = Array.from({ length: Number(values.films) }, (_, index) => `film ${index + 1}`);
    const jobs = await Promise.all(names.map((name) => submit(entry, film, name)));
    const wall = (performance.now() - started) / 1000;
    return { wall, shares: await sharesOf(entry, jobs) };
  } finally {
    for (const node of nodes.reverse()) await node.stop();
    for (const group of groups) await group.remove();
  }
}

async function makeGroup(name: string): Promise<Group> {
  const path = join(CPU_GROUPS, name);
  await mkdir(path);
  await writeFile(join(path, "cpu.cfs_period_us"), String(PERIOD_US));
  await writeFile(join(path, "cpu.cfs_quota_us"), String(Math.round(PERIOD_US * Number(values.cpu))));
  return { path, remove: () => rmdir(path) };
}

async function startNode(name: string, data: string, group: Group, words: string[]): Promise<Node> {
  const ports = ["--grpc-port", "0", "--http-port", "0", "--nats-port", "0", "--route-port", "0"];
  const command = [PROGRAM, "up", "--data", data, "--name", name, "--log", "json", "--slots", values.slots];
  const child = spawn("sh", ["-c", ENTER, group.path, process.execPath, ...command, ...ports, ...words], {
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
    await delay(500);
  }
  throw new Error(`the mesh of ${count} was not ready within two minutes`);
}

async function reelmesh(...words: string[]) {
  const { stdout } = await run(process.execPath, [PROGRAM, ...words], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

async function submit(grpc: string, film: string, name: string): Promise<string> {
  const { job, state } = await reelmesh("submit", film, "--wait", "--json", "--node", grpc, "--name", name);
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
