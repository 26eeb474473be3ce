import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodeComplaints, shownTimes } from "../support/clips.js";
import { writeAsset } from "../support/packaged.js";
import { audioTrack, planOf, videoPlan, videoRendition } from "../support/plans.js";

const SECONDS = 10;
const FRAMES = SECONDS * 25;

/** Peak and average of one media playlist, from the sizes of its files and the definition in RFC 8216, 4.3.4.2. */
async function measuredRates(playlist: string): Promise<{ peak: number; average: number }> {
  const text = await readFile(playlist, "utf8");
  const target = Number(/TARGETDURATION:(\d+)/.exec(text)?.[1]);
  const entries = [...text.matchAll(/#EXTINF:([\d.]+),\n(.*)/g)];
  const rows = await Promise.all(
    entries.map(async ([, seconds, name]) => ({
      seconds: Number(seconds),
      bits: (await stat(join(dirname(playlist), name ?? ""))).size * 8,
    })),
  );
  const runs = rows.flatMap((_, from) => rows.map((_, to) => rows.slice(from, to + 1)));
  const rate = (run: typeof rows) => {
    const seconds = run.reduce((sum, row) => sum + row.seconds, 0);
    return { seconds, rate: run.reduce((sum, row) => sum + row.bits, 0) / seconds };
  };
  const counted = runs.map(rate).filter(({ seconds }) => seconds >= target * 0.5 && seconds <= target * 1.5);
  return { peak: Math.max(...counted.map((run) => run.rate)), average: rate(rows).rate };
}

describe("a packaged asset", function () {
  this.timeout(120_000);
  const plan = planOf(videoPlan(FRAMES, [videoRendition(180), videoRendition(90)]), [
    audioTrack(1, { title: "Tone & <beep>" }),
  ]);
  let folder: string;

  before(async () => {
    folder = await writeAsset(plan);
  });

  it("plays from the HLS master playlist without a complaint", async () => {
    assert.equal(await decodeComplaints(join(folder, "master.m3u8")), "");
  });

  it("plays from the DASH manifest without a complaint", async () => {
    assert.equal(await decodeComplaints(join(folder, "manifest.mpd")), "");
  });

  it("shows every frame once and in step with the sound, from either", async () => {
    for (const manifest of ["master.m3u8", "manifest.mpd"]) {
      const times = await shownTimes(join(folder, manifest));
      assert.deepEqual(
        times.video,
        Array.from({ length: FRAMES }, (_, frame) => (frame / 25).toFixed(6)),
      );
      assert.equal(times.audio[0], "0.000000");
    }
  });

  it("says the bit rates that its files have", async () => {
    const master = await readFile(join(folder, "master.m3u8"), "utf8");
    const manifest = await readFile(join(folder, "manifest.mpd"), "utf8");
    const audio = await measuredRates(join(folder, "audio/audio-1/media.m3u8"));
    const variants = [...master.matchAll(/BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+).*\nvideo\/(.*)\/media/g)];
    assert.equal(variants.length, 2);
    for (const [, peak, average, name] of variants) {
      const video = await measuredRates(join(folder, `video/${name}/media.m3u8`));
      // rounded up, and EXTINF has microseconds only
      assert.ok(Math.abs(Number(peak) - (video.peak + audio.peak)) <= 3, `${peak} ${video.peak + audio.peak}`);
      assert.ok(Math.abs(Number(average) - (video.average + audio.average)) <= 3);
      const bandwidth = Number(new RegExp(`id="${name}"[^>]* bandwidth="(\\d+)"`).exec(manifest)?.[1]);
      assert.ok(Math.abs(bandwidth - video.peak) <= 2);
    }
  });

  it("plays without video too", async () => {
    const audioOnly = await writeAsset(planOf(null, [audioTrack(1)]));
    assert.equal(await decodeComplaints(join(audioOnly, "master.m3u8")), "");
    assert.equal(await decodeComplaints(join(audioOnly, "manifest.mpd")), "");
  });
});
