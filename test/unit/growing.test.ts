import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { manifestTexts } from "../../src/core/asset-files.js";
import { playableSoFar } from "../../src/core/growing.js";
import type { JobRecord } from "../../src/core/job-record.js";
import type { Plan } from "../../src/core/media.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import { plannedTasks } from "../../src/core/plan.js";
import { playableSeconds } from "../../src/core/playable.js";
import { encodeResult, entry, planned, submitted } from "../support/facts.js";
import { audioTrack, listingsOf, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";

/** Five segments of 2 s in chunks of 4, 4 and 2 s, each once in H.264 and once in VP9. */
const renditions = [videoRendition(180), { ...videoRendition(180), name: "180p-vp9", codec: "vp9" as const }];
const plan: Plan = { ...planOf(videoPlan(250, renditions), [audioTrack(1)]), subtitles: [subtitleTrack(1)] };
const TRACKS = ["audio-1", "subtitles-1"];
const TIMES = { since: "2026-01-01T00:00:00.000Z", now: "2026-01-01T00:01:00.000Z" };

/** A name with "~3" behind it: the first three segments of a task that is not finished. */
function soFar(...tasks: string[]) {
  const wanted = new Map(tasks.map((task) => [task.split("~")[0], task.split("~")[1]]));
  const listed = listingsOf(plan).flatMap(({ task, media }) => {
    if (!wanted.has(task)) return [];
    const count = wanted.get(task);
    const renditions = media.renditions.map((one) => ({
      ...one,
      segments: one.segments.slice(0, Number(count ?? 99)),
    }));
    return [{ task, media: { ...media, renditions }, isPart: count !== undefined }];
  });
  return playableSoFar(plan, listed);
}

function jobWith(...tasks: string[]): JobRecord {
  const mesh = emptyMeshState();
  const { jobPlanned } = planned("j1");
  const result = jobPlanned.result && { ...jobPlanned.result, seconds: 10, tasks: plannedTasks(plan) };
  const facts = [
    submitted("j1"),
    { kind: "jobPlanned" as const, jobPlanned: { ...jobPlanned, result } },
    ...tasks.map((task) => {
      const taskDone = { job: "j1", task, result: encodeResult("j1", task), nodeId: "a" };
      return { kind: "taskDone" as const, taskDone };
    }),
  ];
  for (const [index, fact] of facts.entries()) applyEntry(mesh, index + 1, entry(fact));
  return mesh.jobs.get("j1") as JobRecord;
}

describe("an asset that is still being encoded", () => {
  it("begins when every rendition has the first chunk and the sound has a beginning", () => {
    assert.equal(soFar("chunk-000001", "chunk-000001-vp9", "subtitles-1"), undefined);
    assert.equal(soFar("chunk-000001", ...TRACKS), undefined);
    assert.equal(soFar("chunk-000002", "chunk-000002-vp9", ...TRACKS), undefined);
    const begun = soFar("chunk-000001", "chunk-000001-vp9", ...TRACKS);
    assert.equal(begun?.seconds, 4);
    assert.deepEqual(
      begun?.made.renditions.map(({ name, segments }) => [name, segments.length]),
      [...renditions.map(({ name }) => [name, 2]), ["audio-1", 2], ["subtitles-1", 2]],
    );
  });

  it("goes no further than the sound that is played first, and waits for nothing beside it", () => {
    const chunks = ["chunk-000001", "chunk-000001-vp9", "chunk-000002", "chunk-000002-vp9"];
    const begun = soFar(...chunks, "audio-1~3");
    assert.equal(begun?.seconds.toFixed(2), "6.02"); // three segments of sound
    assert.deepEqual(
      begun?.made.renditions.map(({ name, segments }) => [name, segments.length]),
      [...renditions.map(({ name }) => [name, 3]), ["audio-1", 3]],
    );
    const texts = manifestTexts(begun.made, { ...begun.growth, ...TIMES });
    assert.doesNotMatch(texts["master.m3u8"] ?? "", /SUBTITLES/);
    assert.equal(soFar(...chunks, "audio-1~5")?.seconds, 8);
    assert.equal(soFar("chunk-000001", "chunk-000001-vp9", "audio-1~5")?.seconds, 4);
  });

  it("offers other sound as far as it goes, under the number that it will have", () => {
    const three: Plan = {
      ...plan,
      audio: [audioTrack(1, { default: false }), audioTrack(2, { default: true }), audioTrack(3)],
    };
    const sets = (...tasks: [string, number][]) => {
      const wanted = new Map(tasks);
      const listed = listingsOf(three).flatMap(({ task, media }) => {
        const count = task.startsWith("chunk") ? 5 : (wanted.get(task) ?? 0);
        const parts = media.renditions.map((one) => ({ ...one, segments: one.segments.slice(0, count) }));
        return count === 0 ? [] : [{ task, media: { ...media, renditions: parts }, isPart: count < 5 }];
      });
      const found = playableSoFar(three, listed);
      assert.ok(found);
      const manifest = manifestTexts(found.made, { ...found.growth, ...TIMES })["manifest.mpd"] ?? "";
      const pattern = /<AdaptationSet id="(\d)" contentType="audio"[\s\S]*?<S t="0" d="\d+"(?: r="(\d)")?/g;
      return [...manifest.matchAll(pattern)].map(([, id, more = 0]) => [Number(id), Number(more) + 1]);
    };
    assert.deepEqual(sets(["audio-2", 3]), [[3, 3]]);
    assert.deepEqual(sets(["audio-2", 4], ["audio-3", 2]), [[3, 4], [4, 2]]); // biome-ignore format: rows
    assert.deepEqual(sets(["audio-1", 1], ["audio-2", 5], ["audio-3", 5]), [[2, 1], [3, 5], [4, 5]]); // biome-ignore format: rows
  });

  it("goes as far as all renditions have it without a gap", () => {
    const chunks = ["chunk-000001", "chunk-000001-vp9", "chunk-000003", "chunk-000003-vp9", "chunk-000002"];
    assert.equal(soFar(...chunks, ...TRACKS)?.seconds, 4);
    const whole = soFar(...chunks, "chunk-000002-vp9", ...TRACKS);
    assert.equal(whole?.seconds, 10);
    assert.deepEqual(whole?.made.renditions, assembleAsset(plan, listingsOf(plan)).renditions);
  });

  it("has playlists that the whole one's begin with, segment by segment", () => {
    const begun = soFar("chunk-000001", "chunk-000001-vp9", ...TRACKS);
    assert.ok(begun);
    const growing = manifestTexts(begun.made, { ...begun.growth, ...TIMES });
    const whole = manifestTexts(assembleAsset(plan, listingsOf(plan)));
    assert.deepEqual(Object.keys(growing), Object.keys(whole));
    for (const path of Object.keys(growing).filter((one) => /\/(media|iframes)\.m3u8$/.test(one))) {
      const early = growing[path]?.replace("EVENT\n#EXT-X-START:TIME-OFFSET=0", "VOD") ?? "";
      assert.ok(early.length > 100 && whole[path]?.startsWith(early), `${path}: ${early}`);
    }
    assert.match(growing["manifest.mpd"] ?? "", /type="dynamic"[\s\S]*<S t="0" d="50000" r="1"\/>/);
    assert.match(growing["master.m3u8"] ?? "", /BANDWIDTH=1003990,CODECS/);
  });

  it("is told of by the plan's tasks, and what is there of them, alone", () => {
    assert.equal(playableSeconds(jobWith()), 0);
    assert.equal(playableSeconds(jobWith("chunk-000001", "chunk-000001-vp9")), 0);
    const begun = jobWith("chunk-000001", "chunk-000001-vp9");
    begun.grown.set("audio-1", { seconds: 3, result: encodeResult("j1", "audio-1"), nodeId: "a" });
    assert.equal(playableSeconds(begun), 3);
    assert.equal(playableSeconds(jobWith("chunk-000001", ...TRACKS)), 0);
    assert.equal(playableSeconds(jobWith("chunk-000001", "chunk-000001-vp9", "chunk-000002", ...TRACKS)), 4);
    const all = plannedTasks(plan).map(({ name }) => name);
    assert.equal(playableSeconds(jobWith(...all, ...TRACKS)), 10);
    assert.equal(playableSeconds({ ...jobWith(...all, ...TRACKS), state: "failed" }), 0);
  });
});
