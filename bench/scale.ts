/**
 * Real encodes on 1, 2 and 4 nodes, each node with its ffmpeg and nats-server in CPU groups of its own with the same
 * limit, so that several nodes on one machine are as strong as several machines of that size. Each node is given the same
 * work, films submitted to it, with the options that a submission has by itself.
 *
 * Groups of one machine share its caches, its memory and its threads' cores, and what it has to give changes from minute
 * to minute; separate machines do not share. So for each N the same N nodes do the same work first as N meshes of one, at
 * the same time, each its own films. The efficiency is their mean time over the time of the mesh of N: what it costs to
 * be a mesh. Its two parts are printed beside it: the processor time that each takes over what it took alone, and how much
 * of their processors they use. The same encode was seen to take ffmpeg 24 s of processor time and, minutes later, 35 s, in
 * a mesh and out of it: what nodes and NATS take themselves is told apart, which is all that a mesh adds where nothing is
 * encoded twice. Where 1 is among the counts, the time of that one over the time of N stands there too: what the machine
 * does not give to N groups is in it. Counts may come again, `4,4`: their means count.
 *
 *   npm run bench:scale [-- --films 1 --seconds 480 --height 480 --cpu 0.4 --nodes 1,2,4 --slots 1]   as root; cgroup v1
 *
 * A film is as heavy as Big Buck Bunny in 480p: 1.1 Mbit/s, and half a second of processor time for each second of it with
 * x264's preset medium. What a chunk costs beside its encode (to ask for it, fetch it, keep two copies) does not depend on
 * its size, and at the end nodes have nothing to do while the last chunks run: with lighter chunks (--height 240), or fewer,
 * both weigh more than in use. With 0.4 cores a run of these films takes twenty minutes; each count above 1 takes two runs.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Group, makeGroup } from "./support/control-group.js";
import { interrupted, run, tellInterrupted } from "./support/interruptible.js";
import { PROGRAM, type RunningNode, startNode } from "./support/node.js";
import { childrenOf, processStat } from "./support/process-stat.js";

/** A new coordinator, as a mesh that has moved to three servers has it, grants nothing until older leases have ended: 15 s. */
const ADOPTION_MS = 20_000;

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

/** Seconds of processor time: `used` by all in the groups, `own` of that by the nodes and NATS themselves; the rest is ffmpeg's. */
interface Run {
  count: number;
  /** One mesh of them all, or as many meshes of one. */
  mesh: boolean;
  /** Seconds: of the mesh, or the mean of those by themselves. */
  wall: number;
  used: number;
  own: number;
  shares: string;
}

