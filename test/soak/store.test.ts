/**
 * Half an hour (REELMESH_SOAK_MINUTES) of a mesh of five nodes to which everything happens that befalls stores: films are
 * added and removed, nodes and NATS servers killed, indexes damaged, and files flipped, cut, deleted and replaced, while
 * viewers read. What is decided follows from one seed; REELMESH_SEED=N decides the same again, though not at the same
 * moments. What must hold meanwhile is in store/reading.ts, what must hold afterwards in store/afterwards.ts.
 */
import assert from "node:assert/strict";
import { addFilms } from "./store/adding.js";
import * as afterwards from "./store/afterwards.js";
import { harmFiles } from "./store/harming.js";
import { killNodes } from "./store/killing.js";
import { type Holdings, holdings, wentBack } from "./store/meter.js";
import { readFiles, watchCopies } from "./store/reading.js";
import { removeAssets } from "./store/removing.js";
import { Soak } from "./store/soak.js";
import { makeSources } from "./store/sources.js";
import { summary, tellMinutes } from "./store/telling.js";

const MINUTES = Number(process.env["REELMESH_SOAK_MINUTES"] ?? 30);
const SEED = Number(process.env["REELMESH_SEED"] ?? Math.floor(Math.random() * 1_000_000));
const VIEWERS = 2;
/** When the memory is measured that the memory at the end is compared with: minutes, at most a share of all. */
const EARLY_MINUTES = 3;
const EARLY_SHARE = 0.3;

describe("five stores to which everything happens", function () {
  this.timeout(0);
  let soak: Soak;
  let start: Holdings;
  let early: Holdings;

  before(async () => {
    console.log(`      REELMESH_SEED=${SEED}, ${MINUTES} minutes`);
    soak = await Soak.open(SEED);
    start = await holdings(soak);
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await soak.keepLogs();
  });

  after(async () => {
    await soak?.close();
  });

  it("serve what was made meanwhile", async () => {
    const sources = await makeSources();
    const timer = setTimeout(() => soak.stop(), MINUTES * 60_000);
    const measure = async () => {
      await soak.pause(Math.min(EARLY_MINUTES, MINUTES * EARLY_SHARE) * 60);
      early = await holdings(soak);
    };
    const viewers = Array.from({ length: VIEWERS }, (_, viewer) => readFiles(soak, viewer));
    const disturbers = [removeAssets(soak), killNodes(soak), harmFiles(soak), tellMinutes(soak), measure()];
    await Promise.all([addFilms(soak, sources), watchCopies(soak), ...viewers, ...disturbers]);
    clearTimeout(timer);
    console.log(`      done: ${summary(soak)}`);
    assert.deepEqual(soak.troubles, []);
  });

  it("come to rest, compare everything, and serve all of it on every node, and nothing that was removed", async () => {
    const since = Date.now();
    await afterwards.settles(soak);
    await afterwards.scrubbed(soak, since);
    const bytes = await afterwards.servesWhatWasMade(soak);
    await afterwards.removedIsGone(soak);
    console.log(
      `      ${bytes} bytes of ${soak.live.size} assets are what was made, on each of ${soak.nodes.length} nodes`,
    );
  });

  it("hold no more memory and descriptors than before", async () => {
    console.log(`      at the start, after some minutes, at the end: ${await wentBack(soak, start, early)}`);
  });

  it("hold the files of the assets that live, in agreement with their indexes, and no other", async () => {
    const files = await afterwards.nothingElseIsHeld(soak);
    await afterwards.agreesOnDisk(soak);
    console.log(`      ${files} files on each node`);
  });
});
