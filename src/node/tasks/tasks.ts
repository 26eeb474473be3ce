/** The worker's tasks and the peers' requests that go with them, over one context. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ReelmeshError } from "../../core/errors.js";
import type { Plan } from "../../core/media.js";
import type { BlobReference, Task, TaskResult } from "../../core/work.js";
import type { TaskReports } from "../worker.js";
import { ensureHeld, type TaskContext, wholePath } from "./context.js";
import { type FetchCut, runEncodeTask } from "./encode-task.js";
import { makeInits } from "./init-segments.js";
import type { MediaTools } from "./media-tools.js";
import { runPackageTask } from "./package-task.js";
import { runPlanTask } from "./plan-task.js";

interface Components extends TaskContext {
  media: MediaTools;
  /** Downloads a cut that a peer makes. */
  fetchCut(
    peer: string,
    plan: string,
    task: string,
    file: string,
    signal: AbortSignal,
    linear: boolean,
  ): Promise<unknown>;
}

export interface Cut {
  file: string;
  dispose(): Promise<void>;
}

export interface Tasks {
  run(task: Task, signal: AbortSignal, reports: TaskReports): Promise<TaskResult>;
  /**
   * Cuts what a task needs from the source, for a peer; `linear` as in EncodeTask. NOT_FOUND when this node lacks the
   * plan or the source.
   */
  cut(plan: string, task: string, signal: AbortSignal, linear?: boolean): Promise<Cut>;
  /** What this node makes of the init segments of a plan, for a peer. NOT_FOUND as `cut`; MEDIA. */
  inits(plan: string, signal: AbortSignal): Promise<Record<string, string>>;
  /** Pulls blobs, for a peer that wants a second copy. */
  holdHere(request: { blobs: BlobReference[]; job: string; holders: string[] }, signal: AbortSignal): Promise<void>;
}

export function createTasks(components: Components): Tasks {
  const { store, media } = components;

  const heldPlan = async (hash: string) => JSON.parse(new TextDecoder().decode(await store.read(hash))) as Plan;

  /** Here where the source is held, else at one of the holders. */
  const fetchCut: FetchCut = async (plan, task, { plan: reference, holders, linear }, file, signal) => {
    const source = await wholePath(store, plan.source.sha256);
    if (source !== undefined) return media.cut(plan, task, source, file, signal, linear);
    let last: unknown;
    for (const peer of components.sources(holders)) {
      try {
        await components.fetchCut(peer, (reference as BlobReference).sha256, task, file, signal, linear);
        return;
      } catch (error) {
        // A holder that cannot cut it has given its verdict; one that is away has not.
        if (signal.aborted || (error instanceof ReelmeshError && error.code === "MEDIA")) throw error;
        last = error;
      }
    }
    const message = `no holder of the source of job ${plan.job} gave the cut for ${task}`;
    throw new ReelmeshError("UNAVAILABLE", message, { cause: last });
  };

  return {
    run(task, signal, reports) {
      if (task.kind === "plan") return runPlanTask(components, media, task.job, task.plan, signal);
      if (task.kind === "package") return runPackageTask(components, task.job, task.package, signal);
      return runEncodeTask(components, media, fetchCut, task.job, task.name, task.encode, signal, reports);
    },

    async cut(planHash, task, signal, linear) {
      const plan = await heldPlan(planHash);
      const source = await store.path(plan.source.sha256);
      const folder = await store.scratch();
      const dispose = () => rm(folder, { recursive: true, force: true });
      try {
        const file = join(folder, "cut.nut");
        await media.cut(plan, task, source, file, signal, linear);
        return { file, dispose };
      } catch (error) {
        await dispose();
        throw error;
      }
    },

    async inits(planHash, signal) {
      const plan = await heldPlan(planHash);
      return makeInits(components, media, plan, signal);
    },

    async holdHere({ blobs, job, holders }, signal) {
      await Promise.all(blobs.map((blob) => ensureHeld(components, blob, job, holders, signal)));
    },
  };
}
