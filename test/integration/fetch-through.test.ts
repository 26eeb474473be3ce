/** A viewer's request for what a node does not hold: bytes come as the peer gives them, and never as a whole when wrong. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type RequestListener, request, type ServerResponse } from "node:http";
import type { BlobReference } from "../../src/core/work.js";
import { type BlobClient, createBlobClient } from "../../src/node/http/blob-client.js";
import { type Listener, listen } from "../../src/node/http/listen.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { hashOf } from "../support/shelves.js";
import { temporaryFolder } from "../support/temporary.js";
import { ask, rogue } from "./http.support.js";

const BYTES = randomBytes(400_000);
const BLOB: BlobReference = { sha256: hashOf(BYTES), bytes: BYTES.length };
const PATH = "/assets/film/video/720p/000001.m4s";
const OWNER = "cache:film";

describe("fetch-through", () => {
  let store: Store;
  let client: BlobClient;
  let viewers: Listener;
  let listeners: Listener[];
  let sources: string[];

  beforeEach(async () => {
    store = await openStore(await temporaryFolder());
    client = createBlobClient({ store: store.blobs, stallMs: 120_000 });
    sources = [];
    const never = new AbortController().signal;
    const service = viewersService({
      list: () => [],
      manifest: async () => ({
        version: 1,
        asset: "film",
        seconds: 4,
        files: { "video/720p/000001.m4s": { ...BLOB, type: "video/mp4" } },
      }),
      async file({ sha256 }) {
        await client.pull(BLOB, sources, OWNER, never);
        return store.blobs.path(sha256);
      },
      arriving: (reference, _asset, signal) => client.arriving(reference, sources, OWNER, signal),
      growing: async () => undefined,
      growingFile: () => assert.fail("nothing grows"),
    });
    viewers = await listen(service, { host: "127.0.0.1", port: 0, report: (error) => assert.fail(error) });
    listeners = [viewers];
  });

  afterEach(async () => {
    await client.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    await store.close();
  });

  async function peers(...answers: RequestListener[]): Promise<void> {
    for (const answer of answers) {
      const peer = await rogue(answer);
      listeners.push(peer);
      sources.push(peer.address);
    }
  }

  const gives =
    (bytes: Buffer): RequestListener =>
    (_request, response) =>
      response.writeHead(200, { "Content-Length": bytes.length }).end(bytes);

  /** A peer that gives the first part, and the rest when the test says so, as often as it likes. */
  async function halting(bytes: Buffer, part: number): Promise<{ rest(): void }> {
    let answered: ServerResponse | undefined;
    await peers((_request, response) => {
      answered = response;
      response.writeHead(200, { "Content-Length": bytes.length }).write(bytes.subarray(0, part));
    });
    let begun = false;
    return {
      rest: () => {
        if (!begun) answered?.end(bytes.subarray(part));
        begun = true;
      },
    };
  }

  async function open(headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const sent = request(`http://${viewers.address}${PATH}`, { agent: false, headers }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return response;
  }

  it("passes on what has come while the rest is still to come, and keeps the copy", async () => {
    const peer = await halting(BYTES, 200_000);
    const response = await open();
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers["content-length"], String(BYTES.length));
    assert.equal(response.headers.etag, `"${BLOB.sha256}"`);
    const got: Buffer[] = [];
    for await (const chunk of response) {
      got.push(chunk);
      const length = got.reduce((sum, { length }) => sum + length, 0);
      if (length < 200_000) continue;
      if (length === 200_000) assert.equal(await store.blobs.find(BLOB.sha256), undefined, "all of it is here already");
      peer.rest();
    }
    assert.deepEqual(Buffer.concat(got), BYTES);
    assert.deepEqual(await store.blobs.find(BLOB.sha256), BLOB);
    assert.deepEqual(
      (await store.blobs.owners()).map(({ owner }) => owner),
      [OWNER],
    );
    assert.deepEqual({ ...client.pulled }, { blobs: 1, bytes: BYTES.length });
  });

  it("answers ranges of what is not here, the last one too", async () => {
    await peers(gives(BYTES));
    const ranges = [
      ["bytes=0-99", 0, 99],
      ["bytes=150000-299999", 150_000, 299_999],
      ["bytes=-1000", BYTES.length - 1000, BYTES.length - 1],
    ] as const;
    const answers = await Promise.all(ranges.map(([range]) => ask(viewers.address, PATH, { headers: { range } })));
    for (const [index, [, first, last]] of ranges.entries()) {
      assert.equal(answers[index]?.status, 206);
      assert.equal(answers[index]?.headers["content-range"], `bytes ${first}-${last}/${BYTES.length}`);
      assert.deepEqual(answers[index]?.body, BYTES.subarray(first, last + 1));
    }
    assert.equal(client.pulled.blobs, 1);
  });

  it("breaks the answer before its end when the bytes prove wrong, and gives the right ones to who asks again", async () => {
    const lies = Buffer.from(BYTES);
    lies[5] = (lies[5] ?? 0) ^ 1;
    const liar = await halting(lies, 300_000);
    await peers(gives(BYTES));
    const whole = await open();
    const ranged = open({ range: "bytes=390000-399999" });
    let got = 0;
    const read = async () => {
      for await (const chunk of whole) {
        got += (chunk as Buffer).length;
        if (got >= 300_000) liar.rest();
      }
    };
    await assert.rejects(read(), { code: "ECONNRESET" });
    assert.ok(got < BYTES.length, "all bytes of a wrong answer came");
    // One whose answer has not begun does not notice.
    const later: Buffer[] = [];
    for await (const chunk of await ranged) later.push(chunk as Buffer);
    assert.deepEqual(Buffer.concat(later), BYTES.subarray(390_000));
    assert.deepEqual((await ask(viewers.address, PATH)).body, BYTES);
  });

  it("answers 503 when nobody has it, and asks again the next time", async () => {
    await peers((_request, response) => response.writeHead(404).end());
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(viewers.address, PATH)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([503]));
    await peers(gives(BYTES));
    assert.deepEqual((await ask(viewers.address, PATH)).body, BYTES);
  });

  it("goes on for the others when the viewer who asked first goes away", async () => {
    const peer = await halting(BYTES, 200_000);
    const first = await open();
    const second = await open();
    await once(first, "readable");
    first.destroy();
    peer.rest();
    const got: Buffer[] = [];
    for await (const chunk of second) got.push(chunk as Buffer);
    assert.deepEqual(Buffer.concat(got), BYTES);
  });
});
