import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createProxy, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { upload } from "../../src/cli/upload.js";
import { freePorts } from "../support/ports.js";
import { type StandInNode, startStandInNode } from "../support/stand-in-node.js";

const bytes = 8 * 1024 * 1024;
/** Begins like an MP4, which is all that a node looks at. */
const content = Buffer.alloc(bytes, "source");
content.write("\0\0\0\x20ftypisom", "latin1");
const { signal } = new AbortController();
const ignore = () => {};

describe("uploading a source", () => {
  let folder: string;
  let file: string;
  let node: StandInNode;
  let other: Server;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "reelmesh-upload-"));
    file = join(folder, "film.mp4");
    await writeFile(file, content);
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    node = await startStandInNode("alpha");
    other = createServer((_request, response) => response.writeHead(404).end("<h1>Not here</h1>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    other.close();
    other.closeAllConnections();
    await node.stop();
  });

  it("sends every byte, and tells how many went", async () => {
    const sent: number[] = [];
    const stored = await upload({ file, bytes, peer: node.peer, job: "job-0001" }, signal, (count) => sent.push(count));
    assert.deepEqual(stored, { sha256: createHash("sha256").update(content).digest("hex"), bytes });
    assert.equal(sent.at(-1), bytes);
  });

  it("hears why it was refused before the file was sent to its end", async () => {
    node.refuseUpload = { status: 507, code: "ENVIRONMENT", message: "no room" };
    const refused = upload({ file, bytes, peer: node.peer, job: "job-0001" }, signal, ignore);
    await assert.rejects(refused, { code: "ENVIRONMENT", message: "no room" });
  });

  it("is INVALID_INPUT when the file turns out shorter than it was", async () => {
    const shortened = upload({ file, bytes: bytes + 1, peer: node.peer, job: "job-0001" }, signal, ignore);
    await assert.rejects(shortened, { code: "INVALID_INPUT", message: /became shorter/ });
  });

  it("leaves out what the file has grown by", async () => {
    const stored = await upload({ file, bytes: 1000, peer: node.peer, job: "job-0001" }, signal, ignore);
    assert.equal(stored.bytes, 1000);
  });

  it("goes on where it stopped when the connection breaks in the middle", async () => {
    let cuts = 0;
    let passed = 0;
    let arrived: Promise<unknown> = Promise.resolve();
    // It comes back when what it had sent is there: how much of that is still on its way is nobody's matter here.
    const proxy = createProxy((client) => void arrived.then(() => carry(client)));
    const carry = (client: Socket) => {
      const server = connect(Number(node.peer.split(":")[1]), "127.0.0.1");
      let carried = 0;
      client.on("data", (chunk) => {
        carried += chunk.length;
        passed += chunk.length;
        server.write(chunk);
        if (cuts === 2 || carried < 2_500_000) return;
        cuts++;
        arrived = once(server, "close");
        client.destroy();
        // What was passed on arrives.
        server.end();
      });
      server.pipe(client);
      for (const socket of [client, server]) socket.on("error", () => {});
      client.on("close", () => server.resume().end());
    };
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const peer = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const stored = await upload({ file, bytes, peer, job: "job-0001" }, signal, ignore);
      assert.deepEqual(stored, { sha256: createHash("sha256").update(content).digest("hex"), bytes });
      assert.equal(cuts, 2);
      // Nothing that had arrived went again, but for what was on its way.
      assert.ok(passed < bytes + 2 * 2_000_000, `${passed} bytes`);
    } finally {
      proxy.close();
    }
  });

  it("is UNAVAILABLE where nothing listens, and names the address", async () => {
    const [port] = await freePorts(1);
    const peer = `127.0.0.1:${port}`;
    const lost = upload({ file, bytes, peer, job: "job-0001" }, signal, ignore);
    await assert.rejects(lost, { code: "UNAVAILABLE", message: new RegExp(`${peer}: connection refused`) });
  });

  it("says so when what answers is no node", async () => {
    const peer = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const strange = upload({ file, bytes, peer, job: "job-0001" }, signal, ignore);
    await assert.rejects(strange, { code: "INTERNAL", message: /HTTP 404; is it a reelmesh node/ });
  });

  it("stops by its signal", async () => {
    const controller = new AbortController();
    const stopped = upload({ file, bytes, peer: node.peer, job: "job-0001" }, controller.signal, () =>
      controller.abort(),
    );
    await assert.rejects(stopped, { code: "ABORTED" });
  });
});
