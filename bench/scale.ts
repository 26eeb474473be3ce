/**
 * Real encodes on a mesh of 1, 2 and 4 nodes, and at the same time on one node by itself. Each node, with its ffmpeg and
 * nats-server, is in a CPU group of its own with the same limit, so that several nodes on one machine are as strong as
 * several machines of that size. Each is given the same work, films submitted to it, with the options that a submission
 * has by itself. The efficiency is the time of the one by itself over the time of the mesh of N, which does N times as much.
 *
 * What one machine has to give changes from minute to minute, and groups share its caches and memory: the same encode was
 * seen to take ffmpeg 24 s of processor time and, minutes later, 35 s, in a mesh and out of it. Separate machines do not
 * share, so both run at once, and all share alike; what differs is what it costs to be a mesh. The efficiency's parts are
 * printed beside it: the processor time that ffmpeg took, what nodes and NATS took themselves, and how much of the
 * processors was used. `--nodes 1`, a mesh of one beside the one by itself, says what the measure itself is worth. Counts
 * may come again, `4,4`: their means count.
 *
 *   npm run bench:scale [-- --films 1 --seconds 480 --height 480 --cpu 0.36 --nodes 1,2,4 --slots 1]   as root; cgroup v1
 *
 * The groups of the mesh and the one must fit into the machine together: five times 0.36 cores into two. A film is as heavy
 * as Big Buck Bunny in 480p: 1.1 Mbit/s, and half a second of processor time for each second of it with x264's preset
 * medium. What a chunk costs beside its encode (to ask for it, fetch it, keep two copies) does not depend on its size: with
 * lighter chunks (--height 240) it weighs more than in use. A run of these films takes twenty minutes. At its end nodes have
 * nothing to do while the last chunks run, for 3% of the time of eight minutes of film, and for less of a longer one:
 * --seconds 1440 takes an hour.
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

/** A mesh that has just moved to three servers was seen to grant nothing for 12 to 15 s. */
const SETTLING_MS = 20_000;

const { values } = parseArgs({
  options: {
    films: { type: "string", default: "1" },
    seconds: { type: "string", default: "480" },
    height: { type: "string", default: "480" },
    cpu: { type: "string", default: "0.36" },
    nodes: { type: "string", default: "1,2,4" },
    slots: { type: "string", default: "1" },
  },
});

/** Seconds. Of processor time, `used` by all in the groups, `own` of that by the nodes and NATS themselves; the rest is ffmpeg's. */
interface Work {
  nodes: number;
  wall: number;
  used: number;
  own: number;
}

/** A mesh, and at the same time a node by itself. */
interface Run {
  alone: Work;
  mesh: Work;
}

interface Member {
  group: Group;
  node: RunningNode;
}

const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
try {
  const counts = values.nodes.split(",").map(Number);
  const films = await makeFilms(Number(values.films) * Math.max(...counts), Number(values.seconds));
  const runs: Run[] = [];
  for (const count of counts) {
    const run = await encodeOn(count, films.slice(0, Number(values.films) * count));
    runs.push(run);
    tell("one node by itself", run.alone);
    tell(`a mesh of ${count}, at the same time`, run.mesh);
  }
  for (const count of new Set(counts)) {
    const alike = runs.filter(({ mesh }) => mesh.nodes === count);
    const [alone, mesh] = [meanOf(alike.map((one) => one.alone)), meanOf(alike.map((one) => one.mesh))];
    console.log(
      `${count} nodes: efficiency ${(alone.wall / mesh.wall).toFixed(3)}; ` +
        `ffmpeg took ${((mesh.used - mesh.own) / count / (alone.used - alone.own)).toFixed(3)} times the processor time, ` +
        `nodes and NATS ${ownPart(alone)} of ffmpeg's by themselves and ${ownPart(mesh)} as a mesh, ` +
        `${busyPart(alone)} of the processors used by themselves and ${busyPart(mesh)} as a mesh`,
    );
  }
} catch (error) {
  tellInterrupted(error);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function tell(which: string, work: Work): void {
  const { wall, used, own } = work;
  console.log(
    `${which}, ${values.cpu} cores each: ${wall.toFixed(1)} s, ${used.toFixed(0)} s of processor time, ` +
      `${own.toFixed(0)} s of it nodes and NATS, ${busyPart(work)} of what there was`,
  );
}

/** How much of the processors that its nodes may use they did use. */
function busyPart({ nodes, wall, used }: Work): string {
  return `${((100 * used) / (nodes * Number(values.cpu) * wall)).toFixed(0)}%`;
}

function ownPart({ used, own }: Work): string {
  return `${((100 * own) / (used - own)).toFixed(1)}%`;
}

function meanOf(works: Work[]): Work {
  const mean = (of: (work: Work) => number) => works.reduce((sum, one) => sum + of(one), 0) / works.length;
  return {
    nodes: mean(({ nodes }) => nodes),
    wall: mean(({ wall }) => wall),
    used: mean(({ used }) => used),
    own: mean(({ own }) => own),
  };
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

/** Each from the submissions to the end of its last job; the one by itself does the first films too. */
async function encodeOn(count: number, films: string[]): Promise<Run> {
  const groups: Group[] = [];
  const members: Member[] = [];
  const place = await mkdtemp(join(folder, "run-"));
  try {
    const begin = async (name: string, words: string[] = []) => {
      const group = await makeGroup(`reelmesh-bench-${process.pid}-${name}`, Number(values.cpu));
      groups.push(group);
      const data = join(place, name);
      const node = await startNode({ data, name, words: ["--slots", values.slots, ...words], group });
      const member = { group, node };
      members.push(member);
      return member;
    };
    const alone = await begin("alone");
    const first = await begin("node-1");
    const mesh = [first];
    for (let index = 2; index <= count; index++) {
      mesh.push(await begin(`node-${index}`, ["--join", first.node.grpc]));
    }
    await Promise.all([quiet(alone.node.grpc, 1), quiet(first.node.grpc, count)]);
    await delay(SETTLING_MS, undefined, { signal: interrupted });
    const [ofOne, ofMesh] = await Promise.all([work([alone], films.slice(0, Number(values.films))), work(mesh, films)]);
    return { alone: ofOne, mesh: ofMesh };
  } finally {
    for (const { node } of members.reverse()) await node.stop();
    for (const group of groups) await group.remove();
    await rm(place, { recursive: true, force: true });
  }
}

/** Gives each node its own films, and waits until all are done. */
async function work(nodes: Member[], films: string[]): Promise<Work> {
  const before = await usedBy(nodes);
  const started = performance.now();
  await Promise.all(films.map((film, index) => submit(nodes[index % nodes.length]?.node.grpc as string, film)));
  const wall = (performance.now() - started) / 1000;
  const after = await usedBy(nodes);
  return { nodes: nodes.length, wall, used: after.used - before.used, own: after.own - before.own };
}

async function usedBy(nodes: Member[]): Promise<{ used: number; own: number }> {
  let [used, own] = [0, 0];
  for (const { group, node } of nodes) {
    used += await group.used();
    // A node's child that stays is its nats-server.
    for (const one of [node.pid, ...(await childrenOf(node.pid))]) own += (await processStat(one)).own;
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

async function submit(grpc: string, film: string): Promise<void> {
  const { job, state } = await reelmesh("submit", film, "--wait", "--json", "--node", grpc);
  if (state !== "done") throw new Error(`job ${job} is ${state}`);
}
