import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import { finishInit } from "../../src/core/init-segment.js";
import { bucketRun, keepsLimits } from "../../src/core/leaky-bucket.js";
import type { VideoPlan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import { videoTasks } from "../../src/core/video-tasks.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { keepCaps } from "../../src/node/tasks/keep-caps.js";
import { makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const media = createMediaTools();
const { signal } = new AbortController();
const quiet = { signal, onProgress: () => {} };

describe("caps", function () {
  this.timeout(300_000);

  it("are kept by encoding again what goes beyond them, with the same init segment", async () => {
    // every frame is new
    const noise = ["-vf", "noise=alls=90:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "1"];
    const source = await makeSource("noise.mp4", ...picture(4, "10"), ...noise, "-pix_fmt", "yuv420p");
    const folder = await temporaryFolder();
    const { summary, index } = await media.prepare(source, "film", folder, signal);
    const codecs = ["h264", "hevc", "av1", "vp9"];
    const options = { ...DEFAULT_OPTIONS, ladder: [96], codecs, preset: "ultrafast", crf: 20 };
    const plan = buildPlan({ job: "j", source: { sha256: "0".repeat(64), bytes: 1 }, summary, index, options });
    const video = plan.video as VideoPlan;
    for (const task of videoTasks(video)) {
      const cut = join(folder, "cut.nut");
      await media.cut(plan, task.name, source, cut, signal);
      const uncapped = task.renditions.map((one) => ({ ...one, maxBitrate: 10e6, bufferBits: 20e6 }));
      const { files } = await media.encodeVideo(plan, { ...task, renditions: uncapped }, cut, folder, quiet);
      const [rendition] = task.renditions;
      const file = files[rendition?.name ?? ""];
      assert.ok(rendition && file !== undefined);
      const init = finishInit(splitInit(await readFile(file)).init, video, rendition);
      assert.equal(await isWithin(file, rendition), false, `${task.name} goes beyond its cap`);

      assert.deepEqual(await keepCaps(media, plan, task, cut, folder, files, signal), [rendition.name]);
      assert.equal(await isWithin(file, rendition), true, `${task.name} keeps its cap`);
      assert.ok(
        Buffer.from(finishInit(splitInit(await readFile(file)).init, video, rendition)).equals(init),
        `init segment of ${task.name}`,
      );
      assert.deepEqual(await keepCaps(media, plan, task, cut, folder, files, signal), []);
    }
  });
});

async function isWithin(file: string, limits: { maxBitrate: number; bufferBits: number }): Promise<boolean> {
  const { timescale, samples } = readSamples(await readFile(file));
  const frames = samples.map(({ data, duration }) => ({ bits: data.length * 8, seconds: duration / timescale }));
  return keepsLimits(bucketRun(frames, limits), limits, { first: true, last: true });
}
