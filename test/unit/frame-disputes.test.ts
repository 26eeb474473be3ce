import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { BACKOFF_MS } from "../../src/coordinator/attempts.js";
import { type Dispute, disputeOf, isOutdated } from "../../src/coordinator/frame-disputes.js";
import { refuseResult } from "../../src/coordinator/results.js";
import { type ScheduleEffect, stepSchedule } from "../../src/coordinator/schedule.js";
import type { Schedule } from "../../src/coordinator/schedule-state.js";
import { shortDigest } from "../../src/core/digest.js";
import type { Fact } from "../../src/core/facts.js";
import { checkKept, proveFrames, readFrameHashes } from "../../src/core/frame-proof.js";
import { type JobRecord, notesOf } from "../../src/core/job-record.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import { neighboursOf } from "../../src/core/video-tasks.js";
import type { FrameProof, TaskResult } from "../../src/core/work.js";
import { encodeResult, entry, packageResult, planned, submitted } from "../support/facts.js";
import { videoPlan, videoRendition } from "../support/plans.js";
import { apply, claim, leasesFor, meshOf, START, scheduleOf } from "../support/schedules.js";

const RIGHT: FrameProof = { lead: "", first: "", last: "", tail: "", linear: false };

/** What chunk `number` of three sees; `wrong`: of what it shares with the chunk before it. */
function proof(number: number, { wrong = false, linear = false } = {}): FrameProof {
  const before = wrong ? `another ${number}` : `${number - 1}`;
  return { lead: `end ${before}`, first: `tail ${before}`, last: `end ${number}`, tail: `tail ${number}`, linear };
}

function result(task: string, own: FrameProof): TaskResult & { kind: "encode" } {
  return { kind: "encode", encode: { ...encodeResult("j", task), proof: own } };
}

function done(task: string, own: FrameProof): Fact {
  return { kind: "taskDone", taskDone: { job: "j", task, result: result(task, own).encode, nodeId: "a" } };
}

const reopened = (task: string): Fact => ({ kind: "taskReopened", taskReopened: { job: "j", task } });

function jobOf(...facts: Fact[]): JobRecord {
  const mesh = emptyMeshState();
  for (const [index, fact] of [submitted("j"), planned("j", 3), ...facts].entries()) {
    applyEntry(mesh, index + 1, entry(fact));
  }
  return mesh.jobs.get("j") as JobRecord;
}

const kindOf = (dispute: Dispute) => dispute.kind;

describe("comparing what neighbouring chunks saw", () => {
  it("is content where they saw the same, or nothing can be compared", () => {
    const job = jobOf(done("chunk-1", proof(1)), done("chunk-3", proof(3)));
    assert.equal(kindOf(disputeOf(job, "chunk-2", result("chunk-2", proof(2)))), "none");
    assert.equal(kindOf(disputeOf(job, "chunk-2", result("chunk-2", RIGHT))), "none");
    const old = { ...encodeResult("j", "chunk-2"), proof: null };
    assert.equal(kindOf(disputeOf(job, "chunk-2", { kind: "encode", encode: old })), "none");
  });

  it("asks for the linear way where they did not", () => {
    const job = jobOf(done("chunk-1", proof(1)));
    const dispute = disputeOf(job, "chunk-2", result("chunk-2", proof(2, { wrong: true })));
    assert.equal(kindOf(dispute), "linear");
    assert.match(dispute.kind === "linear" ? dispute.reason : "", /not those that chunk-1 had/);
  });

  it("reopens a neighbour that differs from what was made in the linear way", () => {
    const job = jobOf(done("chunk-1", proof(1)), done("chunk-3", proof(3, { wrong: true })));
    const dispute = disputeOf(job, "chunk-2", result("chunk-2", proof(2, { linear: true })));
    assert.deepEqual(dispute, { kind: "reopen", tasks: ["chunk-3"] });
  });

  it("takes it for a failure where both were made in the linear way", () => {
    const job = jobOf(done("chunk-3", proof(3, { wrong: true, linear: true })));
    const dispute = disputeOf(job, "chunk-2", result("chunk-2", proof(2, { linear: true })));
    assert.equal(kindOf(dispute), "failure");
  });

  it("compares all chunks once more before the job is done", () => {
    const job = jobOf(done("chunk-1", proof(1)), done("chunk-2", proof(2)), done("chunk-3", proof(3, { wrong: true })));
    assert.equal(job.state, "packaging");
    const dispute = disputeOf(job, "package", { kind: "package", package: packageResult("j") });
    assert.deepEqual(dispute, { kind: "reopen", tasks: ["chunk-2", "chunk-3"] });
  });
});

