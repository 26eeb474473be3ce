import assert from "node:assert/strict";
import { once } from "node:events";
import { access, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { ReelmeshError } from "../../src/core/errors.js";
import { createBlobClient } from "../../src/node/http/blob-client.js";
import { type Listener, listen } from "../../src/node/http/listen.js";
import { type PeerPorts, peersService } from "../../src/node/http/peer-server.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { temporaryFolder } from "../support/temporary.js";
import { ask } from "./http.support.js";

const PLAN = "ab".repeat(32);

describe("HTTP between peers", () => {
  let folder: string;
  let store: Store;
  let server: Listener;
  let cut: PeerPorts["cut"];
  let reported: ReelmeshError[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStore(folder);
    reported = [];
    cut = async () => {
      throw new ReelmeshError("NOT_FOUND", "the plan is not here");
    };
    const service = peersService({
      store: store.blobs,
      uploads: { handle: async () => assert.fail() },
      cut: (...given) => cut(...given),
      inits: async (plan) => ({ "720p": plan }),
    });
    server = await listen(service, { host: "127.0.0.1", port: 0, report: (error) => reported.push(error) });
  });

  afterEach(async () => {
    await server.close();
    await store.close();
  });

  const put = (bytes: string): ReturnType<Store["blobs"]["put"]> =>
    store.blobs.put(
      (async function* () {
        yield Buffer.from(bytes);
      })(),
      "job:1",
    );

  it("serves blobs with Range and their name as the validator", async () => {
    const { sha256 } = await put("0123456789");
    const whole = await ask(server.address, `/blobs/${sha256}`);
    assert.deepEqual([whole.status, whole.body.toString(), whole.headers.etag], [200, "0123456789", `"${sha256}"`]);
    const headers = { Range: "bytes=7-", "If-Range": `"${sha256}"` };
    const part = await ask(server.address, `/blobs/${sha256}`, { headers });
    assert.deepEqual([part.status, part.body.toString()], [206, "789"]);
    const head = await ask(server.address, `/blobs/${sha256}`, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers["content-length"]], [200, "10"]);
  });

  it("answers errors as JSON", async () => {
    for (const [path, method, status, code] of [
      [`/blobs/${"0".repeat(64)}`, "GET", 404, "NOT_FOUND"],
      ["/blobs/..%2f..%2fversion", "GET", 400, undefined],
      [`/blobs/${"0".repeat(10_000)}`, "GET", 404, "NOT_FOUND"],
      ["/blobs", "GET", 404, "NOT_FOUND"],
      ["/elsewhere", "GET", 404, "NOT_FOUND"],
      [`/cuts/${PLAN}/chunk-000001`, "GET", 404, "NOT_FOUND"],
      ["/cuts/plan/chunk-000001", "GET", 404, "NOT_FOUND"],
      [`/cuts/${PLAN}`, "GET", 404, "NOT_FOUND"],
      [`/blobs/${"0".repeat(64)}`, "PUT", 405, undefined],
    ] as const) {
      const answer = await ask(server.address, path, { method });
      assert.equal(answer.status, status, path.slice(0, 80));
      if (code !== undefined) assert.equal(JSON.parse(answer.body.toString()).code, code);
    }
    assert.deepEqual(reported, []);
  });

  it("says which init segments it makes for a plan", async () => {
    const client = createBlobClient({ store: store.blobs });
    const { signal } = new AbortController();
    try {
      assert.deepEqual(await client.fetchInits(server.address, PLAN, signal), { "720p": PLAN });
      await assert.rejects(client.fetchInits(server.address, "no-hash", signal), { code: "NOT_FOUND" });
    } finally {
      await client.close();
    }
  });

  it("sends a cut and disposes of it", async () => {
    const file = join(await store.blobs.scratch(), "chunk.mkv");
    await writeFile(file, "a cut chunk");
    let asked: string[] = [];
    let disposed = 0;
    cut = async (plan, task) => {
      asked = [plan, task];
      return { file, dispose: async () => void disposed++ };
    };
    const answer = await ask(server.address, `/cuts/${PLAN}/chunk-000001`, { headers: { Range: "bytes=0-1" } });
    assert.deepEqual([answer.status, answer.headers["content-length"]], [200, "11"]);
    assert.equal(answer.body.toString(), "a cut chunk");
    assert.deepEqual(asked, [PLAN, "chunk-000001"]);
    await server.close();
    assert.equal(disposed, 1);
  });

  it("disposes of a cut whose client goes away, and stops one that is not ready", async () => {
    const file = join(await store.blobs.scratch(), "chunk.mkv");
    await writeFile(file, Buffer.alloc(32 << 20));
    const disposed = new Promise<void>((resolve) => {
      cut = async () => ({ file, dispose: async () => resolve() });
    });
    const sent = request(`http://${server.address}/cuts/${PLAN}/chunk-000001`, { agent: false });
    sent.end();
    const [response] = await once(sent, "response");
    await once(response, "readable");
    response.destroy();
    await disposed;
    await access(file);

    const stopped = new Promise<void>((resolve) => {
      cut = (_plan, _task, signal) =>
        new Promise((_resolve, reject) => {
          socket.destroy();
          signal.addEventListener("abort", () => {
            resolve();
            reject(signal.reason);
          });
        });
    });
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`GET /cuts/${PLAN}/chunk-000002 HTTP/1.1\r\nHost: a\r\n\r\n`);
    await stopped;
    await server.close();
    assert.deepEqual(reported, []);
  });
});
