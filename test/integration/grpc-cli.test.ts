import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { ReelmeshError } from "../../src/core/errors.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import type { Job } from "../../src/gen/reelmesh/v1/Job.js";
import { freePorts } from "../support/ports.js";
import { runCli, startCli } from "../support/run-cli.js";
import { type StandInNode, startStandInNode } from "../support/stand-in-node.js";

/** Begins like an MP4, which is all that the command line looks at. */
const content = Buffer.concat([Buffer.from("\0\0\0\x20ftypisom"), Buffer.alloc(300_000, "film")]);
const sha256 = createHash("sha256").update(content).digest("hex");

const finished = [
  { task: "chunk-000001", node: "beta" },
  { task: "chunk-000002", node: "alpha" },
  { task: "package", node: "beta" },
];

/** A job's life as a watcher sees it. */
async function* life(job: Job, last: Job): AsyncIterable<Job> {
  yield { ...job, state: "submitted" };
  yield { ...job, state: "running", frames: 240, framesDone: 60, tasks: 2, speed: 60, nodes: ["alpha", "beta"] };
  yield { ...job, state: "packaging", frames: 240, framesDone: 240, tasks: 2, tasksDone: 2 };
  yield { ...job, frames: 240, framesDone: 240, tasks: 2, tasksDone: 2, finished, ...last };
}

