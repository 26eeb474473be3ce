/** A real node fetches a film by itself, and goes on with it after it was killed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { reelmesh } from "../support/mesh.js";
import { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { rogue } from "./http.support.js";

const JOB = "fetched-job-0001";

describe("a source that a real node fetches", function () {
  this.timeout(180_000);
  let node: TestNode;

  before(async () => {
    node = await TestNode.start({ name: "alpha", words: ["--allow-source", "127.0.0.1"] });
  });
  after(async () => {
    await node?.stop();
    await node?.killNats();
  });

  /** What the node says of a job; undefined while it knows nothing of it. */
  async function tellOf(job: string) {
    const { code, stdout } = await reelmesh("job", job, "--json", "--node", node.grpc);
    return code === 0 ? JSON.parse(stdout) : undefined;
  }

  it("is shown while it comes, goes on after a kill, and becomes a job", async () => {
    const film = await makeFilm();
    const held: ServerResponse[] = [];
    const ranges: (string | undefined)[] = [];
    let open = false;
    const site = await rogue((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
      const end = `${film.length - 1}/${film.length}`;
      const part = range === undefined ? {} : { "content-range": `bytes ${from}-${end}` };
      const status = range === undefined ? 200 : 206;
      response.writeHead(status, { "content-length": film.length - from, etag: '"film"', ...part });
      if (open) response.end(film.subarray(from));
      else held.push(response) && response.write(film.subarray(from, film.length >> 1));
    });
    const ask = () => tellOf(JOB);
    try {
      const options = ["--preset", "ultrafast", "--ladder", "90", "--id", JOB, "--node", node.grpc];
      const submitting = reelmesh("submit", `http://${site.address}/film.mp4?key=secret`, "--json", ...options);
      const half = `${film.length >> 1} of ${film.length} bytes`;
      const seen = await until(async () => {
        const job = await ask();
        return job?.notes?.[0]?.startsWith(half) ? job : undefined;
      }, "half of the film is there");
      assert.equal(seen.state, "fetching");
      assert.match(seen.notes[0], /film\.mp4\?\.\.\. are on node alpha$/);
      const paused = await reelmesh("pause", JOB, "--node", node.grpc);
      assert.equal(paused.code, 1);
      assert.match(paused.stderr, /is still being fetched: .*reelmesh cancel/);
      for (const response of held.splice(0)) response.destroy();
      const told = await until(async () => {
        const job = await ask();
        return job?.state === "fetching" && job.reason !== "" ? job.reason : undefined;
      }, "the job says why its source is asked for again");
      assert.match(told, /film\.mp4/);
      await node.kill();
      open = true;
      await node.up();
      await submitting;
      const done = await until(async () => {
        const job = await ask();
        return ["done", "failed"].includes(job?.state) ? job : undefined;
      }, "the job ends");
      assert.equal(done.state, "done", done.reason);
      assert.ok(ranges.length >= 2);
      const log = await readFile(join(node.data, "node.log"), "utf8");
      assert.match(log, /fetching a source/);
      assert.doesNotMatch(log, /secret/);
    } finally {
      for (const response of held) response.destroy();
      await site.close();
    }
  });

  it("is refused where the node must not ask", async () => {
    const { code, stderr } = await reelmesh("submit", "https://[::1]/film.mp4", "--node", node.grpc);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^reelmesh: https:\/\/\[::1\]\/film\.mp4 is not fetched: .*--allow-source/);
  });

  it("is given up, and whoever waits for it hears so, when nothing is there or somebody cancels it", async () => {
    const asked: string[] = [];
    const site = await rogue((request, response) => {
      asked.push(request.url ?? "");
      if (request.url === "/none.mp4") request.socket.destroy();
      else response.writeHead(200, { "content-length": 1_000_000 }).write("\0\0\0\x20ftypisom");
    });
    try {
      const submit = (name: string, id: string) =>
        reelmesh("submit", `http://${site.address}/${name}`, "--id", id, "--node", node.grpc);
      const [none, slow] = [submit("none.mp4", "fetched-job-none"), submit("slow.mp4", "fetched-job-slow")];
      await until(async () => asked.includes("/slow.mp4") || undefined, "the film is fetched");
      const cancelled = await reelmesh("cancel", "fetched-job-slow", "--node", node.grpc);
      assert.equal(cancelled.code, 0, cancelled.stderr);
      const [{ code, stderr }, ended] = await Promise.all([none, slow]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /none\.mp4 cannot be reached: .*; asked 5 times in vain/);
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /was cancelled while its source was fetched/);
      assert.equal(asked.filter((path) => path === "/none.mp4").length, 5);
      const told = async () => {
        const job = await tellOf("fetched-job-none");
        return job?.state === "failed" ? job : undefined;
      };
      assert.match((await until(told, "who had left hears of it too")).reason, /asked 5 times in vain/);
      const again = await reelmesh("retry", "fetched-job-none", "--node", node.grpc);
      assert.equal(again.code, 1);
      assert.match(again.stderr, /has no source: .*submit it again/);
      const watched = await reelmesh("watch", "fetched-job-none", "--node", node.grpc);
      assert.equal(watched.code, 1);
      assert.match(watched.stdout + watched.stderr, /asked 5 times in vain/);
      const listed = await reelmesh("jobs", "--state", "failed", "--json", "--node", node.grpc);
      assert.match(listed.stdout, /fetched-job-none/);
      assert.equal(asked.filter((path) => path === "/slow.mp4").length, 1);
    } finally {
      await site.close();
    }
  });
});

/** Two seconds, of which the index stands in front. */
async function makeFilm(): Promise<Buffer> {
  const file = join(await temporaryFolder(), "film.mp4");
  const source = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=2"];
  const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart"];
  await promisify(execFile)("ffmpeg", ["-nostdin", "-v", "error", ...source, ...encoder, file]);
  return readFile(file);
}
