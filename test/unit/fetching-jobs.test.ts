/** Jobs whose source is still fetched, as a node tells of them: its own at once, those of others by their heartbeats. */
import assert from "node:assert/strict";
import { type Fetching, fetchingJobs } from "../../src/node/fetching-jobs.js";
import { Members, type NodeSummary } from "../../src/node/members.js";

const heartbeat = (id: string, fetching: Fetching[]) =>
  ({ id, name: id, state: "ready", grpc: `${id}:7400`, term: 1, fetching }) as unknown as NodeSummary;

const fetchOf = (job: string): Fetching => {
  return { job, name: job, source: "https://films.example/", bytes: 5, total: 10, trouble: "", givenUp: "" };
};

describe("jobs whose source is fetched", () => {
  it("are known before the next heartbeat of the node that is asked, and forgotten at once when they end there", () => {
    const members = new Members("own", () => 0);
    members.heard(heartbeat("own", [fetchOf("ended")]));
    members.heard(heartbeat("other", [fetchOf("elsewhere"), fetchOf("recorded")]));
    const own = { id: "own", fetching: () => [fetchOf("begun")] };
    const jobs = fetchingJobs(members, own, (job) => job === "recorded");
    assert.deepEqual(
      jobs
        .list()
        .map(({ id }) => id)
        .sort(),
      ["begun", "elsewhere"],
    );
    assert.deepEqual([jobs.find("begun")?.state, jobs.fetcher("begun")?.grpc], ["fetching", "own:7400"]);
    assert.equal(jobs.find("ended"), undefined);
  });
});
