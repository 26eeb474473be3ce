/** Films that are added: by the command line or by tus, to any node, and followed until they are assets. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Upload } from "tus-js-client";
import { services } from "../../../src/node/proto.js";
import { reelmesh } from "../../support/mesh.js";
import { until } from "../../support/until.js";
import { type Made, readMade } from "./made.js";
import type { Soak } from "./soak.js";
import type { Source } from "./sources.js";

/** Seconds from one film to the next. */
const PAUSE: [number, number] = [9, 21];
/** Films under way at once. */
const MOST = 2;
/** How long what a user does may fail, as nodes are killed under it, and how long a film may take in all. */
const PATIENCE_MS = 120_000;
const JOB_MS = 240_000;
const ASK_MS = 5_000;
const LOOK_SECONDS = 1;

/** Few, so that some films give the same files as others, and share their blobs. */
const LADDERS = [[90], [90, 54], [72]];
const SEGMENTS = [2, 4];

interface Wish {
  source: Source;
  ladder: number[];
  segment: number;
  /** Picks the node. */
  draw: number;
  byTus: boolean;
  id: string;
}

export async function addFilms(soak: Soak, sources: Source[]): Promise<void> {
  const chance = soak.chance("adding");
  const under = new Set<Promise<void>>();
  let number = 0;
  await soak.repeat("adding", async () => {
    const wish: Wish = {
      source: chance.pick(sources),
      ladder: chance.pick(LADDERS),
      segment: chance.pick(SEGMENTS),
      draw: chance.next(),
      byTus: chance.chance(0.5),
      id: `soak-${soak.seed}-${++number}`,
    };
    const seconds = chance.between(...PAUSE);
    const one = add(soak, wish)
      .catch((error: unknown) => soak.trouble(`film ${number}: ${error}`))
      .finally(() => under.delete(one));
    under.add(one);
    await soak.pause(seconds);
    if (under.size >= MOST) await Promise.race(under);
  });
  // What was begun comes to its end.
  await Promise.all(under);
}

async function add(soak: Soak, wish: Wish): Promise<void> {
  const job = await (wish.byTus ? sendByTus(soak, wish) : sendByCommand(soak, wish));
  soak.count("added");
  const { asset, packager } = await done(soak, job);
  const node = () => soak.nodes.find(({ name, ready }) => name === packager && ready);
  let problem: unknown;
  const read = async () => {
    const from = node();
    if (from === undefined) return undefined;
    return readMade(`http://${from.http}/assets/${asset}`).catch((error: unknown) => {
      problem = error;
      return undefined;
    });
  };
  const files = await until(read, `${asset} is read from ${packager}`, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`${error}: ${problem}`);
  });
  const made: Made = { asset, job, files, frames: wish.source.frames, availableAt: undefined, leaving: false };
  soak.live.set(asset, made);
}

/** As a user would: again, also at another node, with the same id. */
async function sendByCommand(soak: Soak, { source, ladder, segment, draw, id }: Wish): Promise<string> {
  const options = ["--ladder", ladder.join(), "--segment", String(segment), "--preset", "ultrafast", "--id", id];
  let said = "";
  const send = async () => {
    const words = ["submit", source.file, "--json", "--node", soak.living(draw).grpc, ...options];
    const { code, stdout, stderr } = await reelmesh(...words);
    said = stdout + stderr;
    return code === 0 ? id : undefined;
  };
  return until(send, `film ${id} is taken`, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`${error}: ${said}`);
  });
}

/** The upload becomes a job by itself, whose id is the upload's. It goes on when the node is there again. */
async function sendByTus(soak: Soak, { source, ladder, segment, draw }: Wish): Promise<string> {
  const content = await readFile(source.file);
  const options = JSON.stringify({ ladder, segmentSeconds: segment, preset: "ultrafast" });
  const url = await new Promise<string | null>((resolve, reject) => {
    const upload: Upload = new Upload(content as never, {
      endpoint: `http://${soak.living(draw).peer}/uploads`,
      uploadSize: content.length,
      retryDelays: Array.from({ length: PATIENCE_MS / 2_000 }, () => 2_000),
      metadata: { filename: basename(source.file), options },
      onError: reject,
      onSuccess: () => resolve(upload.url),
    });
    upload.start();
  });
  return new URL(url ?? "").pathname.slice("/uploads/".length);
}

/** Waits for the job's end, whichever node can tell of it. */
async function done(soak: Soak, job: string): Promise<{ asset: string; packager: string }> {
  const look = async () => {
    const { grpc } = soak.living(Math.random());
    const asked = { job, forwarded: false };
    const view = await soak.clients.call(grpc, services.Jobs.Get, asked, { deadlineMs: ASK_MS }).catch(() => undefined);
    if (view === undefined || Number(view.endedMs) === 0) return undefined;
    // A node that has only just come has not heard the others' names.
    const { node } = view.finished.find(({ task }) => task === "package") ?? {};
    return view.state === "done" && !soak.nodes.some(({ name }) => name === node) ? undefined : view;
  };
  const view = await until(look, `job ${job} ends`, JOB_MS, LOOK_SECONDS * 1000);
  assert.equal(view.state, "done", `A: job ${job} has ${view.state}: ${view.reason}`);
  const packager = view.finished.find(({ task }) => task === "package")?.node;
  return { asset: view.asset, packager: packager ?? assert.fail(`nobody has packaged ${job}`) };
}
