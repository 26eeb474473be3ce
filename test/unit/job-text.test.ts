import assert from "node:assert/strict";
import { percentOf } from "../../src/cli/job-text.js";
import type { Job__Output as Job } from "../../src/gen/reelmesh/v1/Job.js";

/** What is counted of a job. */
function job(state: string, counted: Partial<Job>): Job {
  return { state, frames: 0, framesDone: 0, tasks: 0, tasksDone: 0, ...counted } as Job;
}

describe("how far a job is", () => {
  it("is told in frames, or in tasks where there is no video", () => {
    assert.equal(percentOf(job("running", { frames: 300, framesDone: 199, tasks: 4 })), "66%");
    assert.equal(percentOf(job("running", { tasks: 3, tasksDone: 1 })), "33%");
    assert.equal(percentOf(job("submitted", {})), "");
  });

  it("is all of it when it is done, also when a snapshot has forgotten its tasks", () => {
    assert.equal(percentOf(job("done", {})), "100%");
  });

  it("is nothing to tell of when it ended with nothing done", () => {
    assert.equal(percentOf(job("failed", { frames: 300 })), "");
    assert.equal(percentOf(job("cancelled", { frames: 300, framesDone: 30 })), "10%");
  });
});
