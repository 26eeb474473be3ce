/** What viewers get beyond the bytes: codings, HTTPS and HTTP/2, files by the server in front, a log of it. Read by curl. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AssetManifest } from "../../src/core/media.js";
import { AccessLog } from "../../src/node/http/access-log.js";
import { type Listener, type ListenOptions, listen } from "../../src/node/http/listen.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { exampleWith, startNginx } from "../support/front-servers.js";
import { freePorts } from "../support/ports.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { ask, askRaw } from "./http.support.js";

const run = promisify(execFile);
const PLAYLIST = `#EXTM3U\n${"#EXTINF:4.000,\n000001.m4s\n".repeat(500)}`;
const SEGMENT = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7) % 251));
const TYPE = "application/vnd.apple.mpegurl";

describe("viewers' HTTP", () => {
  let folder: string;
  let manifest: AssetManifest;
  let reads: string[];
  let listener: Listener | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
    reads = [];
    const put = async (name: string, bytes: Buffer | string, type: string) => {
      await writeFile(join(folder, name), bytes);
      return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: Buffer.byteLength(bytes), type };
    };
    manifest = {
      version: 1,
      asset: "film",
      seconds: 4,
      files: {
        "video/media.m3u8": await put("media.m3u8", PLAYLIST, TYPE),
        "video/000001.m4s": await put("000001.m4s", SEGMENT, "video/iso.segment"),
      },
    };
  });

  afterEach(async () => {
    await listener?.close();
    listener = undefined;
  });

  async function open(
    options: Partial<ListenOptions> = {},
    sendFile?: "x-accel-redirect" | "x-sendfile",
  ): Promise<Listener> {
    const service = viewersService(
      {
        list: () => [],
        manifest: async (asset) => (asset === "film" ? manifest : undefined),
        manifestAtHand: (asset) => (asset === "film" ? manifest : undefined),
        file: async ({ sha256 }) => {
          const [path = ""] = Object.entries(manifest.files).find(([, file]) => file.sha256 === sha256) ?? [];
          reads.push(path);
          return join(folder, path.replace("video/", ""));
        },
        growing: async () => undefined,
        growingFile: () => Promise.reject(new Error("nothing grows")),
      },
      { sendFile, nodes: () => [] },
    );
    listener = await listen(service, { host: "127.0.0.1", port: 0, report: () => undefined, ...options });
    return listener;
  }

  const playlist = async (accepted: string, more: Record<string, string> = {}) => {
    const { address } = listener ?? (await open());
    return ask(address, "/assets/film/video/media.m3u8", { headers: { "Accept-Encoding": accepted, ...more } });
  };

  describe("codings", () => {
    for (const [accepted, coding] of [
      ["gzip, deflate, br", "br"],
      ["gzip, deflate", "gzip"],
      ["br;q=0.5, gzip;q=0.8", "gzip"],
      ["br;q=0, *", "gzip"],
      ["identity", undefined],
      ["gzip;q=0", undefined],
      ["", undefined],
      ["zstd, nonsense;q=much", undefined],
    ] as const) {
      it(`answers Accept-Encoding "${accepted}" with ${coding ?? "the plain text"}`, async () => {
        const { headers, body } = await playlist(accepted);
        assert.equal(headers["content-encoding"], coding);
        assert.equal(headers.vary, "Accept-Encoding");
        assert.equal(headers["content-length"], String(body.length));
        const sha256 = manifest.files["video/media.m3u8"]?.sha256;
        assert.equal(headers.etag, coding === undefined ? `"${sha256}"` : `"${sha256}-${coding}"`);
        assert.equal(body.length < 1_000, coding !== undefined);
      });
    }

    it("are read by curl, and each has a validator of its own", async () => {
      const { address } = await open();
      const url = `http://${address}/assets/film/video/media.m3u8`;
      for (const coding of ["br", "gzip"]) {
        const { stdout } = await run("curl", ["-sS", "--compressed", "-H", `Accept-Encoding: ${coding}`, url]);
        assert.equal(stdout, PLAYLIST);
        const etag = (await playlist(coding)).headers.etag ?? "";
        assert.equal((await playlist(coding, { "If-None-Match": etag })).status, 304);
        assert.equal((await playlist("identity", { "If-None-Match": etag })).status, 200);
      }
    });

    it("are made once, from one reading; a range is one of the plain text; segments have none", async () => {
      await open();
      await Promise.all([playlist("gzip"), playlist("gzip"), playlist("br"), playlist("")]);
      assert.deepEqual(reads, ["video/media.m3u8"]);
      const part = await playlist("gzip", { Range: "bytes=0-6" });
      assert.deepEqual([part.status, part.headers["content-encoding"]], [206, undefined]);
      assert.equal(part.body.toString(), "#EXTM3U");
      const segment = await ask(listener?.address ?? "", "/assets/film/video/000001.m4s", {
        headers: { "Accept-Encoding": "gzip" },
      });
      assert.deepEqual([segment.headers["content-encoding"], segment.headers.vary], [undefined, undefined]);
      assert.deepEqual(segment.body, SEGMENT);
    });
  });

  describe("TLS", () => {
    const certificate = async (name: string): Promise<{ cert: string; key: string }> => {
      const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
      const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
      const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      await run("openssl", ["req", "-x509", ...kind, "-days", "2", ...subject, "-keyout", key, "-out", cert]);
      return { cert, key };
    };
    const curl = async (words: string[]): Promise<{ stdout: Buffer }> =>
      run("curl", ["-sS", ...words], { encoding: "buffer", maxBuffer: 1 << 24 });

    it("serves HTTP/2 to those who ask for it and HTTP/1.1 to the others, the same bytes and conditions", async () => {
      const { cert, key } = await certificate("one");
      const { address } = await open({ tls: { cert, key } });
      const base = `https://${address}/assets/film/video`;
      for (const [word, version] of [
        ["--http2", "2"],
        ["--http1.1", "1.1"],
        // Now from memory.
        ["--http2", "2"],
      ] as const) {
        const words = [word, "--cacert", cert];
        const { stdout: bytes } = await curl([...words, `${base}/000001.m4s`]);
        assert.deepEqual(bytes, SEGMENT);
        const { stdout: part } = await curl([...words, "-r", "100-199", `${base}/000001.m4s`]);
        assert.deepEqual(part, SEGMENT.subarray(100, 200));
        const { stdout: text } = await curl([...words, "--compressed", `${base}/media.m3u8`]);
        assert.equal(text.toString(), PLAYLIST);
        const shown = ["-o", "/dev/null", "-w", "%{http_version} %{http_code}"];
        const known = `If-None-Match: "${manifest.files["video/000001.m4s"]?.sha256}"`;
        assert.equal(
          String((await curl([...words, ...shown, "-H", known, `${base}/000001.m4s`])).stdout),
          `${version} 304`,
        );
        for (const [more, status] of [
          [["-I"], 200],
          [["-X", "OPTIONS"], 204],
          [["-X", "DELETE"], 405],
          [["-r", "700000-"], 416],
        ] as const) {
          const { stdout } = await curl([...words, ...shown, ...more, `${base}/000001.m4s`]);
          assert.equal(String(stdout), `${version} ${status}`, more.join(" "));
        }
      }
      // Twenty at once on one connection.
      const many = Array.from({ length: 20 }, (_, at) => ["-o", join(folder, `got-${at}`), `${base}/000001.m4s`]);
      await curl(["--http2", "--cacert", cert, "--parallel", ...many.flat()]);
      for (let at = 0; at < many.length; at++) assert.deepEqual(await readFile(join(folder, `got-${at}`)), SEGMENT);
    });

    it("takes a renewed certificate without a restart, and keeps the old one while the new is half there", async () => {
      const [old, fresh] = [await certificate("old"), await certificate("fresh")];
      const told: string[] = [];
      const { address } = await open({ tls: old, tell: (event) => told.push(event) });
      const trusts = async (cert: string) =>
        curl(["--cacert", cert, `https://${address}/healthz`]).then(
          () => true,
          () => false,
        );
      const [{ cert }, kept] = [old, join(folder, "kept.pem")];
      await copyFile(cert, kept);
      assert.equal(await trusts(kept), true);
      await rename(fresh.cert, old.cert);
      await until(
        async () => told.find((event) => /cannot be used/.test(event)),
        "the pair that does not fit is refused",
      );
      assert.equal(await trusts(kept), true);
      await rename(fresh.key, old.key);
      await until(async () => told.find((event) => /read again/.test(event)), "the new pair is read");
      assert.equal(await trusts(kept), false);
      assert.equal(await trusts(old.cert), true);
    });

    it("says which files it cannot use", async () => {
      const { cert } = await certificate("one");
      const { key } = await certificate("two");
      const refused = (files: { cert: string; key: string }, message: RegExp) =>
        assert.rejects(open({ tls: files }), { code: "ENVIRONMENT", message });
      await refused(
        { cert, key },
        /^--tls-cert .*one\.pem and --tls-key .*two\.key .*: the key is another certificate's; /,
      );
      await refused({ cert, key: "/nowhere/key" }, /^--tls-key \/nowhere\/key cannot be read: there is no such file; /);
      await refused({ cert: folder, key }, /^--tls-cert .* cannot be read: it is a folder; give a PEM file/);
      await refused({ cert: join(folder, "media.m3u8"), key }, /: one of them is not in PEM form; /);
    });
  });

  it("leaves large files to the server in front, and answers conditions and small files itself", async () => {
    const sha256 = manifest.files["video/000001.m4s"]?.sha256 ?? "";
    const named = `/reelmesh-blobs/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    for (const [mode, header, value] of [
      ["x-accel-redirect", "x-accel-redirect", named],
      ["x-sendfile", "x-sendfile", join(folder, "000001.m4s")],
    ] as const) {
      const { address } = await open({}, mode);
      const get = (path: string, headers: Record<string, string> = {}) =>
        ask(address, `/assets/film/video/${path}`, { headers });
      const handed = await get("000001.m4s", { Range: "bytes=0-9" });
      assert.deepEqual([handed.status, handed.headers[header], handed.body.length], [200, value, 0]);
      assert.equal(handed.headers.etag, `"${sha256}"`);
      assert.equal(handed.headers["cache-control"], "public, max-age=31536000, immutable");
      assert.equal((await get("000001.m4s", { "If-None-Match": `"${sha256}"` })).status, 304);
      const small = await get("media.m3u8");
      assert.deepEqual([small.headers[header], small.body.toString()], [undefined, PLAYLIST]);
      await listener?.close();
    }
  });

  it("sends large files through nginx as the example has it, with the validators and ranges of the node", async () => {
    const sha256 = manifest.files["video/000001.m4s"]?.sha256 ?? "";
    const place = join(folder, "blobs", sha256.slice(0, 2), sha256.slice(2, 4));
    await mkdir(place, { recursive: true });
    await rename(join(folder, "000001.m4s"), join(place, sha256));
    const { address } = await open({}, "x-accel-redirect");
    const [port = 0] = await freePorts(1);
    const site = await exampleWith("nginx/send-file.conf", [
      ["127.0.0.1:7480", address],
      ["listen 80;", `listen 127.0.0.1:${port};`],
      ["/var/lib/reelmesh/blobs/", `${folder}/blobs/`],
    ]);
    const nginx = await startNginx(join(folder, "nginx"), port, site);
    try {
      const get = (headers: Record<string, string>, method = "GET") =>
        ask(nginx.http, "/assets/film/video/000001.m4s", { headers, method });
      const whole = await get({});
      assert.deepEqual([whole.status, whole.body], [200, SEGMENT]);
      for (const [name, value] of Object.entries({
        etag: `"${sha256}"`,
        "content-type": "video/iso.segment",
        "cache-control": "public, max-age=31536000, immutable",
        "access-control-allow-origin": "*",
        "accept-ranges": "bytes",
        "x-accel-redirect": undefined,
        "last-modified": undefined,
      })) {
        assert.equal(whole.headers[name], value, name);
      }
      const part = await get({ Range: "bytes=100-199", "If-Range": `"${sha256}"` });
      assert.deepEqual([part.status, part.body], [206, SEGMENT.subarray(100, 200)]);
      assert.equal((await get({ Range: "bytes=100-199", "If-Range": '"other"' })).status, 200);
      assert.equal((await get({ Range: "bytes=700000-" })).status, 416);
      assert.equal((await get({ "If-None-Match": `"${sha256}"` })).status, 304);
      const head = await get({}, "HEAD");
      assert.deepEqual([head.status, head.headers["content-length"]], [200, String(SEGMENT.length)]);
      const text = await ask(nginx.http, "/assets/film/video/media.m3u8", { headers: { "Accept-Encoding": "br" } });
      assert.equal(text.headers["content-encoding"], "br");
      const named = `/reelmesh-blobs/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
      assert.equal((await ask(nginx.http, named)).status, 404);
    } finally {
      await nginx.stop();
    }
  });

  it("sends a segment that many ask for from memory, whole and in parts", async () => {
    const { address } = await open();
    const path = "/assets/film/video/000001.m4s";
    for (let count = 0; count < 2; count++) assert.deepEqual((await ask(address, path)).body, SEGMENT);
    await rm(join(folder, "000001.m4s"));
    const whole = await ask(address, path);
    assert.deepEqual([whole.status, whole.headers["content-length"]], [200, String(SEGMENT.length)]);
    assert.deepEqual(whole.body, SEGMENT);
    const part = await ask(address, path, { headers: { Range: "bytes=1000-1999" } });
    assert.deepEqual([part.status, part.body], [206, SEGMENT.subarray(1_000, 2_000)]);
    const known = await ask(address, path, { headers: { "If-None-Match": String(whole.headers.etag) } });
    assert.deepEqual([known.status, known.body.length], [304, 0]);
    assert.deepEqual(reads, ["video/000001.m4s", "video/000001.m4s"]);
  });

  it("sends nothing from memory that is not what its name says", async () => {
    const { address } = await open();
    const path = "/assets/film/video/000001.m4s";
    await ask(address, path);
    await writeFile(join(folder, "000001.m4s"), Buffer.alloc(SEGMENT.length));
    const { status, body } = await ask(address, path);
    assert.deepEqual([status, body.toString()], [500, "this node failed; its log says why\n"]);
  });

  it("answers again from memory what it answered before, and not when the asset is another or has gone", async () => {
    await playlist("");
    await rm(join(folder, "media.m3u8"));
    const again = await playlist("");
    assert.deepEqual([again.status, again.body.toString()], [200, PLAYLIST]);
    assert.equal(again.headers.vary, "Accept-Encoding");
    assert.equal(again.headers["x-asset"], "film");
    assert.equal(again.headers["content-length"], String(PLAYLIST.length));
    assert.equal((await playlist("", { "If-None-Match": String(again.headers.etag) })).status, 304);
    assert.equal((await playlist("", { Range: "bytes=0-6" })).body.toString(), "#EXTM3U");
    const sha256 = createHash("sha256").update("other").digest("hex");
    await writeFile(join(folder, "media.m3u8"), "other");
    manifest = { ...manifest, files: { "video/media.m3u8": { sha256, bytes: 5, type: TYPE } } };
    assert.equal((await playlist("")).body.toString(), "other");
    manifest = { ...manifest, files: {} };
    assert.equal((await playlist("")).status, 404);
  });

  it("answers pipelined requests in order, from memory and not", async () => {
    const { address } = await open();
    const path = "/assets/film/video/media.m3u8";
    await ask(address, path);
    const line = (what: string) => `GET ${what} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const asked = [path, "/nothing", path, path, "/healthz", path].map(line).join("");
    const statuses = (await askRaw(address, asked)).match(/HTTP\/1.1 \d+|ok$/gm);
    assert.deepEqual(
      statuses?.map((status) => status.slice(-3)),
      ["200", "404", "200", "200", "200", "200"],
    );
  });

  it("writes the access log in the combined format, and begins a new file when it is told to", async () => {
    const file = join(folder, "access.log");
    const accessLog = await AccessLog.open(file, (event) => assert.fail(event));
    const { address } = await open({ accessLog });
    const headers = { Referer: 'http://a/"quoted"', "User-Agent": "a\\b caf\u00e9" };
    await ask(address, "/assets/film/video/media.m3u8?x=1", { headers });
    await ask(address, "/assets/film/video/media.m3u8", { method: "HEAD" });
    await rename(file, `${file}.1`);
    accessLog.reopen();
    await ask(address, "/nothing/%22here%22");
    await listener?.close();
    await accessLog.close();
    const [first = "", second = "", end] = (await readFile(`${file}.1`, "utf8")).split("\n");
    const when = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]`;
    const line = (rest: string) => new RegExp(`^127\\.0\\.0\\.1 - - ${when} ${rest}$`);
    const agent = String.raw`"http://a/\\"quoted\\"" "a\\\\b caf\\xc3\\xa9"`;
    assert.match(first, line(`"GET /assets/film/video/media\\.m3u8\\?x=1 HTTP/1\\.1" 200 ${PLAYLIST.length} ${agent}`));
    assert.match(second, line('"HEAD /assets/film/video/media\\.m3u8 HTTP/1\\.1" 200 - "-" "-"'));
    assert.equal(end, "");
    const [third = ""] = (await readFile(file, "utf8")).split("\n");
    assert.match(third, line('"GET /nothing/%22here%22 HTTP/1\\.1" 404 \\d+ "-" "-"'));
  });
});
