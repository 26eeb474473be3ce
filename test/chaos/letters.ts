/** What must hold, whatever happens: the letters of FAULTS.md as checks on a scene. */
import assert from "node:assert/strict";
import type { AssetManifest, EncodedMedia } from "../../src/core/media.js";
import { fetchAsset } from "../support/assets.js";
import { frameNumbers } from "../support/marked-clip.js";
import { reelmesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import type { Resources } from "../support/processes.js";
import { describeAll, type Match } from "../support/story.js";
import { until } from "../support/until.js";
import { CLIP_FRAMES, type Scene, type TestJob } from "./scene.js";

/** `npm test` runs beside others on machines of any speed: what is promised in seconds is shown by test:chaos alone. */
const PATIENCE = process.env["REELMESH_CHAOS"] === "full" ? 1 : 3;
/** H: work goes on this soon after a fault, and after a healing; milliseconds. */
export const GOES_ON_MS = 20_000 * PATIENCE;
export const HEALED_MS = 60_000 * PATIENCE;
const JOB_MS = 180_000;
/** G: what a node may hold beyond what it held before: connections to others, and memory that the heap keeps. */
const SPARE_DESCRIPTORS = 40;
const SPARE_BYTES = 256 * 1024 * 1024;
const GOES_BACK_MS = 60_000;

interface Ended {
  state: string;
  reason: string;
}

/** A: the job ends. */
export async function ends(scene: Scene, job: TestJob, through: TestNode = scene.living()): Promise<Ended> {
  const watch = reelmesh("watch", job.id, "--json", "--node", through.grpc);
  const { stdout, stderr } = await within(JOB_MS, watch, () => `job ${job.id} has not ended\n${scene.story.end()}`);
  const ended = JSON.parse(stdout || "{}") as Ended;
  assert.ok(["done", "failed", "cancelled"].includes(ended.state), `A: ${stdout} ${stderr}\n${scene.story.end()}`);
  return ended;
}

/** A, for a fault that must not cost the job. */
export async function endsWell(scene: Scene, job: TestJob, through?: TestNode): Promise<void> {
  const { state, reason } = await ends(scene, job, through);
  assert.equal(state, "done", `A: ${reason}\n${scene.story.end()}`);
}

/** What is acknowledged of a job at one moment. */
export interface Acknowledged {
  job: TestJob;
  at: number;
  /** By the task's name: its result, and the hashes of the files that it gave. */
  tasks: Map<string, { result: string; files: string[] }>;
}

/** Notes what the mesh log holds of a job now, for B. */
export async function note(scene: Scene, job: TestJob): Promise<Acknowledged> {
  const record = (await scene.state()).jobs.get(job.id);
  // What the log holds by now was granted before now.
  const at = performance.now();
  const tasks: Acknowledged["tasks"] = new Map();
  for (const [task, { result }] of record?.finished ?? []) {
    const listing = result.listing?.sha256 ?? "";
    const media = JSON.parse(Buffer.from(await scene.blob(listing)).toString()) as EncodedMedia;
    const files = media.renditions.flatMap(({ init, segments }) => [init, ...segments]);
    tasks.set(task, { result: listing, files: files.map(({ sha256 }) => sha256) });
  }
  return { job, at, tasks };
}

/** B: what was acknowledged is in the asset as it was, and was not granted again. */
export async function keptAcknowledged(scene: Scene, { job, at, tasks }: Acknowledged): Promise<void> {
  const files = new Set(Object.values((await manifestOf(scene, job)).files).map(({ sha256 }) => sha256));
  for (const [task, { files: own }] of tasks) {
    const lost = own.filter((sha256) => !files.has(sha256));
    assert.deepEqual(lost, [], `B: files of ${task} are not in the asset`);
    notGrantedAgain(scene, job, task, at);
  }
}

/** B, for one task from a moment on. */
export function notGrantedAgain(scene: Scene, job: TestJob, task: string, since: number): void {
  const about = scene.story.all.filter(({ details }) => details["job"] === job.id && details["task"] === task);
  const story = `B: ${task} was granted again\n${describeAll(about)}\n${scene.story.end()}`;
  assert.deepEqual(grantsOf(scene, job, task, since), [], story);
}

/** Who was granted a task from a moment on, but for backup runs: they go beside a run, not after one. */
export function grantsOf(scene: Scene, job: TestJob, task: string, since = 0): string[] {
  return scene.story
    .told("task granted", since)
    .filter(({ details }) => details["job"] === job.id && details["task"] === task && !details["backup"])
    .map(({ details }) => String(details["node"]));
}

/**
 * B, over everything that the scene did: no chunk was encoded more often than there were jobs, but for those that a
 * fault interrupted and for backup runs. Encodes are counted where ffmpeg starts. Call it when every job is done.
 */
export async function encodedOnce(scene: Scene, jobs: number, ...interrupted: (string | undefined)[]): Promise<void> {
  const counts = new Map<number, number>();
  for (const { frame } of await scene.ffmpeg.encodes()) counts.set(frame, (counts.get(frame) ?? 0) + 1);
  const backups = scene.story.told("task granted").filter(({ details }) => details["backup"] === true);
  const extra = [...interrupted, ...backups.map(({ details }) => String(details["task"]))];
  const places = [...counts.keys()].sort((one, other) => one - other);
  const again = places.flatMap((start, place) => {
    const name = `chunk-${String(place + 1).padStart(6, "0")}`;
    const explained = jobs + extra.filter((task) => task === name).length;
    return (counts.get(start) ?? 0) > explained ? [name] : [];
  });
  const about = scene.story.all.filter(({ details }) => again.includes(String(details["task"])));
  assert.deepEqual(again, [], `B: encoded more than once\n${describeAll(about)}\n${scene.story.end()}`);
}

/** C: one winner a task, one manifest a job, and the same on every node. */
export async function oneWinner(scene: Scene, job: TestJob): Promise<void> {
  await scene.ledger();
  const winners = new Map<string, Set<string>>();
  const add = (task: string, hash = "") => winners.set(task, (winners.get(task) ?? new Set()).add(hash));
  for (const { entry } of scene.entries.values()) {
    if (entry.kind === "taskDone" && entry.taskDone.job === job.id) {
      add(entry.taskDone.task, entry.taskDone.result?.listing?.sha256);
    }
    if (entry.kind === "jobFinished" && entry.jobFinished.job === job.id) {
      add("package", entry.jobFinished.result?.manifest?.sha256);
    }
  }
  for (const [task, results] of winners) assert.equal(results.size, 1, `C: ${task} of ${job.id} has several results`);
}

/** D: one coordinator a term, terms that only rise in the log, and no grant by one who has seen a newer term. */
export async function oneTermAtATime(scene: Scene): Promise<void> {
  await scene.ledger();
  const rows = [...scene.entries.values()].sort((one, other) => one.sequence - other.sequence);
  const holders = new Map<number, string>();
  let term = 0;
  for (const { sequence, entry } of rows) {
    assert.ok(entry.term >= term, `D: entry ${sequence} is of term ${entry.term} after term ${term}`);
    term = entry.term;
    if (entry.kind !== "termStarted") continue;
    const { nodeId } = entry.termStarted;
    assert.equal(holders.get(term) ?? nodeId, nodeId, `D: term ${term} has two coordinators`);
    holders.set(term, nodeId);
  }
  oneLeaderATerm(scene);
  grantsOnlyOfTheNewest(scene);
}

function oneLeaderATerm({ story }: Scene): void {
  const leaders = new Map<number, string>();
  for (const { node, details } of story.told("term started")) {
    const term = Number(details["term"]);
    assert.ok(!leaders.has(term), `D: term ${term} was led by ${leaders.get(term)} and ${node}`);
    leaders.set(term, node);
  }
}

/** A node writes its log a moment after it has decided: grants of the last moments may cross. */
const CROSSING_MS = 500;

function grantsOnlyOfTheNewest({ story }: Scene): void {
  let newest = { term: 0, node: "", at: 0 };
  const inOrder = [...story.all].sort((one, other) => one.at - other.at);
  for (const { node, at, event, details } of inOrder) {
    if (event === "term started" && Number(details["term"]) > newest.term) {
      newest = { term: Number(details["term"]), node, at };
    }
    if (event !== "task granted" || node === newest.node || at < newest.at + CROSSING_MS) continue;
    assert.fail(`D: ${node} granted ${details["task"]} while ${newest.node} led term ${newest.term}\n${story.end()}`);
  }
}

/** What the asset of a finished job consists of. */
export async function manifestOf(scene: Scene, job: TestJob): Promise<AssetManifest> {
  const record = (await scene.state()).jobs.get(job.id);
  const sha256 = record?.package?.manifest?.sha256;
  assert.ok(sha256, `job ${job.id} has no manifest`);
  return JSON.parse(Buffer.from(await scene.blob(sha256)).toString()) as AssetManifest;
}

/** E: what every living node serves has the hashes that the manifest names. */
export async function servesTheManifest(scene: Scene, job: TestJob): Promise<void> {
  const { files } = await manifestOf(scene, job);
  for (const node of scene.nodes.filter((one) => one.alive)) {
    const served = await fetchAsset(`http://${node.http}/assets/${job.asset}`);
    assert.ok(Object.keys(served).length > 20, `E: ${node.name} serves little of ${job.asset}`);
    for (const [path, sha256] of Object.entries(served)) {
      assert.equal(sha256, files[path]?.sha256, `E: ${node.name} serves ${path} with other bytes`);
    }
  }
}

/** F: every source frame appears exactly once, in order, in every rendition. */
export async function framesOnceInOrder(scene: Scene, job: TestJob): Promise<void> {
  const { files } = await manifestOf(scene, job);
  // Playlists of I-frames show some of the frames, and on purpose.
  const playlists = Object.keys(files).filter((path) => /^video\/.*\/media\.m3u8$/.test(path));
  assert.ok(playlists.length > 0, "F: no rendition");
  for (const path of playlists) {
    const numbers = await frameNumbers(`http://${scene.living().http}/assets/${job.asset}/${path}`);
    const wrong = numbers.findIndex((number, place) => number !== place);
    assert.equal(wrong, -1, `F: ${path} shows frame ${numbers[wrong]} at ${wrong}`);
    assert.equal(numbers.length, CLIP_FRAMES, `F: ${path}`);
  }
}

/** G: what each node's process holds, to compare with later. */
export async function holdings(scene: Scene): Promise<Map<TestNode, { pid: number; before: Resources }>> {
  const all = new Map<TestNode, { pid: number; before: Resources }>();
  for (const node of scene.nodes) all.set(node, { pid: node.pid, before: await node.resources() });
  return all;
}

/** G, after the load: every node that was not started anew meanwhile has let go of what it took, within bounds. */
export async function wentBack(scene: Scene, held: Awaited<ReturnType<typeof holdings>>): Promise<void> {
  for (const node of scene.nodes) {
    const { pid, before } = held.get(node) ?? { pid: 0, before: undefined };
    if (!node.alive || pid !== node.pid || before === undefined) continue;
    let now = await node.resources();
    const isBack = async () => {
      now = await node.resources();
      const more = (of: keyof Resources) => now[of] - before[of];
      return (
        (more("children") <= 0 && more("descriptors") <= SPARE_DESCRIPTORS && more("resident") <= SPARE_BYTES) ||
        undefined
      );
    };
    const what = () => `G: ${node.name} held ${JSON.stringify(before)} and holds ${JSON.stringify(now)}`;
    await until(isBack, "the node lets go", GOES_BACK_MS).catch(() => assert.fail(what()));
  }
}

/** H: a task is granted within the promised time after a moment; milliseconds that it took. */
export async function goesOn(
  scene: Scene,
  since: number,
  withinMs = GOES_ON_MS,
  fits: Match = () => true,
): Promise<number> {
  const { at } = await scene.story.next("task granted", fits, since, withinMs);
  return at - since;
}

/** The promise's value; an error when it takes longer. */
async function within<T>(ms: number, promise: Promise<T>, complaint: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint())), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
