/** A node that is alone, without its servers: it turns a source into an asset by running the tasks of its job in turn. */
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import type { AssetManifest, Plan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import type { BlobReference, EncodeResult, JobOptions, Task } from "../../src/core/work.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { createTasks } from "../../src/node/tasks/tasks.js";
import { temporaryFolder } from "./temporary.js";

const JOB = "job-made-alone";

export interface AloneAsset {
  plan: Plan;
  manifest: AssetManifest;
  /** Of the plan and of every task. */
  notes: string[];
  /** Must be closed. */
  store: Store;
  /** Bytes of a file of the asset. */
  read(path: string): Promise<Uint8Array>;
  text(path: string): Promise<string>;
}

/** `beside`: files of subtitles by language. `decode`: why the source is decoded in one piece before it is cut. */
export async function makeAsset(
  source: string,
  changes: Partial<JobOptions> = {},
  beside: [language: string, file: string][] = [],
  decode = "",
): Promise<AloneAsset> {
  const store = await openStore(join(await temporaryFolder(), "it's [a] store; 1,2: 3"));
  const { blobs } = store;
  const nobody = () => Promise.reject(new Error("nobody else is there"));
  const tasks = createTasks({
    nodeId: "alone",
    store: blobs,
    pull: nobody,
    sources: () => [],
    copyTargets: () => [],
    hold: nobody,
    fetchInits: nobody,
    fetchCut: nobody,
    report: () => {},
    media: createMediaTools(),
  });
  const { signal } = new AbortController();
  const reports = { onProgress: () => {}, onMade: () => {}, onGrown: async () => {} };
  const put = (file: string): Promise<BlobReference> => blobs.put(createReadStream(file), `job:${JOB}`);
  const run = (task: Task) => tasks.run(task, signal, reports);
  const json = async <T>({ sha256 }: BlobReference): Promise<T> =>
    JSON.parse(new TextDecoder().decode(await blobs.read(sha256))) as T;

  const subtitles = await Promise.all(
    beside.map(async ([language, file]) => ({ file: await put(file), fileName: basename(file), language })),
  );
  const options = { ...DEFAULT_OPTIONS, preset: "ultrafast", crf: 40, ladder: [96], subtitles, ...changes };
  const holders = ["alone"];
  const plan = { source: await put(source), fileName: basename(source), options, holders, decode };
  const planned = await run({ job: JOB, name: "plan", kind: "plan", plan });
  if (planned.kind !== "plan") throw new Error("no plan");
  const { plan: reference, tasks: names, notes } = planned.plan;
  const encoded: { task: string; result: EncodeResult }[] = [];
  for (const { name } of names) {
    const result = await run({ job: JOB, name, kind: "encode", encode: { plan: reference, holders, linear: false } });
    if (result.kind === "encode") encoded.push({ task: name, result: result.encode });
  }
  const packaging = { plan: reference, asset: "film", holders, encoded };
  const packaged = await run({ job: JOB, name: "package", kind: "package", package: packaging });
  if (packaged.kind !== "package") throw new Error("no package");
  const manifest = await json<AssetManifest>(packaged.package.manifest as BlobReference);
  const read = async (path: string) => {
    const file = manifest.files[path];
    if (file === undefined) throw new Error(`no ${path} among ${Object.keys(manifest.files).join(", ")}`);
    return blobs.read(file.sha256);
  };
  return {
    plan: await json<Plan>(reference as BlobReference),
    manifest,
    notes: [...notes, ...encoded.flatMap(({ result }) => result.notes)],
    store,
    read,
    text: async (path) => new TextDecoder().decode(await read(path)),
  };
}
