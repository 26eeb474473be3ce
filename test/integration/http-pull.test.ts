import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { access, readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError } from "../../src/core/errors.js";
import type { BlobReference } from "../../src/core/work.js";
import { type BlobClient, createBlobClient } from "../../src/node/http/blob-client.js";
import { type Listener, listen } from "../../src/node/http/listen.js";
import { type PeerPorts, peersService } from "../../src/node/http/peer-server.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { TcpProxy } from "../support/proxy.js";
import { temporaryFolder } from "../support/temporary.js";
import { rogue } from "./http.support.js";

const BYTES = randomBytes(3_000_000);
const BLOB: BlobReference = { sha256: createHash("sha256").update(BYTES).digest("hex"), bytes: BYTES.length };
const PLAN = "cd".repeat(32);
/** A port on which nothing listens. */
const NOBODY = "127.0.0.1:1";

const never = new AbortController().signal;

function startOf(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
}

/** Answers like a holder of the blob, as far as `write` does. */
const holder =
  (write: (response: ServerResponse, rest: Buffer) => void, bytes = BYTES): RequestListener =>
  (request, response) => {
    const start = startOf(request);
    const rest = bytes.subarray(start);
    const range = start > 0 ? { "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { "Content-Length": rest.length, ...range });
    write(response, rest);
  };

/** Sends so many bytes, and then breaks the connection. */
const diesAfter = (count: number): RequestListener =>
  holder((response, rest) => response.write(rest.subarray(0, count), () => response.socket?.destroy()));

describe("pulling from peers", () => {
  let folder: string;
  let store: Store;
  let client: BlobClient;
  let listeners: Listener[];
  /** [source's place in the list, Range] of each request that a rogue server saw. */
  let seen: [number, string | undefined][];

  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStore(folder);
    client = createBlobClient({ store: store.blobs, stallMs: 500, cutMs: 5_000 });
    listeners = [];
    seen = [];
  });

  afterEach(async () => {
    await client.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    await store.close();
  });

  async function peers(...answers: RequestListener[]): Promise<string[]> {
    const started = await Promise.all(
      answers.map((answer, index) =>
        rogue((request, response) => {
          seen.push([index, request.headers.range]);
          answer(request, response);
        }),
      ),
    );
    listeners.push(...started);
    return started.map(({ address }) => address);
  }

  const honest = holder((response, rest) => response.end(rest));
  const lies = holder((response, rest) => response.end(rest), randomBytes(BYTES.length));

  async function assertHeld(): Promise<void> {
    assert.deepEqual(await store.blobs.find(BLOB.sha256), BLOB);
    assert.deepEqual(Buffer.from(await store.blobs.read(BLOB.sha256)), BYTES);
    assert.deepEqual(await readdir(join(folder, "tmp")), []);
  }

  async function assertNothingKept(): Promise<void> {
    assert.deepEqual(store.blobs.totals(), { blobs: 0, bytes: 0 });
    assert.deepEqual(await readdir(join(folder, "tmp")), []);
    assert.deepEqual(await store.blobs.owners(), []);
  }

  describe("from a real peer", () => {
    let peer: Store;
    let address: string;
    let cut: PeerPorts["cut"];

    beforeEach(async () => {
      peer = await openStore(await temporaryFolder());
      const service = peersService({
        store: peer.blobs,
        uploads: { handle: () => assert.fail() },
        cut: (...given) => cut(...given),
        inits: () => assert.fail(),
      });
      const listener = await listen(service, { host: "127.0.0.1", port: 0, report: (error) => assert.fail(error) });
      address = listener.address;
      listeners.push(listener);
    });

    afterEach(async () => {
      await client.close();
      await Promise.all(listeners.map((listener) => listener.close()));
      listeners = [];
      await peer.close();
    });

    async function give(bytes: Buffer): Promise<BlobReference> {
      return peer.blobs.put(
        (async function* () {
          yield bytes;
        })(),
        "job:1",
      );
    }

    it("pulls a blob, and one of 0 bytes, and is content with what is there", async () => {
      const empty = await give(Buffer.alloc(0));
      await give(BYTES);
      await client.pull(BLOB, [address], "asset:film", never);
      await client.pull(empty, [address], "asset:film", never);
      await assertHeld();
      await client.pull(BLOB, [], "asset:other", never);
      assert.deepEqual(
        (await store.blobs.owners()).map(({ owner }) => owner),
        ["asset:film", "asset:other"],
      );
    });

    it("pulls many blobs at once", async () => {
      const blobs = await Promise.all(Array.from({ length: 30 }, (_, index) => give(Buffer.alloc(10_000, index))));
      await Promise.all(blobs.map((blob) => client.pull(blob, [address], "asset:film", never)));
      assert.deepEqual(store.blobs.totals(), peer.blobs.totals());
    });

    it("goes on at a peer's byte where another one died", async () => {
      await give(BYTES);
      const [dying = ""] = await peers(diesAfter(1_000_000));
      await client.pull(BLOB, [dying, address], "asset:film", never);
      await assertHeld();
    });

    it("fetches a cut into a file, and says what the peer answered", async () => {
      const { sha256 } = await give(BYTES);
      cut = async () => ({ file: await peer.blobs.path(sha256), dispose: async () => undefined });
      const target = join(await store.blobs.scratch(), "chunk.mkv");
      await client.fetchCut(address, PLAN, "chunk-000001", target, never);
      assert.deepEqual(await readFile(target), BYTES);
      cut = async () => {
        throw new ReelmeshError("CONFLICT", "the source is being removed");
      };
      const again = client.fetchCut(address, PLAN, "chunk-000001", target, never);
      await assert.rejects(again, { code: "CONFLICT", message: "the source is being removed" });
    });
  });

  it("goes on at the byte where a peer died", async () => {
    const sources = await peers(diesAfter(1_000_000), honest);
    await client.pull(BLOB, sources, "asset:film", never);
    await assertHeld();
    assert.deepEqual(seen[0], [0, undefined]);
    const start = Number(/^bytes=(\d+)-$/.exec(seen[1]?.[1] ?? "")?.[1]);
    assert.equal(seen[1]?.[0], 1);
    assert.ok(start > 0 && start <= 1_000_000, `went on at ${start}`);
    assert.equal(seen.length, 2);
  });

  it("outlives a peer that dies over a kept connection in the middle of an answer", async () => {
    const small = randomBytes(1_000);
    const first = { sha256: createHash("sha256").update(small).digest("hex"), bytes: small.length };
    const give = holder((answer, rest) => answer.end(rest), small);
    const [direct, other] = await peers((request, response) => {
      (request.url?.endsWith(first.sha256) ? give : honest)(request, response);
    }, honest);
    const port = Number((direct as string).split(":")[1]);
    const proxy = await TcpProxy.start(port, "127.0.5.1", "127.0.0.1");
    const peer = `127.0.5.1:${port}`;
    try {
      await client.pull(first, [peer], "asset:a", never);
      proxy.faults.bytesASecond = BYTES.length;
      const pulled = client.pull(BLOB, [peer, other as string], "asset:a", never);
      while (proxy.replied < BYTES.length / 4) await delay(10);
      const closed = listeners.shift()?.close();
      proxy.resetAll();
      await Promise.all([closed, pulled]);
    } finally {
      await proxy.stop();
    }
    await assertHeld();
  });

  it("goes on with the only peer as long as it gives something", async () => {
    await client.pull(BLOB, await peers(diesAfter(1_000_000)), "asset:film", never);
    await assertHeld();
    assert.ok(seen.length >= 3);
  });

  it("skips what it has when a peer ignores the range", async () => {
    const noRange: RequestListener = (_request, response) => {
      response.writeHead(200, { "Content-Length": BYTES.length }).end(BYTES);
    };
    await client.pull(BLOB, await peers(diesAfter(1_000_000), noRange), "asset:film", never);
    await assertHeld();
  });

  it("goes past peers that are away, have not got it, stall, or offer another length", async () => {
    const sources = await peers(
      (_request, response) => response.writeHead(404).end(),
      () => undefined,
      holder((response, rest) => response.write(rest.subarray(0, 100_000))),
      holder((response, rest) => response.end(rest), BYTES.subarray(1)),
      honest,
    );
    await client.pull(BLOB, [NOBODY, "not an address", ...sources], "asset:film", never);
    await assertHeld();
  });

  it("rejects wrong bytes and takes the blob from another peer, from the start", async () => {
    const sources = await peers(lies, honest);
    await client.pull(BLOB, sources, "asset:film", never);
    await assertHeld();
    assert.deepEqual(seen, [
      [0, undefined],
      [1, undefined],
    ]);
  });

  it("finds out which of two peers gave wrong bytes", async () => {
    const dyingLiar = holder(
      (response, rest) => response.write(rest.subarray(0, 1_000_000), () => response.socket?.destroy()),
      randomBytes(BYTES.length),
    );
    await client.pull(BLOB, await peers(dyingLiar, honest), "asset:film", never);
    await assertHeld();
  });

  it("names the blob, and each source with its reason, when none gives it", async () => {
    const [missing = "", liar = ""] = await peers((_request, response) => response.writeHead(404).end(), lies);
    const pull = client.pull(BLOB, [NOBODY, missing, liar], "asset:film", never);
    await assert.rejects(pull, (error) => {
      assert.ok(error instanceof ReelmeshError);
      assert.equal(error.code, "UNAVAILABLE");
      assert.match(error.message, new RegExp(BLOB.sha256));
      assert.match(error.message, new RegExp(`${NOBODY}: .*ECONNREFUSED`));
      assert.match(error.message, new RegExp(`${missing}: HTTP status 404`));
      assert.match(error.message, new RegExp(`${liar}: its bytes are not those of the name`));
      return true;
    });
    await assert.rejects(client.pull(BLOB, [], "asset:film", never), { code: "UNAVAILABLE", message: /none is known/ });
    await assertNothingKept();
  });

  it("pulls a blob once for all who want it at the same time", async () => {
    const sources = await peers(honest);
    const owners = ["asset:a", "asset:b", "asset:c"];
    await Promise.all(owners.map((owner) => client.pull(BLOB, sources, owner, never)));
    await assertHeld();
    assert.equal(seen.length, 1);
    assert.deepEqual(
      (await store.blobs.owners()).map(({ owner }) => owner),
      owners,
    );
  });

  it("pulls on for one when another who wanted the same is stopped", async () => {
    const controller = new AbortController();
    const asked = new EventEmitter();
    let requests = 0;
    const sources = await peers((request, response) => {
      requests += 1;
      if (requests === 1) asked.emit("asked");
      else honest(request, response);
    });
    const arrived = once(asked, "asked");
    const first = client.pull(BLOB, sources, "asset:a", controller.signal);
    await arrived;
    const second = client.pull(BLOB, sources, "asset:b", never);
    controller.abort();
    await assert.rejects(first, { code: "ABORTED" });
    await second;
    await assertHeld();
  });

  it("asks one source for two blobs at a time and no more, and four in all", async () => {
    let atOnce = 0;
    let most = 0;
    const held: (() => void)[] = [];
    const blobs = Array.from({ length: 8 }, (_, index) => Buffer.alloc(1000, index));
    const answer =
      (limit: number): RequestListener =>
      (request, response) => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        const bytes = blobs.find((blob) => request.url?.endsWith(createHash("sha256").update(blob).digest("hex")));
        held.push(() => {
          atOnce -= 1;
          response.end(bytes);
        });
        // Answers go out only once as many are asked as may be, so that one more would be seen.
        if (held.length < limit) return;
        setImmediate(() => {
          for (const send of held.splice(0)) send();
        });
      };
    const pullAll = (sources: string[], wanted: Buffer[]): Promise<unknown[]> =>
      Promise.all(
        wanted.map((blob) => {
          const sha256 = createHash("sha256").update(blob).digest("hex");
          return client.pull({ sha256, bytes: blob.length }, sources, "asset:film", never);
        }),
      );
    await pullAll(await peers(answer(2)), blobs.slice(0, 4));
    assert.equal(most, 2);
    await pullAll(await peers(answer(4), answer(4), answer(4)), blobs.slice(4));
    assert.equal(most, 4);
    assert.deepEqual(store.blobs.totals(), { blobs: 8, bytes: 8000 });
  });

  it("stops when it is told to, and when it closes", async () => {
    const controller = new AbortController();
    const hangs: RequestListener = holder((response, rest) =>
      response.write(rest.subarray(0, 1000), () => setImmediate(() => controller.abort())),
    );
    const sources = await peers(hangs);
    await assert.rejects(client.pull(BLOB, sources, "asset:film", controller.signal), { code: "ABORTED" });
    let begun = (): void => undefined;
    const asked = new Promise<void>((resolve) => (begun = resolve));
    const [silent = ""] = await peers(() => begun());
    const pull = assert.rejects(client.pull(BLOB, [silent], "asset:film", never), { code: "ABORTED" });
    await asked;
    await Promise.all([client.close(), client.close(), pull]);
    await assertNothingKept();
    await assert.rejects(client.pull(BLOB, sources, "asset:film", never), { code: "ABORTED" });
  });

  it("leaves no file of a cut that is incomplete", async () => {
    const target = join(await store.blobs.scratch(), "chunk.mkv");
    const [dying = "", broken = ""] = await peers(diesAfter(1_000_000), (_request, response) =>
      response.writeHead(500).end("rubbish"),
    );
    for (const source of [dying, broken, NOBODY]) {
      await assert.rejects(client.fetchCut(source, PLAN, "chunk-000001", target, never), { code: "UNAVAILABLE" });
      await assert.rejects(access(target), { code: "ENOENT" });
    }
    const away = join(folder, "nowhere", "chunk.mkv");
    const [fine = ""] = await peers(honest);
    await assert.rejects(client.fetchCut(fine, PLAN, "chunk-000001", away, never), { code: "ENVIRONMENT" });
  });
});
