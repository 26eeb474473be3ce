/** Uploads that go on where they stopped, by a client that others wrote (tus-js-client), and by hand. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type DetailedError, Upload, type UploadOptions } from "tus-js-client";
import { upload } from "../../src/cli/upload.js";
import { ReelmeshError } from "../../src/core/errors.js";
import { systemClock } from "../../src/node/clock.js";
import { statusOf } from "../../src/node/http/answers.js";
import { type Listener, listen, type Service } from "../../src/node/http/listen.js";
import { receivePublicUpload, receiveUpload } from "../../src/node/http/uploads.js";
import { Arrivals } from "../../src/node/ingest/arrivals.js";
import { SelfSubmission } from "../../src/node/ingest/self-submission.js";
import { tusUploads } from "../../src/node/ingest/uploads.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import type { Submission } from "../../src/node/submission.js";
import { freePorts } from "../support/ports.js";
import { canMount, SmallDisk } from "../support/small-disk.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { ask } from "./http.support.js";

const LIMIT = 40_000_000;
const TOKEN = "a-token-of-some-length";
const film = Buffer.concat([Buffer.from("\0\0\0\x20ftypisom", "latin1"), randomBytes(5_000_000)]);
const nameOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("uploads", () => {
  let folder: string;
  let store: Store;
  let arrivals: Arrivals;
  let selfSubmission: SelfSubmission;
  let server: Listener;
  let submitted: Submission[];
  let refusal: ReelmeshError | undefined;
  let wallClock: number;
  let port = 0;
  let token: string | undefined;

  const start = async () => {
    store = await openStore(folder);
    const clock = { ...systemClock, wallClock: () => wallClock };
    const report = () => {};
    arrivals = await Arrivals.open({ folder: store.uploads, store: store.blobs, clock, limit: LIMIT, report });
    const submit = async (request: Submission) => {
      if (refusal !== undefined) throw refusal;
      submitted.push(request);
    };
    selfSubmission = new SelfSubmission({ arrivals, submit, clock, report });
    const arrived = selfSubmission.submit.bind(selfSubmission);
    const uploads = tusUploads({ arrivals, statusOf, report, arrived });
    const service: Service = {
      answer: (exchange) =>
        token === undefined ? receiveUpload(exchange, uploads) : receivePublicUpload(exchange, uploads, token),
      errors: "json",
      uploads: true,
    };
    server = await listen(service, { host: "127.0.0.1", port, report: (error) => assert.fail(error) });
  };
  const stop = async () => {
    await server.close();
    await selfSubmission.stop();
    await arrivals.stop();
    await store.close();
  };

  beforeEach(async () => {
    // The same over restarts: nobody else may take it meanwhile.
    [port = 0] = await freePorts(1);
    [submitted, refusal, wallClock, token] = [[], undefined, Date.now(), undefined];
    folder = await temporaryFolder();
    await start();
  });
  afterEach(stop);

  /** Sends it with the client; resolves with the upload, rejects with what the client says. */
  function send(content: Buffer, metadata: Record<string, string>, more: Partial<UploadOptions> = {}): Promise<Upload> {
    return new Promise((resolve, reject) => {
      const upload: Upload = new Upload(content as never, {
        endpoint: `http://127.0.0.1:${port}/uploads`,
        uploadSize: content.length,
        chunkSize: content.length + 1,
        retryDelays: [],
        metadata,
        onError: reject,
        onSuccess: () => resolve(upload),
        ...more,
      });
      upload.start();
    });
  }

  const create = async (bytes: number, metadata: Record<string, string>, headers: Record<string, string> = {}) => {
    const words = Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`);
    const described = { "Upload-Length": String(bytes), "Upload-Metadata": words.join(",") };
    return ask(server.address, "/uploads", {
      method: "POST",
      headers: { "Tus-Resumable": "1.0.0", "Content-Length": "0", ...described, ...headers },
    });
  };
  const tus = (method: string, path: string, headers: Record<string, string> = {}, body?: Buffer) =>
    ask(server.address, path, {
      method,
      headers: { "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", ...headers },
      ...(body && { body }),
    });

  it("tell what they can", async () => {
    const { status, headers } = await ask(server.address, "/uploads", { method: "OPTIONS" });
    assert.equal(status, 204);
    assert.equal(headers["tus-version"], "1.0.0");
    assert.equal(headers["tus-extension"], "creation,creation-with-upload,expiration,termination");
    assert.equal(headers["tus-max-size"], String(LIMIT));
  });

  it("become a blob of their job, which waits for its submission", async () => {
    const upload = await send(film, { job: "job-0001", filename: "film.mp4" });
    const sha256 = nameOf(film);
    assert.deepEqual(await store.blobs.find(sha256), { sha256, bytes: film.length });
    assert.deepEqual(
      (await store.blobs.owners()).map(({ owner }) => owner),
      ["job:job-0001"],
    );
    assert.deepEqual([submitted, (await readdir(store.uploads)).filter((name) => name.endsWith(".part"))], [[], []]);
    const held = await tus("HEAD", new URL(upload.url ?? "").pathname);
    assert.equal(held.headers["upload-offset"], String(film.length));
    assert.equal(held.headers["repr-digest"], `sha-256=:${Buffer.from(sha256, "hex").toString("base64")}:`);
  });

  it("become a job by themselves when they name none", async () => {
    const options = JSON.stringify({ ladder: [720], codecs: ["h264"] });
    const upload = await send(film, { filename: "film.mp4", filetype: "video/mp4", options, priority: "3" });
    const [request] = submitted;
    assert.equal(request?.job, new URL(upload.url ?? "").pathname.slice("/uploads/".length));
    assert.deepEqual([request?.source?.sha256, request?.fileName], [nameOf(film), "film.mp4"]);
    assert.deepEqual([request?.options?.ladder, request?.options?.crf, request?.priority], [[720], 23, 3]);
    // The node's own hold on it is gone.
    assert.deepEqual(
      (await store.blobs.owners("arrival:")).map(({ owner }) => owner),
      [],
    );
  });

  it("are told that the disk is full, and go on when there is room", async function () {
    if (!canMount) this.skip();
    const disk = await SmallDisk.make(24);
    await stop();
    folder = disk.folder;
    await start();
    try {
      const { headers } = await create(film.length, { job: "a-job-of-its-own" });
      const path = new URL(headers["location"] ?? "", "http://node").pathname;
      await disk.fill(2_000_000);
      const refused = await tus("PATCH", path, { "Upload-Offset": "0" }, film);
      assert.equal(refused.status, 507, String(refused.body));
      assert.equal(JSON.parse(refused.body.toString()).code, "ENVIRONMENT");
      await disk.empty();
      const offset = Number((await tus("HEAD", path)).headers["upload-offset"]);
      assert.ok(offset > 0 && offset < film.length, String(offset));
      const rest = await tus("PATCH", path, { "Upload-Offset": String(offset) }, film.subarray(offset));
      assert.equal(rest.status, 204, String(rest.body));
      assert.deepEqual(await store.blobs.find(nameOf(film)), { sha256: nameOf(film), bytes: film.length });
    } finally {
      await stop();
      await disk.remove();
      folder = await temporaryFolder();
      await start();
    }
  });

  it("are told why a job is refused; wait while there is no coordinator, also over a restart", async () => {
    refusal = new ReelmeshError("INVALID_INPUT", "film.mp4 has no stream that can be read");
    await assert.rejects(send(film, { filename: "film.mp4" }), (error: DetailedError) => {
      assert.equal(error.originalResponse?.getStatus(), 422);
      assert.deepEqual(JSON.parse(error.originalResponse?.getBody() ?? ""), {
        code: "INVALID_INPUT",
        message: "film.mp4 has no stream that can be read",
      });
      return true;
    });
    refusal = new ReelmeshError("UNAVAILABLE", "no coordinator is elected at the moment");
    await send(film, { filename: "later.mp4" });
    assert.deepEqual(submitted, []);
    await stop();
    refusal = undefined;
    await start();
    const waiting = arrivals.list().find(({ verdict }) => verdict === undefined);
    assert.ok(waiting !== undefined);
    await selfSubmission.submit(waiting);
    assert.deepEqual(
      submitted.map(({ fileName }) => fileName),
      ["later.mp4"],
    );
  });

  it("go on after the connection broke and after the node was started again, without a byte lost", async () => {
    const { headers } = await create(film.length, { job: "job-0001" });
    const path = headers.location ?? "";
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const head = `PATCH ${path} HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n`;
    socket.write(`${head}Content-Type: application/offset+octet-stream\r\nContent-Length: ${film.length}\r\n\r\n`);
    socket.write(film.subarray(0, 2_000_000));
    const arrival = arrivals.list()[0];
    assert.ok(arrival !== undefined);
    await until(async () => (await arrivals.length(arrival)) === 2_000_000 || undefined, "two million bytes have come");
    socket.destroy();
    await until(async () => arrival.synced === 2_000_000 || undefined, "they are on the disk");
    assert.equal((await tus("HEAD", path)).headers["upload-offset"], "2000000");
    const third = film.subarray(2_000_000, 3_000_000);
    assert.equal((await tus("PATCH", path, { "Upload-Offset": "2000000" }, third)).status, 204);
    await stop();
    await start();
    const upload = await send(film, {}, { uploadUrl: `http://127.0.0.1:${port}${path}` });
    assert.ok(upload.url?.endsWith(path));
    const file = await readFile(await store.blobs.path(nameOf(film)));
    assert.equal(Buffer.compare(file, film), 0);
  });

  it("go on in another run of the program, for the same file and job", async () => {
    const file = join(await temporaryFolder(), "film.mp4");
    await writeFile(file, film);
    const described = { job: "job-0001", kind: "source", filename: "film.mp4" };
    const path = (await create(film.length, described)).headers.location ?? "";
    assert.equal((await tus("PATCH", path, { "Upload-Offset": "0" }, film.subarray(0, 2_000_000))).status, 204);
    const other = (await create(film.length, { ...described, job: "job-0002" })).headers.location;
    assert.notEqual(other, path, "another job's is another");
    const sent: number[] = [];
    const what = { file, bytes: film.length, peer: server.address, job: "job-0001", again: true };
    const stored = await upload(what, new AbortController().signal, (bytes) => sent.push(bytes));
    assert.deepEqual(stored, { sha256: nameOf(film), bytes: film.length });
    assert.deepEqual([sent[0], sent.at(-1)], [2_000_000, film.length]);
    // Once whole it is not gone on with: its blob may be gone when the job was removed.
    assert.equal((await create(film.length, described)).headers.location, path);
    assert.equal((await tus("HEAD", path)).headers["upload-offset"], "0");
  });

  it("are taken over by a client that comes back while its old connection hangs", async () => {
    const path = (await create(film.length, { job: "job-0001" })).headers.location ?? "";
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const head = `PATCH ${path} HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n`;
    socket.write(`${head}Content-Type: application/offset+octet-stream\r\nContent-Length: ${film.length}\r\n\r\n`);
    socket.write(film.subarray(0, 1_000_000));
    const arrival = arrivals.list()[0];
    assert.ok(arrival !== undefined);
    await until(async () => (await arrivals.length(arrival)) === 1_000_000 || undefined, "a million bytes have come");
    const upload = await send(film, {}, { uploadUrl: `http://127.0.0.1:${port}${path}` });
    assert.ok(upload.url?.endsWith(path));
    assert.ok((await store.blobs.find(nameOf(film))) !== undefined);
    socket.destroy();
  });

  for (const [what, content, sentence] of [
    ["a web page", "<!doctype html><title>Sign in</title>", /is text, not a video/],
    ["a playlist", "#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1/secret\n", /is a playlist, not a video/],
    ["an empty file", "", /is empty/],
  ] as const) {
    it(`are refused when they are ${what}, and nothing is kept`, async () => {
      const refused = send(Buffer.from(content), { job: "job-0001" });
      await assert.rejects(refused, (error: DetailedError) => {
        assert.equal(error.originalResponse?.getStatus(), 422);
        assert.match(error.originalResponse?.getBody() ?? "", sentence);
        return true;
      });
      assert.deepEqual([arrivals.list(), await readdir(store.uploads)], [[], []]);
      assert.deepEqual(await store.blobs.owners(), []);
    });
  }

  it("are refused at their first bytes, not at their last", async () => {
    const path = (await create(LIMIT, { job: "job-0001" })).headers.location ?? "";
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const head = `PATCH ${path} HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n`;
    socket.write(`${head}Content-Type: application/offset+octet-stream\r\nContent-Length: ${LIMIT}\r\n\r\n`);
    socket.write(Buffer.alloc(10_000, "text "));
    let answer = "";
    socket.on("data", (bytes) => (answer += bytes));
    await until(async () => /HTTP\/1.1 422 [\s\S]*is text, not a video/.test(answer) || undefined, "it is refused");
    socket.destroy();
  });

  it("keep to the limits of the node and of the protocol", async () => {
    const long = await create(LIMIT + 1, { job: "job-0001" });
    assert.equal(long.status, 413);
    assert.match(JSON.parse(long.body.toString()).message, /larger than the 40000000 bytes that this node takes/);
    const deferred = await ask(server.address, "/uploads", {
      method: "POST",
      headers: { "Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1", "Content-Length": "0" },
    });
    assert.equal(deferred.status, 501);
    const path = (await create(100, { job: "job-0001" })).headers.location ?? "";
    assert.equal((await tus("PATCH", path, { "Upload-Offset": "7" }, film.subarray(0, 50))).status, 409);
    assert.equal((await tus("PATCH", path, { "Upload-Offset": "0" }, film.subarray(0, 101))).status, 413);
    assert.equal((await ask(server.address, path, { method: "HEAD" })).status, 412);
    assert.equal((await tus("HEAD", "/uploads/..%2f..%2fversion")).status, 400);
    assert.equal((await tus("HEAD", `/uploads/${"0".repeat(32)}`)).status, 404);
  });

  for (const [what, metadata, sentence] of [
    ["a job that is none", { job: "../../etc" }, /no job id/],
    ["an unknown option", { options: '{"__proto__":{"crf":1}}' }, /__proto__/],
    ["an option of another type", { options: '{"ladder":"720"}' }, /options.ladder/],
    ["options that are none", { options: "[]" }, /an object such as/],
    ["a quality that is none", { options: '{"crf":99}' }, /crf 99/],
    ["subtitles without a job", { kind: "subtitles" }, /job beside it/],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const { status, body } = await create(100, metadata);
      assert.equal(status, 422);
      assert.match(JSON.parse(body.toString()).message, sentence);
      assert.deepEqual(arrivals.list(), []);
    });
  }

  it("take subtitles for a job, and refuse what is none", async () => {
    await send(Buffer.from("1\n00:00:01,000 --> 00:00:02,000\nHello\n"), { job: "job-0001", kind: "subtitles" });
    assert.equal((await store.blobs.owners())[0]?.owner, "job:job-0001");
    await assert.rejects(send(Buffer.from("no subtitles at all"), { job: "job-0002", kind: "subtitles" }));
    assert.equal((await create(17e6, { job: "job-0003", kind: "subtitles" })).status, 422);
  });

  it("are let go when they have not grown for a day, and when their client says so", async () => {
    const path = (await create(film.length, { job: "job-0001" })).headers.location ?? "";
    await tus("PATCH", path, { "Upload-Offset": "0" }, film.subarray(0, 1000));
    wallClock += 23 * 3_600_000;
    const grown = await tus("PATCH", path, { "Upload-Offset": "1000" }, film.subarray(1000, 2000));
    const expires = Date.parse(String(grown.headers["upload-expires"]));
    assert.ok(expires > Date.now() + 23 * 3_600_000, String(grown.headers["upload-expires"]));
    wallClock += 23 * 3_600_000;
    assert.equal(await arrivals.sweep(), 0);
    wallClock += 2 * 3_600_000;
    assert.equal(await arrivals.sweep(), 1);
    assert.equal((await tus("HEAD", path)).status, 404);
    const other = (await create(film.length, { job: "job-0001" })).headers.location ?? "";
    assert.equal((await tus("DELETE", other)).status, 204);
    assert.equal((await tus("HEAD", other)).status, 404);
    assert.deepEqual(await readdir(store.uploads), []);
  });

  it("need the token where anybody may come, and are not for web pages where only operators do", async () => {
    const page = await create(100, { job: "job-0001" }, { Origin: "http://elsewhere.example" });
    assert.equal(page.status, 403);
    assert.equal(page.headers["access-control-allow-origin"], undefined);
    token = TOKEN;
    await stop();
    await start();
    for (const headers of [
      {},
      { Authorization: "Bearer a-token-of-some-lengtH" },
      { Authorization: `Basic ${TOKEN}` },
    ]) {
      const refused = await create(100, { job: "job-0001" }, headers as Record<string, string>);
      assert.deepEqual([refused.status, refused.headers["www-authenticate"]], [401, 'Bearer realm="reelmesh uploads"']);
    }
    await send(film, { job: "job-0001" }, { headers: { Authorization: `Bearer ${TOKEN}` } });
    assert.ok((await store.blobs.find(nameOf(film))) !== undefined);
  });
});