describe("the command line", function () {
  this.timeout(180_000);
  let folder: string;
  let film: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "reelmesh-cli-"));
    film = join(folder, "film.mp4");
    await writeFile(film, content);
    await writeFile(join(folder, "empty.mp4"), "");
  });
  after(() => rm(folder, { recursive: true }));

  describe("help and version", () => {
    it("prints the version", async () => {
      assert.deepEqual(await runCli(["--version"]), { code: 0, stdout: "0.1.0\n", stderr: "" });
    });

    for (const command of [
      ...["up", "submit", "watch", "jobs", "job", "cancel", "pause", "resume", "retry", "remove", "priority"],
      ...["status", "nodes", "node", "drain", "assets"],
    ]) {
      it(`explains ${command} with an example`, async () => {
        const { code, stdout, stderr } = await runCli([command, "--help"]);
        assert.equal(code, 0);
        assert.equal(stderr, "");
        assert.match(stdout, new RegExp(`Usage: reelmesh ${command}`));
        assert.match(stdout, new RegExp(`Examples?:\n  \\$ reelmesh ${command}`));
      });
    }
  });

  describe("wrong usage ends with 2 and one sentence", () => {
    const cases: [string, string[], RegExp][] = [
      ["an unknown command", ["sbumit"], /unknown command 'sbumit' \(Did you mean submit\?\)/],
      ["an unknown option", ["jobs", "--all"], /unknown option '--all'/],
      ["a missing argument", ["submit"], /missing required argument 'file'/],
      ["too many arguments", ["watch", "j1", "j2"], /too many arguments/],
      ["a number that is none", ["submit", "x.mp4", "--crf", "low"], /'low' is invalid.*from 1 to 51/],
      ["a number out of range", ["submit", "x.mp4", "--crf", "52"], /'52' is invalid/],
      ["a segment of no length", ["submit", "x.mp4", "--segment", "0"], /'0' is invalid/],
      ["a ladder with a gap", ["submit", "x.mp4", "--ladder", "720,,480"], /'720,,480' is invalid.*720,480, or "auto"/],
      ["half a ladder", ["submit", "x.mp4", "--ladder", "auto,480"], /'auto,480' is invalid.*720,480, or "auto"/],
      ["a priority out of range", ["submit", "x.mp4", "--priority", "101"], /'101' is invalid.*from -100 to 100/],
      ["a priority that is none", ["priority", "j1", "high"], /'high' is invalid/],
      ["an id that is none", ["submit", "x.mp4", "--id", "../../etc"], /'..\/..\/etc' is invalid.*8 to 40/],
      ["a page of no jobs", ["jobs", "--limit", "0"], /'0' is invalid.*from 1 to 1000/],
      ["an unknown preset", ["submit", "x.mp4", "--preset", "quick"], /'quick' is invalid.*ultrafast/],
      ["an address that is none", ["jobs", "--node", "http://x"], /"http:\/\/x" is no address/],
      ["a port that is none", ["up", "--http-port", "65536"], /'65536' is invalid.*from 0 to 65535/],
      ["too many slots", ["up", "--slots", "0"], /'0' is invalid.*from 1 to 256/],
      ["a bad node name", ["up", "--name", "a b"], /'a b' is invalid/],
      ["a certificate without its key", ["up", "--tls-cert", "a.pem"], /--tls-cert and --tls-key go together/],
      ["a cache that is no URL", ["up", "--purge", "cache:6081"], /"cache:6081" is no URL of a cache/],
      ["--join with --nats", ["up", "--join", "a", "--nats", "b"], /cannot be used with/],
      ["a file that is not there", ["submit", "none.mp4"], /cannot read none\.mp4: there is no such file/],
      ["a folder", ["submit", tmpdir()], /is a folder/],
      ["a device", ["submit", "/dev/null"], /not a regular file/],
    ];
    for (const [what, args, sentence] of cases) {
      it(what, async () => {
        const { code, stdout, stderr } = await runCli(args);
        assert.equal(code, 2, stderr);
        assert.equal(stdout, "");
        assert.match(stderr, /^reelmesh: [^\n]+\n$/);
        assert.match(stderr, sentence);
      });
    }

    it("an empty file", async () => {
      const { code, stderr } = await runCli(["submit", join(folder, "empty.mp4")]);
      assert.equal(code, 2);
      assert.match(stderr, /empty\.mp4 is empty/);
    });

    it("no command: the help, on stderr", async () => {
      const { code, stdout, stderr } = await runCli([]);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^Usage: reelmesh/);
    });

    it("a bad value in the environment", async () => {
      const { code, stderr } = await runCli(["up"], { REELMESH_GRPC_PORT: "x" });
      assert.equal(code, 2);
      assert.match(stderr, /^reelmesh: .*REELMESH_GRPC_PORT/);
    });

    it("as one JSON object with --json", async () => {
      const { code, stdout, stderr } = await runCli(["submit", "none.mp4", "--json"]);
      assert.equal(code, 2);
      const { error } = JSON.parse(stdout);
      assert.equal(error.code, "INVALID_INPUT");
      assert.equal(stderr, `reelmesh: ${error.message}\n`);
      const usage = await runCli(["submit", "--json"]);
      assert.equal(usage.code, 2);
      assert.equal(JSON.parse(usage.stdout).error.code, "INVALID_INPUT");
    });
  });

  describe("where no node listens ends with 3", () => {
    let address: string;
    before(async () => {
      // Nobody else is given it, as one might be that somebody has had.
      const [port] = await freePorts(1);
      address = `127.0.0.1:${port}`;
    });

    for (const args of [
      ["jobs"],
      ["job", "j1"],
      ["cancel", "j1"],
      ["status"],
      ["nodes"],
      ["assets"],
      ["watch", "j1"],
    ]) {
      it(args.join(" "), async () => {
        const { code, stdout, stderr } = await runCli([...args, "--node", address]);
        assert.equal(code, 3);
        assert.equal(stdout, "");
        assert.equal(
          stderr,
          `reelmesh: no node answers at ${address} (connection refused); start one with: reelmesh up\n`,
        );
      });
    }

    it("submit, with --json and the address from the environment", async () => {
      const { code, stdout } = await runCli(["submit", film, "--json"], { REELMESH_NODE: address });
      assert.equal(code, 3);
      const { error } = JSON.parse(stdout);
      assert.equal(error.code, "UNAVAILABLE");
      assert(error.message.includes(address));
    });
  });

  describe("with a node", () => {
    let node: StandInNode;
    beforeEach(async () => {
      node = await startStandInNode("alpha");
    });
    afterEach(() => node.stop());

    const run = (...args: string[]) => runCli([...args, "--node", node.grpc]);

    it("submits a file: uploads it, then says how to follow the job", async () => {
      const { code, stdout, stderr } = await run("submit", film, "--ladder", "480,720", "--name", "My film");
      assert.equal(code, 0, stderr);
      const [request] = node.submitted;
      assert(request !== undefined);
      assert.match(request.job, /^j[a-z0-9]{12}$/);
      assert.equal(request.fileName, "film.mp4");
      assert.equal(request.name, "My film");
      assert.deepEqual(request.source, { sha256, bytes: content.length });
      assert.deepEqual(request.options, {
        ...DEFAULT_OPTIONS,
        ladder: [720, 480],
        segmentSeconds: 4,
        preset: "fast",
        crf: 23,
      });
      const watch = `reelmesh watch ${request.job} --node ${node.grpc}`;
      assert.equal(stdout, `submitted ${film} as job ${request.job}; follow it with: ${watch}\n`);
    });

    it("submits with --json: one object", async () => {
      const { code, stdout, stderr } = await run("submit", film, "--json", "--crf", "18", "--segment", "2.5");
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.deepEqual(JSON.parse(stdout), { job: node.submitted[0]?.job, asset: "film-1", state: "submitted" });
      assert.equal(node.submitted[0]?.options?.crf, 18);
      assert.equal(node.submitted[0]?.options?.segmentSeconds, 2.5);
      assert.deepEqual(node.submitted[0]?.options?.ladder, []);
    });

    it("submits with an id of the person's own, and uploads only what the node does not have", async () => {
      node.refuseUpload = { status: 507, code: "ENVIRONMENT", message: "no upload is wanted" };
      const known = await run("submit", film, "--id", "mine-0001", "--priority", "-5", "--json");
      assert.equal(known.code, 0, known.stderr);
      const [request] = node.submitted;
      assert.deepEqual([request?.job, request?.priority, request?.source?.sha256], ["mine-0001", -5, sha256]);
      node.refuseUpload = undefined;
      node.refuseSubmit = new ReelmeshError("NOT_FOUND", "the source of job mine-0002 is not on this node");
      const sent = await run("submit", film, "--id", "mine-0002", "--json");
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal(node.submitted[1]?.job, "mine-0002");
      node.refuseSubmit = new ReelmeshError("CONFLICT", "job mine-0002 exists with another source");
      const other = await run("submit", film, "--id", "mine-0002");
      assert.deepEqual([other.code, other.stderr], [1, "reelmesh: job mine-0002 exists with another source\n"]);
    });

    it("does several jobs in one command, and all that can be done", async () => {
      for (const id of ["j1", "j3"]) node.jobs.set(id, { id, name: "film", asset: "film-1", state: "cancelled" });
      const { code, stdout, stderr } = await run("remove", "j1", "j2", "j3");
      assert.deepEqual([code, stdout], [4, "job j1 is removed\njob j3 is removed\n"]);
      assert.match(stderr, /^reelmesh: there is no job j2/);
      const { jobs } = JSON.parse((await run("pause", "j1", "j2", "--json")).stdout);
      assert.deepEqual(jobs[0], { job: "j1", asset: "film-1", state: "cancelled" });
      assert.equal(jobs[1].error.code, "NOT_FOUND");
      assert.equal((await run("priority", "j1", "-20")).stdout, "job j1 has priority -20\n");
    });

    it("drains, pauses and resumes a node", async () => {
      assert.equal((await run("drain", "--wait")).stdout, "node alpha is drained\n");
      assert.equal((await run("node", "pause")).stdout, "node alpha is paused\n");
      assert.deepEqual(JSON.parse((await run("node", "resume", "--json")).stdout), { name: "alpha", state: "ready" });
    });

    it("tries a submission again while there is no coordinator", async () => {
      node.refuseSubmit = new ReelmeshError("UNAVAILABLE", "no coordinator is known yet");
      const { code } = await run("submit", film, "--json");
      assert.equal(code, 0);
      assert.equal(node.submitted.length, 1);
    });

    it("ends with 2 when the node refuses the source", async () => {
      node.refuseSubmit = new ReelmeshError("INVALID_INPUT", "film.mp4 has no stream that can be read");
      const { code, stdout, stderr } = await run("submit", film);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.equal(stderr, "reelmesh: film.mp4 has no stream that can be read\n");
    });

    it("passes on why an upload was refused, even when the file was not read to its end", async () => {
      node.refuseUpload = { status: 507, code: "ENVIRONMENT", message: "the disk has no room for 300,000 bytes" };
      const { code, stdout } = await run("submit", film, "--json");
      assert.equal(code, 1);
      const message = "the disk has no room for 300,000 bytes";
      assert.deepEqual(JSON.parse(stdout), { error: { code: "ENVIRONMENT", message } });
      assert.equal(node.submitted.length, 0);
    });

    it("waits for a job and prints lines where there is no terminal", async () => {
      node.watch = (job) => life(job, { state: "done" });
      const { code, stdout, stderr } = await run("submit", film, "--wait");
      assert.equal(code, 0, stderr);
      const lines = stdout.trimEnd().split("\n");
      assert.match(lines[0] ?? "", /^submitted .*film\.mp4 as job j\w{12}$/);
      assert.deepEqual(lines.slice(1, 4), [
        "submitted",
        "running  25%  60/240 frames, 60.0 fps, 2 nodes, 3s left",
        "packaging  100%  240/240 frames",
      ]);
      assert.equal(lines[4], "done  100%  240/240 frames");
      assert.match(lines[5] ?? "", /^film is done in \d+s on alpha, beta$/);
      assert.deepEqual(lines.slice(6), [
        "watch  http://127.0.0.1:7480/watch/film-1",
        "HLS    http://127.0.0.1:7480/assets/film-1/master.m3u8",
        "DASH   http://127.0.0.1:7480/assets/film-1/manifest.mpd",
      ]);
    });

    it("waits with --json and prints only the outcome", async () => {
      node.watch = (job) => life(job, { state: "done" });
      const { code, stdout, stderr } = await run("submit", film, "--wait", "--json");
      assert.equal(code, 0);
      assert.equal(stderr, "");
      const { seconds, ...outcome } = JSON.parse(stdout);
      assert(seconds > 0);
      assert.deepEqual(outcome, {
        job: node.submitted[0]?.job,
        asset: "film-1",
        state: "done",
        watch: "http://127.0.0.1:7480/watch/film-1",
        hls: "http://127.0.0.1:7480/assets/film-1/master.m3u8",
        dash: "http://127.0.0.1:7480/assets/film-1/manifest.mpd",
        nodes: ["alpha", "beta"],
      });
    });

    it("ends with 1 when the job that is waited for fails, and says why", async () => {
      node.watch = (job) => life(job, { state: "failed", reason: "chunk-000002 failed 4 times" });
      const human = await run("submit", film, "--wait");
      assert.equal(human.code, 1);
      assert.match(human.stderr, /^reelmesh: job j\w{12} failed: chunk-000002 failed 4 times\n$/);
      const json = await run("submit", film, "--wait", "--json");
      assert.equal(json.code, 1);
      const outcome = JSON.parse(json.stdout);
      assert.equal(outcome.state, "failed");
      assert.equal(outcome.reason, "chunk-000002 failed 4 times");
      assert.equal(outcome.hls, undefined);
    });

    it("watch ends with 1 when the job is cancelled", async () => {
      node.jobs.set("j1", { id: "j1", name: "film", asset: "film-1", submittedMs: 1_000, endedMs: 3_500 });
      node.watch = (job) => life(job, { state: "cancelled" });
      const { code, stdout } = await run("watch", "j1", "--json");
      assert.equal(code, 1);
      const outcome = JSON.parse(stdout);
      assert.equal(outcome.state, "cancelled");
      assert.equal(outcome.seconds, 2.5);
    });

    it("watch turns to another node when the first goes away", async () => {
      const beta = await startStandInNode("beta");
      try {
        Object.assign(beta.summary, { http: "127.0.0.1:9999", https: true });
        node.others = [{ ...beta.summary, state: "ready" }];
        for (const each of [node, beta]) each.jobs.set("j1", { id: "j1", name: "film", asset: "film-1" });
        node.watch = async function* (job) {
          yield { ...job, state: "running" };
          throw new ReelmeshError("UNAVAILABLE", "the coordinator has gone");
        };
        beta.watch = (job) => life(job, { state: "done" });
        const { code, stdout, stderr } = await run("watch", "j1", "--json");
        assert.equal(code, 0, stderr);
        assert.equal(JSON.parse(stdout).hls, "https://127.0.0.1:9999/assets/film-1/master.m3u8");
      } finally {
        await beta.stop();
      }
    });

    it("Ctrl-C while watching leaves the job alone and says how to end it", async () => {
      node.jobs.set("j1", { id: "j1", name: "film", asset: "film-1" });
      node.watch = async function* (job, signal) {
        yield { ...job, state: "running" };
        await once(signal, "abort");
      };
      const cli = startCli(["watch", "j1", "--node", node.grpc]);
      await cli.printed("running");
      cli.interrupt();
      const { code, stderr } = await cli.ended;
      assert.equal(code, 130);
      const cancel = `reelmesh cancel j1 --node ${node.grpc}`;
      assert.equal(stderr, `reelmesh: stopped watching; job j1 goes on, cancel it with: ${cancel}\n`);
    });

    it("Ctrl-C while uploading submits nothing, and says so", async () => {
      const cli = startCli(["submit", film, "--json", "--node", node.grpc]);
      const deaf = createServer(() => cli.interrupt());
      const sockets: Socket[] = [];
      deaf.on("connection", (socket) => sockets.push(socket));
      await once(deaf.listen(0, "127.0.0.1"), "listening");
      node.summary.peer = `127.0.0.1:${(deaf.address() as AddressInfo).port}`;
      const { code, stdout } = await cli.ended;
      for (const socket of sockets) socket.destroy();
      deaf.close();
      assert.equal(code, 130);
      const error = { code: "ABORTED", message: "stopped; nothing was submitted" };
      assert.deepEqual(JSON.parse(stdout), { error });
      assert.equal(node.submitted.length, 0);
    });

    it("says that there is no such job, and ends with 4", async () => {
      for (const command of ["job", "watch", "cancel", "pause", "resume", "retry", "remove"]) {
        const { code, stderr } = await run(command, "j9");
        assert.equal(code, 4);
        assert.equal(stderr, "reelmesh: there is no job j9; list them: reelmesh jobs\n");
      }
    });

    it("prints a job's fields with --json", async () => {
      node.jobs.set("j1", { id: "j1", name: "film", state: "running", frames: 240, framesDone: 60, finished });
      const { code, stdout } = await run("job", "j1", "--json");
      assert.equal(code, 0);
      const job = JSON.parse(stdout);
      assert.equal(job.framesDone, 60);
      assert.deepEqual(job.finished, finished);
      assert.deepEqual(job.nodes, []);
    });

    it("cancels", async () => {
      node.jobs.set("j1", { id: "j1", name: "film", asset: "film-1" });
      assert.equal((await run("cancel", "j1")).stdout, "job j1 is cancelled\n");
      const json = await run("cancel", "j1", "--json");
      assert.deepEqual(JSON.parse(json.stdout), { job: "j1", asset: "film-1", state: "cancelled" });
    });

    it("shows the status", async () => {
      const beta = { id: "id-beta", name: "beta", state: "ready", grpc: "b:1", http: "b:2", slots: 4, busy: 3 };
      node.others = [{ ...beta, coordinates: true }];
      const { code, stdout } = await run("status");
      assert.equal(code, 0);
      assert.match(stdout, /^node +alpha, ready, up 1h02m, version 0\.1\.0$/m);
      assert.match(stdout, /^coordinator +beta, term 4$/m);
      assert.match(stdout, /^disk +50\.0 GiB free of 100\.0 GiB$/m);
      assert.match(stdout, /^ffmpeg +not in bubblewrap, only with limits on its files: bwrap is not installed$/m);
      assert.match(stdout, /^NODE +STATE/m);
      assert.match(stdout, /^beta +ready +coordinator +3\/4/m);
      const json = JSON.parse((await run("status", "--json")).stdout);
      assert.equal(json.node.name, "alpha");
      assert.equal(json.node.load, 1.25);
      assert.equal(json.node.natsConnected, true);
      assert.equal(json.coordinator.name, "beta");
      assert.equal(json.coordinator.term, 4);
      assert.deepEqual(json.nodes, [
        { name: "alpha", state: "ready", grpc: node.grpc, http: "127.0.0.1:7480", slots: 2, busy: 0 },
        { name: "beta", state: "ready", grpc: "b:1", http: "b:2", slots: 4, busy: 3 },
      ]);
      for (const gone of [{}, { state: "lost", coordinates: true }]) {
        node.others = [{ ...beta, ...gone }];
        assert.match((await run("status")).stdout, /^coordinator +none at present; beta had term 4$/m);
      }
    });

    it("lists nodes, jobs and assets in columns, and as objects with --json", async () => {
      assert.match((await run("jobs")).stdout, /^no jobs yet/);
      node.jobs.set("j1", { id: "j1", name: "film", state: "running", frames: 240, framesDone: 60 });
      assert.match((await run("jobs")).stdout, /^JOB +STATE .*\nj1 +running +25% +film\n$/);
      assert.match((await run("nodes")).stdout, /^NODE +STATE .*\nalpha +ready /);
      assert.match((await run("assets")).stdout, /^ASSET .*\nfilm-1 +1m23s +5\.0 MiB +yes +3 of 3 +720p +film\n$/);
      assert.equal(JSON.parse((await run("jobs", "--json")).stdout).jobs[0].id, "j1");
      assert.equal(JSON.parse((await run("nodes", "--json")).stdout).nodes[0].name, "alpha");
      assert.equal(JSON.parse((await run("assets", "--json")).stdout).assets[0].held, true);
    });
  });
});
