/** Row 16: a disk that is full in the middle of what is written to it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fetchAsset } from "../../support/assets.js";
import type { TestNode } from "../../support/node.js";
import { SmallDisk } from "../../support/small-disk.js";
import { until } from "../../support/until.js";
import { blobsOf, inAgreement, untilHeld } from "../held.js";
import { endsWell, GOES_ON_MS, HEALED_MS, manifestOf, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob, theClip } from "../scene.js";

const DISK_MEGABYTES = 160;
const UPLOAD_BYTES = 12_000_000;
const ROOM_FOR_HALF = 6_000_000;
/** What may come at the same time, such as a listing. */
const LITTLE = 1_000_000;

export const diskFull: Row = {
  number: 16,
  title: "disk full in the middle of a blob, in the middle of the index, in the middle of ffmpeg's output",
  mounts: true,
  async play() {
    const disk = await SmallDisk.make(DISK_MEGABYTES);
    const node = (index: number) => (index === 1 ? { data: disk.folder } : {});
    try {
      await inScene({ nodes: 2, chunkSeconds: 6, node }, (scene) => play(scene, disk));
    } finally {
      await disk.remove();
    }
  },
};

async function play(scene: Scene, disk: SmallDisk): Promise<void> {
  const [other, full] = scene.nodes as [TestNode, TestNode];
  const first = await scene.submit(other);
  await endsWell(scene, first);
  await untilHeld(full, await blobsOf(scene, first));

  // Of ffmpeg's output and of the index: not a byte is left while a chunk is encoded there and the log goes on.
  const second = await scene.submit(other, "84");
  await scene.untilEncoding(second, (one) => one === full, other);
  const filled = performance.now();
  await disk.fill(0);
  const isIts = ({ node: name }: { node: string }) => name === full.name;
  await scene.story.next("the disk is full: no work is taken until there is room", isIts, filled);
  assert.equal((await scene.status(full)).node?.state, "full");
  await endsWell(scene, second, other);
  await servesOn(scene, full, first);

  // Of a blob: there was room for all of it when it was announced.
  await disk.empty();
  const body = Buffer.concat([await readFile(await theClip()), randomBytes(UPLOAD_BYTES)]);
  const upload = await announce(full, body.length);
  await disk.fill(ROOM_FOR_HALF);
  const bytes = async () => (await scene.status(full)).node?.bytes ?? 0;
  const before = await bytes();
  const answer = await send(upload, 0, body);
  assert.equal(answer.status, 507, await answer.text());
  const got = await offsetOf(upload);
  assert.ok(got > 0 && got < body.length, `${got} of ${body.length} bytes were kept`);
  const isFull = async () => (await scene.status(full)).node?.state === "full" || undefined;
  await until(isFull, "the node says that it is full");
  const nothingHalf = async () => {
    const left = (await readdir(join(full.data, "tmp"))).filter((name) => name.startsWith("put-"));
    return left.length === 0 || undefined;
  };
  await until(nothingHalf, "no half file is left");
  assert.ok((await bytes()) - before < LITTLE, "nothing of it is held");
  await servesOn(scene, full, first);

  // Room again: work, and what was missed.
  const emptied = performance.now();
  await disk.empty();
  await scene.story.next("there is room again", isIts, emptied, GOES_ON_MS + HEALED_MS);
  assert.equal((await send(upload, got, body)).status, 204, "the upload goes on where it stopped");
  assert.equal(await offsetOf(upload), body.length);
  const third = await scene.submit(other, "72");
  const toIt = ({ details }: { details: Record<string, unknown> }) => details["node"] === full.id;
  await scene.story.next("task granted", toIt, emptied, HEALED_MS);
  await endsWell(scene, third);
  for (const job of [second, third]) {
    await untilHeld(full, await blobsOf(scene, job));
    await servesTheManifest(scene, job);
  }
  await full.stop();
  await inAgreement(full);
}

const TUS = { "tus-resumable": "1.0.0" };

/** Begins an upload (the tus protocol 1.0, section "Creation") for a job that never comes; returns its URL. */
async function announce({ peer }: TestNode, bytes: number): Promise<string> {
  const job = Buffer.from("upload-of-row-16").toString("base64");
  const headers = { ...TUS, "upload-length": String(bytes), "upload-metadata": `job ${job}` };
  const answer = await fetch(`http://${peer}/uploads`, { method: "POST", headers });
  assert.equal(answer.status, 201, await answer.text());
  return new URL(answer.headers.get("location") ?? "", `http://${peer}`).href;
}

function send(upload: string, offset: number, body: Buffer): Promise<Response> {
  const headers = { ...TUS, "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
  return fetch(upload, { method: "PATCH", headers, body: new Uint8Array(body.subarray(offset)) });
}

async function offsetOf(upload: string): Promise<number> {
  const { headers } = await fetch(upload, { method: "HEAD", headers: TUS });
  return Number(headers.get("upload-offset"));
}

/** E: a full node serves what it holds. */
async function servesOn(scene: Scene, full: TestNode, job: TestJob): Promise<void> {
  const { files } = await manifestOf(scene, job);
  for (const [path, sha256] of Object.entries(await fetchAsset(`http://${full.http}/assets/${job.asset}`))) {
    assert.equal(sha256, files[path]?.sha256, `E: the full node serves ${path} with other bytes`);
  }
}