const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
try {
  const counts = values.nodes.split(",").map(Number);
  const films = await makeFilms(Number(values.films) * Math.max(...counts), Number(values.seconds));
  const runs: Run[] = [];
  for (const count of counts) {
    for (const mesh of count === 1 ? [true] : [false, true]) {
      const one = await encodeOn(count, mesh, films.slice(0, Number(values.films) * count));
      runs.push(one);
      console.log(
        `${nodesOf(one)} of ${values.cpu} cores: ${one.wall.toFixed(1)} s, ${one.used.toFixed(0)} s of processor time, ` +
          `${one.own.toFixed(0)} s of it nodes and NATS, ${percent(busyPart(one))} of what there was; tasks a node ${one.shares}`,
      );
    }
  }
  for (const count of new Set(counts.filter((one) => one > 1))) {
    const [apart, together] = [meanOf(runs, count, false), meanOf(runs, count, true)];
    const against = runs.some((one) => one.count === 1)
      ? `; against one alone ${(meanOf(runs, 1, true).wall / together.wall).toFixed(3)}`
      : "";
    console.log(
      `${count} nodes: efficiency ${(apart.wall / together.wall).toFixed(3)}; ` +
        `${(together.used / apart.used).toFixed(3)} times the processor time, ` +
        `nodes and NATS ${ownPart(apart)} of ffmpeg's by themselves and ${ownPart(together)} as a mesh, ` +
        `${percent(busyPart(apart))} of the processors used by themselves and ${percent(busyPart(together))} as a mesh${against}`,
    );
  }
} catch (error) {
  tellInterrupted(error);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function nodesOf({ count, mesh }: Run): string {
  if (count === 1) return "1 node";
  return mesh ? `a mesh of ${count} nodes` : `${count} nodes by themselves`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)}%`;
}

/** How much of the processors that its nodes may use they did use. */
function busyPart({ count, wall, used }: Omit<Run, "shares">): number {
  return used / (count * Number(values.cpu) * wall);
}

function ownPart({ used, own }: Omit<Run, "shares">): string {
  return `${((100 * own) / (used - own)).toFixed(1)}%`;
}

/** Of the runs of that kind. */
function meanOf(runs: Run[], count: number, mesh: boolean): Omit<Run, "shares"> {
  const alike = runs.filter((one) => one.count === count && one.mesh === mesh);
  return {
    count,
    mesh,
    wall: mean(alike.map((one) => one.wall)),
    used: mean(alike.map((one) => one.used)),
    own: mean(alike.map((one) => one.own)),
  };
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** Moving pictures with noise, so that the encoder has to work, and a tone; no two files alike. */
async function makeFilms(count: number, seconds: number): Promise<string[]> {
  const width = 2 * Math.round((Number(values.height) * 8) / 9);
  const picture = `testsrc2=size=${width}x${values.height}:rate=25:duration=${seconds},noise=alls=12:allf=t`;
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
  const inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone];
  const encoders = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-g", "50", "-pix_fmt", "yuv420p"];
  const made = join(folder, "film.mp4");
  await run("ffmpeg", ["-nostdin", "-v", "error", ...inputs, ...encoders, "-c:a", "aac", "-shortest", made]);
  const films = Array.from({ length: count }, (_, index) => join(folder, `film ${index + 1}.mp4`));
  for (const film of films) {
    await run("ffmpeg", ["-nostdin", "-v", "error", "-i", made, "-c", "copy", "-metadata", `title=${film}`, film]);
  }
  return films;
}

/** From the submissions to the end of the last job: of all, or of each node's own. */
async function encodeOn(count: number, mesh: boolean, films: string[]): Promise<Run> {
  const groups: Group[] = [];
  const nodes: RunningNode[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const group = await makeGroup(`reelmesh-bench-${process.pid}-${count}-${index}`, Number(values.cpu));
      groups.push(group);
      const joining = mesh && nodes[0] !== undefined ? ["--join", nodes[0].grpc] : [];
      const words = ["--slots", values.slots, ...joining];
      const data = join(folder, `${count}-${mesh}-${index}`);
      nodes.push(await startNode({ data, name: `node-${index + 1}`, words, group }));
    }
    const entries = nodes.map(({ grpc }) => grpc);
    await Promise.all((mesh ? entries.slice(0, 1) : entries).map((entry) => quiet(entry, mesh ? count : 1)));
    await delay(ADOPTION_MS, undefined, { signal: interrupted });
    const before = await usedBy(groups, nodes);
    const started = performance.now();
    const done = entries.map(async (entry, node) => {
      const own = films.filter((_, index) => index % count === node);
      const jobs = await Promise.all(own.map((film) => submit(entry, film)));
      return { entry, jobs, wall: (performance.now() - started) / 1000 };
    });
    const ends = await Promise.all(done);
    const after = await usedBy(groups, nodes);
    const [used, own] = [after.used - before.used, after.own - before.own];
    const walls = ends.map(({ wall }) => wall);
    return { count, mesh, wall: mesh ? Math.max(...walls) : mean(walls), used, own, shares: await sharesOf(ends) };
  } finally {
    for (const node of nodes.reverse()) await node.stop();
    for (const group of groups) await group.remove();
  }
}

async function usedBy(groups: Group[], nodes: RunningNode[]): Promise<{ used: number; own: number }> {
  let [used, own] = [0, 0];
  for (const group of groups) used += await group.used();
  for (const { pid } of nodes) {
    // A node's child that stays is its nats-server.
    for (const one of [pid, ...(await childrenOf(pid))]) own += (await processStat(one)).own;
  }
  return { used, own };
}

/** Waits until every node is there and, with three or more, the mesh has moved to its three NATS servers. */
async function quiet(grpc: string, count: number): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const answer = await reelmesh("status", "--json", "--node", grpc).catch(() => undefined);
    const ready = answer?.nodes?.filter((row: { state: string }) => row.state === "ready").length;
    const servers = answer?.core?.slots?.filter((slot: { state: string }) => slot.state === "up").length;
    if (ready === count && answer.coordinator?.id && servers >= (count < 3 ? 1 : 3)) return;
    await delay(500, undefined, { signal: interrupted });
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

async function sharesOf(ends: { entry: string; jobs: string[] }[]): Promise<string> {
  const shares = new Map<string, number>();
  for (const { entry, jobs } of ends) {
    for (const id of jobs) {
      const job = await reelmesh("job", id, "--json", "--node", entry);
      for (const { node } of job.finished) shares.set(node, (shares.get(node) ?? 0) + 1);
    }
  }
  return [...shares.values()].sort((a, b) => b - a).join("/");
}