/** Tasks that are granted to be made in the linear way. */
function linearGrants(effects: ScheduleEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === "grant" && effect.task.kind === "encode" && effect.task.encode.linear ? [effect.task.name] : [],
  );
}

describe("a task whose result is disputed", () => {
  it("runs again in the linear way, and its node is not to blame", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    assert.equal(claim(schedule, "a"), "j/chunk-1");
    const [lease] = leasesFor(schedule, "j/chunk-1");
    assert.ok(lease);
    const why = { reason: "it saw other frames", permanent: false, disputed: true };
    stepSchedule(schedule, { kind: "fail", now: START, ...lease, lease: lease.id, ...why });
    const later = START + BACKOFF_MS;
    const effects = stepSchedule(schedule, { kind: "claim", now: later, claim: "x", nodeId: "b", light: false });
    assert.deepEqual(linearGrants(effects), ["chunk-1"]);
    apply(schedule, done("chunk-1", proof(1, { linear: true })), later);
    assert.equal(schedule.nodes.get("a")?.faults ?? 0, 0);
  });
});

describe("a task that was reopened", () => {
  const facts = [done("chunk-1", proof(1)), done("chunk-2", proof(2)), reopened("chunk-1")];

  it("is open again, and takes only what was made in the linear way", () => {
    const job = jobOf(...facts);
    assert.deepEqual([job.state, [...job.finished.keys()], job.reopened], ["running", ["chunk-2"], ["chunk-1"]]);
    const again = result("chunk-1", proof(1));
    assert.ok(isOutdated(job, "chunk-1", again));
    assert.match(refuseResult(job, "chunk-1", again) ?? "", /before a chunk was reopened/);
    assert.equal(refuseResult(job, "chunk-1", result("chunk-1", proof(1, { linear: true }))), undefined);
    assert.match(refuseResult(job, "package", { kind: "package", package: packageResult("j") }) ?? "", /reopened/);
  });

  it("is granted again, to be made in the linear way, whoever leads by then", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 3)));
    for (const chunk of ["chunk-1", "chunk-2", "chunk-3"]) assert.equal(claim(schedule, "a"), `j/${chunk}`);
    apply(schedule, done("chunk-1", proof(1)));
    assert.equal(claim(schedule, "b"), undefined);
    assert.deepEqual(linearGrants(apply(schedule, reopened("chunk-1"))), ["chunk-1"]);
    const next = scheduleOf(schedule.mesh);
    const effects = stepSchedule(next, { kind: "claim", now: START, claim: "x", nodeId: "a", light: false });
    assert.deepEqual(linearGrants(effects), ["chunk-1"]);
  });

  it("is told of in the job's notes, also when it is done again", () => {
    const again = /^chunk-1 was decoded again from the start of the source/;
    assert.match(notesOf(jobOf(...facts))[0] ?? "", again);
    assert.match(notesOf(jobOf(...facts, done("chunk-1", proof(1, { linear: true }))))[0] ?? "", again);
  });

  it("takes a job back from packaging", () => {
    const all = [done("chunk-1", proof(1)), done("chunk-2", proof(2)), done("chunk-3", proof(3))];
    assert.equal(jobOf(...all).state, "packaging");
    assert.equal(jobOf(...all, reopened("chunk-2")).state, "running");
  });
});

