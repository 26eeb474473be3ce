/** What must be so when everything is over: whatever happened, the mesh holds and serves what was made, and nothing else. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AssetManifest } from "../../../src/core/media.js";
import type { MeshState } from "../../../src/core/mesh-state.js";
import { inAgreement } from "../../chaos/held.js";
import { foldLedger, type LedgerRow, readLedger } from "../../chaos/ledger.js";
import { decodedFrames } from "../../support/assets.js";
import { until } from "../../support/until.js";
import { blobNames, readBlob } from "./harming.js";
import { hashOf } from "./made.js";
import type { Soak } from "./soak.js";

const SETTLE_MS = 300_000;
const SCRUB_MS = 300_000;
const FILES_MS = 240_000;
const LOOK_MS = 1_000;
/** What a node keeps an hour or a day in case somebody asks for it is looked at from behind that. */
const LATER_MS = 26 * 3_600_000;

/** All nodes are up, nobody has anything to do, and nothing lacks copies. */
export async function settles(soak: Soak): Promise<void> {
  for (const node of soak.nodes) if (!node.alive) await soak.start(node);
  let last: unknown;
  const calm = async () => {
    const all = await Promise.all(soak.nodes.map((node) => soak.status(node))).catch((error: unknown) => {
      last = error;
    });
    if (all === undefined) return undefined;
    const rows = all.map(({ node, copies, running, logSequence }) => ({
      missing: node?.missing,
      remembered: node?.remembered,
      lacking: copies?.filesLacking,
      silent: copies?.silent.length,
      assets: copies?.assets,
      running: running.length,
      logSequence,
    }));
    last = JSON.stringify(rows);
    const same = new Set(rows.map(({ logSequence }) => logSequence)).size === 1;
    const idle = rows.every(({ missing, remembered, lacking, silent, running }) => {
      return [missing, remembered, lacking, silent, running].every((value) => value === 0);
    });
    return (same && idle && rows.every(({ assets }) => assets === soak.live.size)) || undefined;
  };
  const what = `all nodes are at rest, with ${soak.live.size} assets`;
  await until(calm, what, SETTLE_MS, LOOK_MS).catch((error: unknown) => assert.fail(`${error}: ${last}`));
}

/** Every node has compared all that it holds since then, milliseconds since 1970. */
export async function scrubbed(soak: Soak, since: number): Promise<void> {
  for (const node of soak.nodes) {
    const caughtUp = async () => (((await soak.status(node)).store?.oldestVerifiedMs ?? 0) > since ? true : undefined);
    await until(caughtUp, `${node.name} has compared everything`, SCRUB_MS, LOOK_MS);
  }
}

/** Of every asset, every file on every node is what was made; and ffmpeg finds all frames of the source in it. */
export async function servesWhatWasMade(soak: Soak): Promise<number> {
  const { manifests } = await truth(soak);
  assert.deepEqual([...manifests.keys()].sort(), [...soak.live.keys()].sort(), "the assets that there are");
  let bytes = 0;
  for (const [asset, { files }] of manifests) {
    const made = soak.live.get(asset) ?? assert.fail();
    for (const [path, content] of made.files) assert.equal(files[path]?.sha256, hashOf(content), `${asset}/${path}`);
    for (const { name, http } of soak.nodes) {
      for (const [path, { sha256 }] of Object.entries(files)) {
        const response = await fetch(`http://${http}/assets/${asset}/${path}`);
        const served = Buffer.from(await response.arrayBuffer());
        assert.equal(response.status, 200, `${name}: ${asset}/${path}: ${served}`);
        assert.equal(hashOf(served), sha256, `E: ${name} serves ${asset}/${path} with other bytes`);
        bytes += served.length;
      }
    }
    const { http } = soak.living(Math.random());
    const frames = await decodedFrames(`http://${http}/assets/${asset}/master.m3u8`);
    assert.equal(frames, made.frames, `F: frames of ${asset}`);
  }
  return bytes;
}

/** What was removed is on no node, for no viewer. */
export async function removedIsGone(soak: Soak): Promise<void> {
  for (const { name, http } of soak.nodes) {
    for (const asset of soak.removed.keys()) {
      const { status } = await fetch(`http://${http}/assets/${asset}/master.m3u8`, { method: "HEAD" });
      assert.equal(status, 404, `${name} answers ${status} for ${asset}, which was removed`);
    }
  }
}

/**
 * Each node's files are those of the assets that live, and no others but snapshots of the mesh log. What a new index has
 * found, and what was being let go at a kill, goes an hour later: so the clocks are set forward.
 */
export async function nothingElseIsHeld(soak: Soak): Promise<number> {
  await soak.shift.set(LATER_MS);
  for (const { pid } of soak.nodes) process.kill(pid, "SIGUSR2");
  const { blobs, snapshots } = await truth(soak);
  for (const node of soak.nodes) {
    let [more, less]: string[][] = [[], []];
    const exact = async () => {
      const names = new Set(await blobNames(node));
      more = [...names].filter((name) => !blobs.has(name) && !snapshots.has(name));
      less = [...blobs].filter((name) => !names.has(name));
      return (more.length === 0 && less.length === 0) || undefined;
    };
    const problem = () =>
      `G: ${node.name} holds ${more?.length} files too many (${more}) and lacks ${less?.length} (${less})`;
    await until(exact, "files", FILES_MS, LOOK_MS).catch(() => assert.fail(problem()));
    const parts = (await readdir(join(node.data, "uploads"))).filter((name) => name.endsWith(".part"));
    assert.deepEqual([...parts, ...(await readdir(join(node.data, "tmp")))], [], `${node.name} keeps what is half`);
  }
  return blobs.size;
}

/** Files and index agree on every node, when it has stopped. */
export async function agreesOnDisk(soak: Soak): Promise<void> {
  for (const node of soak.nodes) {
    assert.equal(await node.stop(), 0, `${node.name} stops`);
    await inAgreement(node);
  }
}

interface Truth {
  /** By asset. */
  manifests: Map<string, AssetManifest>;
  /** Everything that each node should hold, and what it may: snapshots are held by who wrote or read them. */
  blobs: Set<string>;
  snapshots: Set<string>;
}

/** As the mesh log on the NATS servers says. */
async function truth(soak: Soak): Promise<Truth> {
  const { core } = await soak.status(soak.living());
  const servers = core?.slots.map(({ client }) => `nats://${client}`) ?? [];
  const rows = await readLedger(servers);
  const state = await foldLedger(rows, (sha256) => readBlob(soak.nodes, sha256));
  const manifests = new Map<string, AssetManifest>();
  const blobs = new Set<string>();
  for (const id of state.assets.values()) {
    const { asset, sha256 } = finished(state, id);
    const manifest = JSON.parse(Buffer.from(await readBlob(soak.nodes, sha256)).toString()) as AssetManifest;
    manifests.set(asset, manifest);
    for (const one of [sha256, ...Object.values(manifest.files).map((file) => file.sha256)]) blobs.add(one);
  }
  return { manifests, blobs, snapshots: snapshotsOf(rows) };
}

function finished(state: MeshState, id: string): { asset: string; sha256: string } {
  const job = state.jobs.get(id);
  return {
    asset: job?.asset ?? "",
    sha256: job?.package?.manifest?.sha256 ?? assert.fail(`job ${id} has no manifest`),
  };
}

function snapshotsOf(rows: LedgerRow[]): Set<string> {
  return new Set(rows.flatMap(({ entry }) => (entry.kind === "snapshot" ? [entry.snapshot.state?.sha256 ?? ""] : [])));
}
