/** FAULTS.md, "Bad input": the rows "Paths" and "HTTP", over raw sockets and with curl. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import type { AssetManifest } from "../../src/core/media.js";
import { type Listener, type ListenOptions, listen, type Service } from "../../src/node/http/listen.js";
import { peersService } from "../../src/node/http/peer-server.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { ask } from "./http.support.js";

const run = promisify(execFile);
const SMALL = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
/** More than sockets hold for a client that does not read. */
const LARGE = Buffer.alloc(48 << 20, "large");
/** For clients that are slow. */
const HEADERS_MS = 2_000;
const STALL_MS = 2_000;

describe("bad input over HTTP", () => {
  let folder: string;
  let store: Store;
  let assets: Service;
  let viewers: Listener;
  let peers: Listener;
  let manifest: AssetManifest;
  let reported: string[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStore(join(folder, "data"));
    reported = [];
    manifest = { version: 1, asset: "film", seconds: 4, files: {} };
    for (const [name, bytes] of Object.entries({ small: SMALL, empty: Buffer.alloc(0) })) await add(name, bytes);
    assets = viewersService({
      list: () => [],
      manifest: async (asset) => (asset === "film" ? manifest : undefined),
      // Not through the store: it may find out first.
      file: async ({ sha256 }) => placeOf(sha256),
      growing: async () => undefined,
      growingFile: ({ sha256 }) => store.blobs.path(sha256),
    });
    viewers = await open(assets);
    const unused = () => Promise.reject(new Error("not asked for here"));
    const uploads = { handle: unused };
    peers = await open(peersService({ store: store.blobs, uploads, cut: unused, inits: unused }));
  });

  const open = (service: Service, options: Partial<ListenOptions> = {}) =>
    listen(service, { host: "127.0.0.1", port: 0, report: (error) => reported.push(error.message), ...options });

  afterEach(async () => {
    await viewers.close();
    await peers.close();
    await store.close();
  });

  async function add(name: string, bytes: Buffer): Promise<void> {
    const stream = async function* () {
      yield bytes;
    };
    const blob = await store.blobs.put(stream(), "asset:film");
    manifest.files[`${name}.m4s`] = { ...blob, type: "video/iso.segment" };
  }

  const pathOf = async (name: string) => placeOf(manifest.files[`${name}.m4s`]?.sha256 ?? "");

  const placeOf = (sha256: string) => join(folder, "data/blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);

  /** A connection, what has come back over it so far, and all of it. */
  function raw(listener: Listener): { socket: Socket; text(): string; ended: Promise<string> } {
    const socket = connect(listener.port, "127.0.0.1");
    let text = "";
    const ended = new Promise<string>((resolve) => {
      socket.on("data", (bytes) => (text += bytes.toString("latin1")));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(text));
    });
    return { socket, text: () => text, ended };
  }

  const say = (listener: Listener, text: string) => {
    const { socket, ended } = raw(listener);
    socket.write(text, "latin1");
    return ended;
  };

  /** The others are served meanwhile. */
  async function servesOthers(): Promise<void> {
    const { status, body } = await ask(viewers.address, "/assets/film/small.m4s");
    assert.deepEqual([status, body], [200, SMALL]);
  }

  describe("paths", () => {
    for (const path of [
      "/../../etc/passwd",
      "/assets/../../../../etc/passwd",
      "/assets/film/../../../../etc/passwd",
      "/assets/film/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
      "/assets/film/%2e%2e/%2e%2e/etc/passwd",
      "/assets/%2e%2e%2f%2e%2e%2fetc/passwd",
      "/assets/film/%252e%252e%252f%252e%252e%252fetc%252fpasswd",
      "/assets/film/..%5c..%5cetc%5cpasswd",
      "/assets/film/%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
      "/assets/film/small.m4s%00",
      "/assets/film%00/small.m4s",
      "/watch/..%2f..%2fetc%2fpasswd",
      "/blobs/../../etc/passwd",
    ]) {
      it(`${path} leads nowhere, at either listener`, async () => {
        for (const { address } of [viewers, peers]) {
          const words = ["-sS", "--path-as-is", "-o", "-", "-w", "\n%{http_code}", `http://${address}${path}`];
          const { stdout } = await run("curl", words);
          assert.match(stdout, /\n40[04]$/);
          assert.doesNotMatch(stdout, /root:/);
        }
      });
    }

    it("a NUL as it is ends the connection", async () => {
      assert.match(await say(viewers, "GET /assets/film/small.m4s\0 HTTP/1.1\r\nHost: a\r\n\r\n"), /^HTTP\/1\.1 400 /);
    });

    it("an id of 10,000 characters is answered with a few", async () => {
      const long = "a".repeat(10_000);
      for (const [listener, path] of [
        [viewers, `/assets/${long}`],
        [viewers, `/assets/${long}/master.m3u8`],
        [viewers, `/watch/${long}`],
        [peers, `/blobs/${long}`],
        [peers, `/inits/${long}`],
      ] as const) {
        const { status, body } = await ask(listener.address, path);
        assert.deepEqual([status, body.length < 300], [404, true], path.slice(0, 20));
      }
    });

    it("a link in the place of a blob is not followed, whatever its size", async () => {
      await add("other", Buffer.alloc(600_000, "o"));
      for (const name of ["small", "other"]) {
        const path = await pathOf(name);
        const outside = join(folder, name);
        // As long as the blob, so that only the link tells.
        await writeFile(outside, "x".repeat(manifest.files[`${name}.m4s`]?.bytes ?? 0));
        await rm(path);
        await symlink(outside, path);
        const { status, body } = await ask(viewers.address, `/assets/film/${name}.m4s`);
        assert.equal(status, 500);
        assert.doesNotMatch(body.toString(), /xxx/);
        assert.match(reported.at(-1) ?? "", /is a link/);
      }
      const path = await pathOf("small");
      await rm(path);
      await symlink("/dev/zero", path);
      assert.equal((await ask(viewers.address, "/assets/film/small.m4s")).status, 500);
    });

    it("a named pipe or a folder in the place of a blob holds nobody up", async () => {
      const path = await pathOf("small");
      await rm(path);
      await run("mkfifo", [path]);
      assert.equal((await ask(viewers.address, "/assets/film/small.m4s")).status, 500);
      await rename(path, join(folder, "pipe"));
      await run("mkdir", [path]);
      assert.equal((await ask(viewers.address, "/assets/film/small.m4s")).status, 500);
    });
  });

  describe("ranges and validators", () => {
    const get = (name: string, headers: Record<string, string>) =>
      ask(viewers.address, `/assets/film/${name}.m4s`, { headers });

    it("answers a range past the end, and one of nothing, with 416 and the length", async () => {
      for (const [name, range, length] of [
        ["small", "bytes=1000-", 1000],
        ["small", "bytes=5000-6000", 1000],
        ["small", `bytes=${"9".repeat(400)}-`, 1000],
        ["small", "bytes=-0", 1000],
        ["empty", "bytes=0-", 0],
        ["empty", "bytes=0-0", 0],
        ["empty", "bytes=-1", 0],
      ] as const) {
        const { status, headers } = await get(name, { Range: range });
        assert.deepEqual([status, headers["content-range"]], [416, `bytes */${length}`], `${name} ${range}`);
      }
      const { status, body } = await get("empty", {});
      assert.deepEqual([status, body.length], [200, 0]);
    });

    it("answers a thousand ranges with the whole, once", async () => {
      for (const range of [
        Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join(),
        Array.from({ length: 1000 }, () => "0-").join(),
      ]) {
        const { status, headers, body } = await get("small", { Range: `bytes=${range}` });
        assert.deepEqual([status, headers["content-length"], body], [200, "1000", SMALL]);
      }
    });

    it("gives the whole where the validator was altered or cannot be read, and the part where it fits or is missing", async () => {
      const etag = `"${manifest.files["small.m4s"]?.sha256}"`;
      const altered = etag.replace(/^"./, (start) => (start === '"0' ? '"1' : '"0'));
      for (const [validator, status] of [
        [etag, 206],
        [undefined, 206],
        [altered, 200],
        [etag.slice(1, -1), 200],
        [`W/${etag}`, 200],
        ['"', 200],
        ["", 200],
        ["\u00ff", 200],
      ] as const) {
        const headers: Record<string, string> = { Range: "bytes=0-9" };
        if (validator !== undefined) headers["If-Range"] = validator;
        const answer = await get("small", headers);
        assert.deepEqual(
          [answer.status, answer.body],
          [status, status === 206 ? SMALL.subarray(0, 10) : SMALL],
          validator,
        );
      }
      for (const [condition, status] of [
        [{ "If-None-Match": altered }, 200],
        [{ "If-None-Match": ',,, ,""' }, 200],
        [{ "If-None-Match": `${'"x",'.repeat(1000)}${etag}` }, 304],
        [{ "If-Match": altered }, 412],
        [{ "If-Match": `${altered}, ${etag}` }, 200],
        [{ "If-Modified-Since": "not a date" }, 200],
      ] as const) {
        assert.equal(
          (await get("small", condition as Record<string, string>)).status,
          status,
          JSON.stringify(condition),
        );
      }
    });
  });

  describe("clients that are slow, or that lie", () => {
    /** The viewers' server with little patience. */
    const hurry = async () => {
      await viewers.close();
      viewers = await open(assets, { patience: { headersMs: HEADERS_MS, requestMs: HEADERS_MS, stallMs: STALL_MS } });
    };
    /** As `servesOthers`; while the machine stands still they are slow as well, and ask again. */
    const servesOthersInTime = () =>
      until(async () => {
        const answer = await ask(viewers.address, "/assets/film/small.m4s").catch(() => undefined);
        if (answer === undefined || answer.status === 408) return undefined;
        assert.deepEqual([answer.status, answer.body], [200, SMALL]);
        return true;
      }, "the others are served meanwhile");

    it("ends a header that comes a byte at a time, and a connection that says nothing", async () => {
      await hurry();
      const { socket, text, ended } = raw(viewers);
      const silent = raw(viewers);
      const dripping = (async () => {
        for (const byte of `GET /assets HTTP/1.1\r\nX-Slow: ${"a".repeat(1000)}`) {
          // What has come is read before more is written, on a machine that stood still too: an answer is lost to a
          // client that writes to a connection which has been closed behind it.
          await setImmediate();
          if (socket.destroyed || text() !== "") return;
          socket.write(byte);
          await delay(HEADERS_MS / 10);
        }
      })();
      await servesOthersInTime();
      assert.match(await ended, /^HTTP\/1\.1 408 /);
      await silent.ended;
      await dripping;
    });

    it("cuts off who takes nothing of a body, and closes the file", async () => {
      await hurry();
      await add("large", LARGE);
      const path = await pathOf("large");
      const socket = connect(viewers.port, "127.0.0.1");
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.on("error", () => undefined);
      socket.write("GET /assets/film/large.m4s HTTP/1.1\r\nHost: a\r\n\r\n");
      const [begun] = (await once(socket, "data")) as [Buffer];
      socket.pause();
      assert.match(begun.toString("latin1"), /^HTTP\/1\.1 200 /);
      await servesOthersInTime();
      await until(async () => (await timesOpen(path)) === 0 || undefined, "the file is closed");
      let rest = 0;
      socket.on("data", ({ length }: Buffer) => (rest += length));
      socket.resume();
      await closed;
      assert.ok(rest < LARGE.length, "it got everything");
      assert.deepEqual(reported, []);
    });

    it("turns away more connections than it takes, and takes them again", async () => {
      await viewers.close();
      viewers = await open(assets, { connections: 2 });
      const held = [raw(viewers), raw(viewers)];
      await Promise.all(held.map(({ socket }) => once(socket, "connect")));
      const turned = raw(viewers);
      assert.equal(await turned.ended, "");
      for (const { socket, ended } of held) {
        socket.end();
        await ended;
      }
      const served = async () => {
        const answer = await ask(viewers.address, "/healthz").catch(() => undefined);
        return answer?.status === 200 || undefined;
      };
      await until(served, "others are taken");
    });

    it("takes no body that is longer or shorter than it says, nor two lengths, nor an unknown method", async () => {
      const head = "PUT /inits/some HTTP/1.1\r\nHost: a\r\n";
      const longer = await say(peers, `${head}Content-Length: 5\r\n\r\n12345GARBAGE BEYOND THE END\r\n\r\n`);
      // What is beyond the end is another request, and none that can be read.
      assert.match(longer, /HTTP\/1\.1 400 /);
      const { socket, ended } = raw(peers);
      socket.end(`${head}Content-Length: 10\r\n\r\n12345`);
      // A client that closes its side in the middle has gone.
      await ended;
      for (const lines of [
        `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456`,
        `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        `${head}Content-Length: -5\r\n\r\n`,
        `${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
        "BREW /assets HTTP/1.1\r\nHost: a\r\n\r\n",
        "get /assets HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /assets HTTP/9.9\r\nHost: a\r\n\r\n",
        `GET /assets HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(20_000)}\r\n\r\n`,
      ]) {
        assert.match(await say(peers, lines), /^HTTP\/1\.1 4\d\d /, lines.slice(0, 60));
      }
      for (const method of ["PURGE", "TRACE", "PROPFIND", "DELETE"]) {
        assert.equal((await ask(viewers.address, "/assets/film/small.m4s", { method })).status, 405, method);
      }
      await servesOthers();
    });

    it("ends a connection that asks for far more than it takes", async () => {
      const request = "GET /assets/film/small.m4s HTTP/1.1\r\nHost: a\r\n\r\n";
      const some = await say(viewers, request.repeat(7) + request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      assert.equal(some.split("HTTP/1.1 200 OK").length, 9);
      const { socket, ended } = raw(viewers);
      socket.write(request.repeat(10_000));
      assert.ok((await ended).split("HTTP/1.1 200 OK").length < 10_000);
      await servesOthers();
    });

    it("begins one answer at a time for who asks for many and takes none, and lets go of all when it leaves", async () => {
      await add("large", LARGE);
      const path = await pathOf("large");
      const { socket, ended } = raw(viewers);
      socket.pause();
      socket.write("GET /assets/film/large.m4s HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5));
      await until(async () => (await timesOpen(path)) > 0 || undefined, "the file is open");
      await servesOthers();
      assert.equal(await timesOpen(path), 1);
      socket.destroy();
      await ended;
      await until(async () => (await timesOpen(path)) === 0 || undefined, "the file is closed");
      await viewers.close();
    });

    it("answers an upload without an end where there is none to be made, and ends the connection", async () => {
      const { socket, ended } = raw(viewers);
      socket.write("POST /assets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
      const uploading = (async () => {
        while (!socket.destroyed) {
          socket.write(chunk);
          await delay(5);
        }
      })();
      await servesOthers();
      assert.match(await ended, /^HTTP\/1\.1 405 /);
      await uploading;
    });
  });
});

/** How often this process has a file open. */
async function timesOpen(path: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets.filter((target) => target === path).length;
}
