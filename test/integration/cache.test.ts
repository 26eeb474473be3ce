/**
 * A mesh of three behind the real caches, each configured by its file in examples/ with nothing but addresses, folders
 * and the patience of a probe replaced: what nodes are asked of what viewers ask, a removed asset, and a node that dies.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fetchAsset, makeClip } from "../support/assets.js";
import { exampleWith, type FrontServer, startNginx, startVarnish } from "../support/front-servers.js";
import { coreSettles, reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { freePorts } from "../support/ports.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

interface Made {
  job: string;
  asset: string;
  /** Path below the asset -> SHA-256 of its bytes, as a node itself serves them. */
  hashes: Record<string, string>;
}

const ROUNDS = 4;

describe("behind a cache", function () {
  this.timeout(240_000);
  let folder: string;
  let nodes: TestNode[];
  let leaving: Made;
  let staying: Made;
  const caches = new Map<string, FrontServer>();

  before(async () => {
    folder = await temporaryFolder();
    const [varnishPort = 0, nginxPort = 0] = await freePorts(2);
    const words = (index: number) => [
      ...["--access-log", join(folder, `${index}.log`)],
      ...["--purge", `http://127.0.0.1:${varnishPort}/`],
    ];
    nodes = await startMesh(3, (index) => ({ words: words(index), until: "run" }));
    await coreSettles(() => nodes[0] as TestNode);
    const clip = join(folder, "clip.mp4");
    await makeClip(clip, 4, "160x90");
    [leaving, staying] = [await make(clip), await make(clip)];
    caches.set("varnish", await startVarnish(join(folder, "varnish"), varnishPort, await varnishExample(nodes)));
    const site = await nginxExample(nodes, join(folder, "kept"), nginxPort);
    caches.set("nginx", await startNginx(join(folder, "nginx"), nginxPort, site));
  });

  after(async () => {
    for (const cache of caches.values()) await cache.stop();
    await stopMesh(nodes ?? []);
  });

  /** An asset that every node holds. */
  async function make(clip: string): Promise<Made> {
    const [first] = nodes as [TestNode];
    const options = ["--ladder", "90", "--preset", "ultrafast", "--segment", "1", "--wait", "--json"];
    const { code, stdout, stderr } = await reelmesh("submit", clip, "--node", first.grpc, ...options);
    assert.equal(code, 0, stderr);
    const { job, asset } = JSON.parse(stdout.trim().split("\n").at(-1) as string) as { job: string; asset: string };
    for (const node of nodes) {
      await until(async () => (await isHeld(node, asset)) || undefined, `${node.name} holds ${asset}`);
    }
    return { job, asset, hashes: await fetchAsset(`http://${first.http}/assets/${asset}`) };
  }

  /** What a viewer gets of a file. */
  async function view(cache: FrontServer, asset: string, path: string) {
    const url = `http://${cache.http}/assets/${asset}/${path}`;
    const response = await fetch(url, { headers: { "User-Agent": `viewer of ${cache.port}` } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const { status, headers } = response;
    return { status, headers, sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  async function viewsRight(cache: FrontServer, { asset, hashes }: Made, path: string): Promise<void> {
    const { status, sha256 } = await view(cache, asset, path);
    assert.deepEqual({ path, status, sha256 }, { path, status: 200, sha256: hashes[path] });
  }

  /** Whole answers that the nodes gave to viewers of a cache, by path below the asset. */
  async function given(cache: FrontServer, asset: string): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const [index] of nodes.entries()) {
      const lines = (await readFile(join(folder, `${index}.log`), "utf8")).split("\n");
      for (const line of lines.filter((one) => one.endsWith(`"viewer of ${cache.port}"`))) {
        const path = new RegExp(`"GET /assets/${asset}/(\\S+) HTTP/1.1" 200 `).exec(line)?.[1];
        if (path !== undefined) counts.set(path, (counts.get(path) ?? 0) + 1);
      }
    }
    return counts;
  }

  for (const name of ["varnish", "nginx"]) {
    it(`${name} asks for each segment once, however many viewers there are`, async () => {
      const cache = caches.get(name) as FrontServer;
      const paths = Object.keys(leaving.hashes);
      for (let round = 0; round < ROUNDS; round++) {
        await Promise.all(paths.map((path) => viewsRight(cache, leaving, path)));
      }
      const segments = paths.filter((path) => path.endsWith(".m4s"));
      assert.ok(segments.length > 4);
      // Nodes write their logs a moment later.
      const counts = await until(async () => {
        const seen = await given(cache, leaving.asset);
        return segments.every((path) => seen.has(path)) ? seen : undefined;
      }, "the nodes' logs tell of it");
      // Of all that is asked for, one in ROUNDS reaches a node.
      assert.deepEqual(
        segments.map((path) => [path, counts.get(path)]),
        segments.map((path) => [path, 1]),
      );
      const { headers } = await view(cache, leaving.asset, segments[0] as string);
      const said = name === "nginx" ? headers.get("x-cache") : Number(headers.get("x-cache-hits")) > 0;
      assert.ok(said === true || said === "HIT" || said === "REVALIDATED", String(said));
      assert.equal(headers.get("x-asset") === null, name === "varnish");
      assert.equal(headers.get("cache-control"), "public, max-age=31536000, immutable");
    });
  }

  it("the caches let go of what is removed", async () => {
    const paths = Object.keys(leaving.hashes);
    const { code, stderr } = await reelmesh("remove", leaving.job, "--node", nodes[1]?.grpc ?? "");
    assert.equal(code, 0, stderr);
    for (const [name, cache] of caches) {
      const isGone = async () => {
        const answers = await Promise.all(paths.map((path) => view(cache, leaving.asset, path)));
        return answers.every(({ status }) => status === 404) || undefined;
      };
      await until(isGone, `${name} has nothing of it any more`);
    }
  });

  it("only nodes purge", async () => {
    const { http } = caches.get("varnish") as FrontServer;
    const purge = (path: string) => fetch(`http://${http}${path}`, { method: "PURGE" });
    assert.equal((await purge("/assets/film/more")).status, 400);
    assert.equal((await purge("/assets/film/")).status, 200);
    const others = await varnishExample(nodes, "192.0.2.1");
    const [port = 0] = await freePorts(1);
    const strict = await startVarnish(join(folder, "strict"), port, others);
    try {
      assert.equal((await fetch(`http://${strict.http}/assets/film/`, { method: "PURGE" })).status, 405);
    } finally {
      await strict.stop();
    }
  });

  it("no viewer notices that a node dies", async () => {
    const paths = Object.keys(staying.hashes);
    let seen = 0;
    let killed: Promise<void> | undefined;
    const watching = [...caches.values()].map(async (cache) => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const path of paths) {
          // Most of its files are in no cache yet.
          if (seen === Math.floor(paths.length / 2)) killed ??= nodes[2]?.kill();
          await viewsRight(cache, staying, path);
          seen += 1;
        }
      }
    });
    await Promise.all(watching);
    assert.ok(killed, "no node was killed");
    await killed;
    assert.equal(seen, caches.size * ROUNDS * paths.length);
  });
});

