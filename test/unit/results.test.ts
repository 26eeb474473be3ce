import assert from "node:assert/strict";
import { refuseResult, winnerOf } from "../../src/coordinator/results.js";
import type { JobRecord } from "../../src/core/job-record.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import type { EncodeResult, PlanResult } from "../../src/core/work.js";
import { encodeResult, entry, packageResult, planned, submitted, taskDone } from "../support/facts.js";

function runningJob(): JobRecord {
  const mesh = emptyMeshState();
  const facts = [submitted("j"), planned("j", 2), taskDone("j", "chunk-1")];
  for (const [index, fact] of facts.entries()) applyEntry(mesh, index + 1, entry(fact));
  return mesh.jobs.get("j") as JobRecord;
}

function refuse(task: string, change: Partial<EncodeResult> = {}): string | undefined {
  const encode = { ...encodeResult("j", task), ...change };
  return refuseResult(runningJob(), task, { kind: "encode", encode });
}

describe("results", () => {
  it("takes what was planned", () => {
    assert.equal(refuse("chunk-2"), undefined);
    assert.equal(refuseResult(runningJob(), "package", { kind: "package", package: packageResult("j") }), undefined);
  });

  it("refuses frames, renditions and init segments that are not the plan's or not the other chunks'", () => {
    assert.match(refuse("chunk-2", { frames: 99 }) ?? "", /99 frames where the plan has 100/);
    assert.match(refuse("chunk-2", { inits: [] }) ?? "", /renditions {2}where the plan has 720p/);
    const other = encodeResult("j", "chunk-2", "another encoder").inits;
    assert.match(refuse("chunk-2", { inits: other }) ?? "", /init segment of 720p differs/);
  });

  it("wants of a task the renditions that were planned for it", () => {
    const job = runningJob();
    const made = { "chunk-1": ["720p", "360p"], "chunk-1-vp9": ["720p-vp9", "360p-vp9"] };
    const common = { frames: 100, seconds: 4, encoder: "", awaited: true };
    const tasks = Object.entries(made).map(([name, renditions]) => ({ name, ...common, renditions }));
    const plan = { ...(job.plan as PlanResult), tasks, renditions: Object.values(made).flat() };
    const refused = (task: string, ...renditions: string[]) => {
      const inits = renditions.map((rendition) => ({ rendition, sha256: "0".repeat(64) }));
      const encode = { ...encodeResult("j", task), inits };
      return refuseResult({ ...job, plan, finished: new Map() }, task, { kind: "encode", encode });
    };
    assert.equal(refused("chunk-1", "360p", "720p"), undefined);
    assert.equal(refused("chunk-1-vp9", "720p-vp9", "360p-vp9"), undefined);
    assert.match(refused("chunk-1-vp9", "720p", "360p") ?? "", /where the plan has 720p-vp9, 360p-vp9$/);
    assert.match(refused("chunk-1", "720p") ?? "", /where the plan has 720p, 360p$/);
  });

  it("refuses what names no blob, has no holder or belongs to another task", () => {
    assert.match(refuse("chunk-2", { listing: null }) ?? "", /names no blob/);
    assert.match(refuse("chunk-2", { holders: [] }) ?? "", /nobody holds it/);
    const empty = { ...packageResult("j"), manifest: null };
    assert.match(refuseResult(runningJob(), "package", { kind: "package", package: empty }) ?? "", /names no blob/);
    assert.match(refuse("package") ?? "", /does not belong/);
    assert.match(refuse("chunk-9") ?? "", /does not belong/);
  });

  it("knows the winner of a finished task", () => {
    const job = runningJob();
    assert.equal(winnerOf(job, "chunk-1"), encodeResult("j", "chunk-1").listing?.sha256);
    assert.equal(winnerOf(job, "chunk-2"), undefined);
  });
});