describe("the frames that a chunk keeps", () => {
  const plan = videoPlan(300, [videoRendition(180)]);
  const chunks = plan.chunks.map((chunk, place) => ({
    ...chunk,
    leadFrames: place === 0 ? 0 : 25,
    tailFrames: place === plan.chunks.length - 1 ? 0 : 25,
  }));
  const video = { ...plan, chunks };
  const hashesOf = (place: number) => {
    const { firstFrame, leadFrames, frames, tailFrames } = chunks[place] as (typeof chunks)[0];
    return Array.from({ length: leadFrames + frames + tailFrames }, (_, at) => `h${firstFrame - leadFrames + at}`);
  };
  const proofOf = (place: number) => proveFrames(hashesOf(place), video, chunks[place] as (typeof chunks)[0], false);

  it("are proven to be those of its neighbours where they overlap", () => {
    const proofs = chunks.map((_, place) => proofOf(place));
    assert.equal(proofs.length, 3);
    assert.deepEqual([proofs[0]?.last, proofs[0]?.tail], [proofs[1]?.lead, proofs[1]?.first]);
    assert.deepEqual([proofs[1]?.last, proofs[1]?.tail], [proofs[2]?.lead, proofs[2]?.first]);
    assert.deepEqual([proofs[0]?.lead, proofs[0]?.first, proofs[2]?.tail], ["", "", ""]);
    assert.notEqual(proofs[0]?.last, proofs[1]?.last);
  });

  it("are read from what ffmpeg writes, and must stand at the planned times", () => {
    const text =
      "#format: frame checksums\n#tb 0: 1/25\n0,      1010,       1010,        1,    57600, e688\n0, 1011, 1011, 1, 9, 97c2\n";
    const kept = readFrameHashes(text, 1000);
    assert.deepEqual(kept, [
      { pts: 10, hash: "e688" },
      { pts: 11, hash: "97c2" },
    ]);
    const chunk = { ...(chunks[0] as (typeof chunks)[0]), leadFrames: 1, frames: 1, tailFrames: 0 };
    checkKept(kept, { ...chunk, stamps: shortDigest([10, 11]) });
    assert.throws(() => checkKept(kept, { ...chunk, stamps: shortDigest([10, 12]) }), /other frames of the source/);
    assert.throws(() => checkKept(kept.slice(1), chunk), /made of 1 frames where 2 are planned/);
    assert.throws(() => readFrameHashes("0, NOPTS, NOPTS, 1, 2, ab", 0), /names no frame/);
  });
});

describe("neighbours of a chunk", () => {
  it("have the numbers beside it, and its codec", () => {
    assert.deepEqual(neighboursOf("chunk-000010-hevc"), { before: "chunk-000009-hevc", after: "chunk-000011-hevc" });
    assert.deepEqual(neighboursOf("audio-1"), { before: "", after: "" });
  });
});

describe("a source that gives other frames than planned", () => {
  const failing = (schedule: Schedule, now: number): ScheduleEffect[] => {
    const [lease] = leasesFor(schedule, "j/chunk-1");
    assert.ok(lease);
    const why = { reason: "67 frames where 75 are planned", permanent: false, otherFrames: true };
    return stepSchedule(schedule, { kind: "fail", now, ...lease, lease: lease.id, ...why });
  };
  const replanned: Fact = { kind: "jobReplanned", jobReplanned: { job: "j", reason: "it gives other frames" } };

  it("is planned anew when a second node says so, once", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)), ["a", "b"]);
    assert.equal(claim(schedule, "a"), "j/chunk-1");
    assert.deepEqual(failing(schedule, START), []);
    const later = START + BACKOFF_MS;
    assert.equal(claim(schedule, "b", later), "j/chunk-1");
    assert.deepEqual(
      failing(schedule, later).map(({ kind }) => kind),
      ["replan"],
    );
    assert.deepEqual(claim(schedule, "a", later), undefined);
    const [effect] = apply(schedule, replanned, later);
    assert.ok(effect?.kind === "grant" && effect.task.kind === "plan");
    assert.equal(effect.task.plan.decode, "it gives other frames");
  });

  it("takes nothing more of what was made by the first plan", () => {
    const job = jobOf(done("chunk-1", proof(1)), replanned, planned("j", 3));
    assert.deepEqual([job.state, job.finished.size, job.decode], ["running", 0, "it gives other frames"]);
    const late = { ...result("chunk-1", proof(1)).encode, plan: "0".repeat(64) };
    assert.match(refuseResult(job, "chunk-1", { kind: "encode", encode: late }) ?? "", /another plan/);
    const mesh = meshOf(submitted("j"), planned("j", 3), replanned, planned("j", 3), replanned);
    assert.equal(mesh.jobs.get("j")?.state, "running");
  });
});
