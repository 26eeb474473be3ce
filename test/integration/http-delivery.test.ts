import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readlink, truncate } from "node:fs/promises";
import { request } from "node:http";
import { ReelmeshError } from "../../src/core/errors.js";
import type { AssetManifest } from "../../src/core/media.js";
import type { AssetSummary } from "../../src/node/asset-rows.js";
import type { Playable } from "../../src/node/growing-assets.js";
import { formatAddress, type Listener, listen } from "../../src/node/http/listen.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { temporaryFolder } from "../support/temporary.js";
import { type Answer, type Asked, ask, askRaw } from "./http.support.js";

const SEGMENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const PLAYLIST = "#EXTM3U\n";

async function* streamOf(bytes: Buffer | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes);
}

describe("HTTP delivery", () => {
  let store: Store;
  let server: Listener;
  let manifest: AssetManifest;
  let reported: ReelmeshError[];
  let listed: AssetSummary[];
  let growing: (asset: string) => Playable | undefined;

  const summary: AssetSummary = {
    asset: "film",
    name: 'A <film> & "more"',
    job: "j1",
    seconds: 4,
    bytes: 1008,
    files: 3,
    renditions: ["720p"],
    finishedMs: 1,
  };

  beforeEach(async () => {
    store = await openStore(await temporaryFolder());
    const put = async (bytes: Buffer | string, type: string) => ({
      ...(await store.blobs.put(streamOf(bytes), "asset:film")),
      type,
    });
    manifest = {
      version: 1,
      asset: "film",
      seconds: 4,
      files: {
        "master.m3u8": await put(PLAYLIST, "application/vnd.apple.mpegurl"),
        "720p/seg-1.m4s": await put(SEGMENT, "video/iso.segment"),
        "720p/empty.m4s": await put("", "video/iso.segment"),
      },
    };
    reported = [];
    listed = [summary];
    growing = () => undefined;
    const service = viewersService({
      list: () => listed,
      manifest: async (asset) => (asset === "film" ? manifest : undefined),
      file: ({ sha256 }) => store.blobs.path(sha256),
      growing: async (asset) => growing(asset),
      growingFile: ({ sha256 }) => store.blobs.path(sha256),
    });
    server = await listen(service, { host: "127.0.0.1", port: 0, report: (error) => reported.push(error) });
  });

  afterEach(async () => {
    await server.close();
    await store.close();
  });

  const get = (path: string, asked?: Asked): Promise<Answer> => ask(server.address, path, asked);
  const segment = (headers: Record<string, string>, method = "GET"): Promise<Answer> =>
    get("/assets/film/720p/seg-1.m4s", { headers, method });
  const etag = (path: string): string => `"${manifest.files[path]?.sha256}"`;

  it("serves a segment whole, with everything that a cache and a player need", async () => {
    const { status, headers, body } = await segment({ Origin: "https://elsewhere.example" });
    assert.equal(status, 200);
    assert.deepEqual(body, SEGMENT);
    assert.equal(headers["content-length"], "1000");
    assert.equal(headers["content-type"], "video/iso.segment");
    assert.equal(headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(headers.etag, etag("720p/seg-1.m4s"));
    assert.equal(headers["accept-ranges"], "bytes");
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["access-control-expose-headers"], "Content-Length, Content-Range, ETag, Date");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["last-modified"], undefined);
    assert.ok(headers.date);
  });

  it("lets a playlist be kept only briefly", async () => {
    const { headers, body } = await get("/assets/film/master.m3u8");
    assert.equal(headers["content-type"], "application/vnd.apple.mpegurl");
    assert.equal(headers["cache-control"], "public, max-age=60");
    assert.equal(body.toString(), PLAYLIST);
  });

  it("serves what there is of an asset that is being encoded: manifests for a moment, segments for good", async () => {
    const files = { "video/720p/000001.m4s": manifest.files["720p/seg-1.m4s"] as AssetManifest["files"][string] };
    const texts = { "master.m3u8": PLAYLIST, "manifest.mpd": "<MPD/>" };
    const half = { ...summary, asset: "half", name: "Half a film", finishedMs: 0 };
    growing = (asset) => (asset === "half" ? { summary: half, texts, files } : undefined);
    const master = await get("/assets/half/master.m3u8");
    assert.deepEqual([master.status, master.body.toString()], [200, PLAYLIST]);
    assert.equal(master.headers["content-type"], "application/vnd.apple.mpegurl");
    assert.equal(master.headers["cache-control"], "public, max-age=1");
    assert.equal((await get("/assets/half/manifest.mpd")).headers["content-type"], "application/dash+xml");
    const part = await get("/assets/half/video/720p/000001.m4s", { headers: { Range: "bytes=0-9" } });
    assert.deepEqual([part.status, part.body], [206, SEGMENT.subarray(0, 10)]);
    assert.equal(part.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal((await get("/assets/half/video/720p/000002.m4s")).status, 404);
    assert.match((await get("/watch/half")).body.toString(), /<title>Half a film<\/title>/);
    assert.equal(JSON.parse((await get("/assets/half")).body.toString()).finishedMs, 0);
    assert.equal((await get("/assets/other/master.m3u8")).status, 404);
  });

  it("says when an asset has no beginning yet, and why it comes to nothing", async () => {
    growing = () => {
      throw new ReelmeshError("UNAVAILABLE", "its beginning is not there yet");
    };
    const words = ["its beginning is not there yet\n", "<p>its beginning is not there yet.</p>"];
    for (const [index, path] of ["/assets/soon/master.m3u8", "/watch/soon"].entries()) {
      const { status, headers, body } = await get(path);
      assert.deepEqual([status, headers["retry-after"]], [503, "2"]);
      assert.ok(body.toString().includes(words[index] as string));
    }
    // The page looks again by itself.
    assert.match((await get("/watch/soon")).body.toString(), /<meta http-equiv="refresh" content="2">/);
    growing = () => {
      throw new ReelmeshError("NOT_FOUND", "the job that was making it was cancelled");
    };
    const gone = await get("/assets/soon/manifest.mpd");
    assert.deepEqual([gone.status, gone.body.toString()], [404, "the job that was making it was cancelled\n"]);
    const page = await get("/watch/soon");
    assert.equal(page.status, 404);
    assert.match(page.body.toString(), /<p>the job that was making it was cancelled.<\/p>/);
  });

  it("serves a file of 0 bytes", async () => {
    const { status, headers, body } = await get("/assets/film/720p/empty.m4s");
    assert.deepEqual([status, headers["content-length"], body.length], [200, "0", 0]);
  });

  for (const { range, status, from, to } of [
    { range: "bytes=0-99", status: 206, from: 0, to: 100 },
    { range: "bytes=500-599", status: 206, from: 500, to: 600 },
    { range: "bytes=990-", status: 206, from: 990, to: 1000 },
    { range: "bytes=-10", status: 206, from: 990, to: 1000 },
    { range: "bytes=900-5000", status: 206, from: 900, to: 1000 },
    { range: "bytes=0-9,500-509", status: 200, from: 0, to: 1000 },
    { range: "bytes=9-0", status: 200, from: 0, to: 1000 },
    { range: "bytes=1000-", status: 416, from: 0, to: 0 },
    { range: "pages=1-2", status: 200, from: 0, to: 1000 },
  ]) {
    it(`answers Range ${range} with ${status}`, async () => {
      const answer = await segment({ Range: range });
      assert.equal(answer.status, status);
      if (status === 416) {
        assert.equal(answer.headers["content-range"], "bytes */1000");
        assert.equal(answer.headers["cache-control"], "no-store");
        assert.equal(answer.headers.etag, undefined);
        return;
      }
      assert.deepEqual(answer.body, SEGMENT.subarray(from, to));
      assert.equal(answer.headers["content-length"], String(to - from));
      const contentRange = status === 206 ? `bytes ${from}-${to - 1}/1000` : undefined;
      assert.equal(answer.headers["content-range"], contentRange);
    });
  }

  it("answers HEAD like GET without the body, and without a range", async () => {
    const { status, headers, body } = await segment({ Range: "bytes=0-9" }, "HEAD");
    assert.deepEqual([status, headers["content-length"], body.length], [200, "1000", 0]);
    assert.equal(headers["accept-ranges"], "bytes");
    assert.equal(headers.etag, etag("720p/seg-1.m4s"));
  });

  it("answers conditions: If-None-Match, If-Match, If-Range", async () => {
    const tag = etag("720p/seg-1.m4s");
    const same = await segment({ "If-None-Match": `"other", W/${tag}` });
    assert.deepEqual([same.status, same.body.length, same.headers.etag], [304, 0, tag]);
    assert.equal(same.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal((await segment({ "If-None-Match": '"other"' })).status, 200);
    assert.equal((await segment({ "If-None-Match": tag }, "HEAD")).status, 304);
    assert.equal((await segment({ "If-Match": '"other"' })).status, 412);
    assert.equal((await segment({ Range: "bytes=0-9", "If-Range": tag })).status, 206);
    for (const stale of ['"other"', `W/${tag}`, "Wed, 21 Oct 2099 07:28:00 GMT"]) {
      assert.equal((await segment({ Range: "bytes=0-9", "If-Range": stale })).status, 200, stale);
    }
  });

  it("answers a preflight, and other methods with 405", async () => {
    const preflight = await segment(
      { Origin: "https://a.example", "Access-Control-Request-Headers": "range" },
      "OPTIONS",
    );
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers["access-control-allow-origin"], "*");
    assert.match(String(preflight.headers["access-control-allow-headers"]), /Range/);
    assert.equal(preflight.headers["access-control-allow-methods"], "GET, HEAD");
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]) {
      for (const path of ["/assets/film/master.m3u8", "/assets", "/healthz", "/watch/film"]) {
        const refused = await get(path, { method });
        assert.deepEqual([refused.status, refused.headers.allow], [405, "GET, HEAD, OPTIONS"], `${method} ${path}`);
      }
    }
    assert.match(await askRaw(server.address, "BREW /assets HTTP/1.1\r\nHost: a\r\n\r\n"), /^HTTP\/1.1 400 /);
  });

  it("leads from its address to the assets", async () => {
    const { status, headers, body } = await get("/");
    assert.deepEqual([status, headers["content-type"]], [200, "text/html; charset=utf-8"]);
    assert.match(body.toString(), /<a href="\/watch\/film">/);
    assert.equal((await get("/", { method: "POST" })).status, 405);
  });

  it("names what is missing", async () => {
    for (const [path, words] of [
      ["/assets/nofilm", /there is no asset "nofilm"/],
      ["/assets/nofilm/master.m3u8", /there is no asset "nofilm"/],
      ["/assets/film/1080p/seg-1.m4s", /"film" has no file "1080p\/seg-1.m4s"/],
      ["/assets/film/__proto__", /has no file "__proto__"/],
      ["/assets/film/toString", /has no file "toString"/],
      ["/watch/film/more", /nothing at/],
      ["/elsewhere", /nothing at "\/elsewhere"/],
    ] as const) {
      const { status, headers, body } = await get(path);
      assert.equal(status, 404, path);
      assert.match(body.toString(), words);
      assert.equal(headers["content-type"], "text/plain; charset=utf-8");
      assert.equal(headers["cache-control"], "no-store");
    }
  });

  it("tells a person what is not there to be watched, in words and as a page", async () => {
    const { status, headers, body } = await get("/watch/nofilm");
    assert.deepEqual([status, headers["content-type"]], [404, "text/html; charset=utf-8"]);
    assert.equal(headers["cache-control"], "no-store");
    assert.match(body.toString(), /<h1>This cannot be watched here<\/h1>\s*<p>there is no asset &quot;nofilm&quot;/);
    assert.doesNotMatch(body.toString(), /refresh/);
    assert.equal((await get("/watch/nofilm", { method: "HEAD" })).body.length, 0);
  });

  it("never leaves the asset, however the path is written", async () => {
    for (const path of [
      "/assets/film/../../../etc/passwd",
      "/assets/film/%2e%2e/%2e%2e/etc/passwd",
      "/assets/film/..%2f..%2fetc%2fpasswd",
      "/assets/film/..%5c..%5cetc%5cpasswd",
      "/assets/film/%252e%252e/passwd",
      "/assets/%2e%2e/version",
      "/assets/./film",
      "/assets//etc/passwd",
      "//etc/passwd",
      "/assets/film/master.m3u8%00.txt",
      "/assets/film/%",
      "/assets/film/%ff%fe",
      "/assets/film/%c0%ae%c0%ae/passwd",
      "/assets/film/720p/",
      "http://other.example/assets",
      "*",
    ]) {
      const { status, body } = await get(path);
      assert.ok(status === 400 || status === 404, `${path}: ${status}`);
      assert.doesNotMatch(body.toString(), /root:/);
    }
  });

  it("answers an id of 10,000 characters with a short 404, and a longer header with 431", async () => {
    for (const path of [
      `/assets/${"a".repeat(10_000)}`,
      `/watch/${"a".repeat(10_000)}`,
      `/assets/film/${"a".repeat(10_000)}`,
    ]) {
      const { status, body } = await get(path);
      assert.equal(status, 404);
      assert.ok(body.length < 300);
    }
    assert.equal((await get(`/assets/${"a".repeat(20_000)}`)).status, 431);
    assert.match(await askRaw(server.address, "rubbish\r\n\r\n"), /^HTTP\/1.1 400 /);
  });

  it("lists assets and answers health checks", async () => {
    const list = await get("/assets");
    assert.equal(list.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(list.body.toString()), { assets: [summary] });
    const urls = { watch: "/watch/film", hls: "/assets/film/master.m3u8" };
    const described = { ...summary, audio: [], subtitles: [], urls, downloads: {} };
    assert.deepEqual(JSON.parse((await get("/assets/film?x=1")).body.toString()), described);
    assert.equal((await get("/healthz")).body.toString(), "ok");
    assert.equal((await get("/assets", { method: "HEAD" })).body.length, 0);
  });

  it("lists many assets a page at a time", async () => {
    listed = ["c", "b/&", "a"].map((asset) => ({ ...summary, asset }));
    const seen: string[] = [];
    for (let next: string | undefined = "/assets?limit=1"; next !== undefined; ) {
      const page = JSON.parse((await get(next)).body.toString()) as { assets: AssetSummary[]; next?: string };
      seen.push(...page.assets.map(({ asset }) => asset));
      next = page.next;
    }
    assert.deepEqual(seen, ["c", "b/&", "a"]);
    for (const [query, status] of [
      ["limit=0", 422],
      ["limit=1001", 422],
      ["limit=x", 422],
      ["after=gone", 404],
    ] as const) {
      assert.equal((await get(`/assets?${query}`)).status, status, query);
    }
  });

  it("serves a watch page that needs no other host and runs no inline script", async () => {
    const page = await get("/watch/film");
    const html = page.body.toString();
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'; script-src 'self'/);
    assert.match(html, /<title>A &lt;film&gt; &amp; &quot;more&quot;<\/title>/);
    assert.match(html, /data-playlist="\/assets\/film\/master.m3u8"/);
    assert.doesNotMatch(html, /https?:|<script>|onclick|style=/);
    for (const [path, type] of [
      ["/watch/player.js", "text/javascript; charset=utf-8"],
      ["/watch/player.css", "text/css; charset=utf-8"],
      ["/watch/shaka.js", "text/javascript; charset=utf-8"],
    ] as const) {
      assert.ok(html.includes(`"${path}"`));
      const { status, headers, body } = await get(path);
      assert.deepEqual([status, headers["content-type"]], [200, type]);
      assert.ok(body.length > 0);
    }
  });

  it("refuses a file that was cut short on the disk, and tells the viewer nothing of it", async () => {
    await truncate(await store.blobs.path(manifest.files["720p/seg-1.m4s"]?.sha256 ?? ""), 500);
    const { status, body, headers } = await segment({});
    assert.deepEqual([status, headers.etag], [404, undefined]);
    assert.doesNotMatch(body.toString(), /500 bytes/);
    assert.deepEqual(store.blobs.findings(), { damaged: 1, missing: 0 });
  });

  it("closes the file when the client goes away", async () => {
    const big = await store.blobs.put(
      (async function* () {
        for (let index = 0; index < 32; index++) yield Buffer.alloc(1 << 20, index);
      })(),
      "asset:film",
    );
    manifest.files["big.m4s"] = { ...big, type: "video/iso.segment" };
    const sent = request(`http://${server.address}/assets/film/big.m4s`, { agent: false });
    sent.end();
    const [response] = await once(sent, "response");
    await once(response, "readable");
    const path = await store.blobs.path(big.sha256);
    assert.equal(await timesOpen(path), 1);
    response.destroy();
    await server.close();
    assert.equal(await timesOpen(path), 0);
    assert.deepEqual(reported, []);
  });

  it("formats addresses, and says when a port is taken", async () => {
    assert.equal(formatAddress("::1", 80), "[::1]:80");
    assert.equal(formatAddress("127.0.0.1", 80), "127.0.0.1:80");
    const again = listen(viewersService({} as never), {
      host: "127.0.0.1",
      port: server.port,
      report: () => undefined,
    });
    await assert.rejects(again, { code: "ENVIRONMENT", message: /port is in use/ });
  });

  it("finishes what is under way when it closes, and takes nothing more", async () => {
    const sent = request(`http://${server.address}/healthz`);
    sent.end();
    await once(sent, "response").then(([response]) => response.resume());
    await Promise.all([server.close(), server.close()]);
    await assert.rejects(get("/healthz"), { code: "ECONNREFUSED" });
  });
});

/** How often this process has a file open. */
async function timesOpen(path: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets.filter((target) => target === path).length;
}