async function isHeld(node: TestNode, asset: string): Promise<boolean> {
  const response = await fetch(`http://${node.http}/assets/${asset}`);
  return response.ok && ((await response.json()) as { held: boolean }).held;
}

/** `purgers`: the address from which nodes are seen. */
function varnishExample(nodes: TestNode[], purgers = "127.0.0.1"): Promise<string> {
  const places = nodes.flatMap(({ http }, index) => {
    const [, port = ""] = http.split(":");
    const address = `10.0.0.${index + 1}`;
    return [
      [`.host = "${address}";\n    .port = "7480";`, `.host = "127.0.0.1";\n    .port = "${port}";`],
      [`    "${address}";`, `    "${purgers}";`],
    ] as [string, string][];
  });
  // All nodes of this machine are slow at once, and none is sick for that.
  return exampleWith("varnish/default.vcl", [...places, [".timeout = 1s;", ".timeout = 30s;"]]);
}

function nginxExample(nodes: TestNode[], kept: string, port: number): Promise<string> {
  return exampleWith("nginx/cache.conf", [
    ...nodes.map(({ http }, index): [string, string] => [`10.0.0.${index + 1}:7480`, http]),
    ["listen 80;", `listen 127.0.0.1:${port};`],
    ["/var/cache/nginx/reelmesh", kept],
  ]);
}
