import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSamples } from "../../src/core/fragment-reader.js";
import type { Plan, VideoPlan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import { videoTasks } from "../../src/core/video-tasks.js";
import type { JobOptions } from "../../src/core/work.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { chooseRates } from "../../src/node/tasks/choose-rates.js";
import { makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const media = createMediaTools();
const { signal } = new AbortController();
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10"];

/** The plan that the planner would make of a source. */
async function choose(
  source: string,
  wanted: Partial<JobOptions>,
  tools: Parameters<typeof chooseRates>[0] = media,
  chunkSeconds?: number,
): Promise<{ plan: Plan; folder: string }> {
  const folder = await temporaryFolder();
  const prepared = await media.prepare(source, "film", folder, signal);
  const options = { ...DEFAULT_OPTIONS, preset: "ultrafast", ...wanted };
  const input = { ...prepared, job: "j", source: { sha256: "0".repeat(64), bytes: 1 }, options };
  const sampled = () => buildPlan({ ...input, chunkSeconds: options.segmentSeconds });
  const whole = buildPlan(chunkSeconds === undefined ? input : { ...input, chunkSeconds });
  return { plan: await chooseRates(tools, whole, sampled, source, folder, signal), folder };
}

/** Bits a second of the tallest rendition, all of it encoded as planned. */
async function rateOf({ plan, folder }: { plan: Plan; folder: string }, source: string): Promise<number> {
  const video = plan.video as VideoPlan;
  let bits = 0;
  for (const task of videoTasks(video)) {
    const cut = join(folder, "cut.nut");
    await media.cut(plan, task.name, source, cut, signal);
    const { files } = await media.encodeVideo(plan, task, cut, folder, { signal, onProgress: () => {} });
    const { samples } = readSamples(await readFile(files[video.renditions[0]?.name ?? ""] as string));
    const { leadFrames, frames } = task.chunk;
    for (const { data } of samples.slice(leadFrames, leadFrames + frames)) bits += data.length * 8;
  }
  return bits / plan.seconds;
}

describe("rates and ladders by samples", function () {
  this.timeout(300_000);

  it("reach a bit rate within 15% on a film of quiet and busy parts", async () => {
    // busy for 7 s of 20, quiet for the rest
    const noise = "noise=alls=40:allf=t:enable='lt(mod(t,20),7)'";
    const source = await makeSource("mixed.mp4", ...picture(100, "5"), "-vf", noise, ...x264);
    const target = 120_000;
    const chosen = await choose(source, { bitrate: target, ladder: [96] });
    const [note = ""] = chosen.plan.notes;
    assert.match(note, /^chose crf [\d.]+ for 120 kbit\/s in 96p: it took \d+ kbit\/s in samples of 32 s of 100 s$/);
    const rate = await rateOf(chosen, source);
    assert.ok(Math.abs(rate / target - 1) < 0.15, `${Math.round(rate)} bits a second: ${note}`);
  });

  it("are all of a short film, with nothing encoded to be thrown away", async () => {
    const source = await makeSource("short.mp4", ...picture(30, "5"), ...x264);
    let encodes = 0;
    const watched = {
      cut: media.cut.bind(media),
      throughSize: media.throughSize.bind(media),
      encodeVideo: (...words: Parameters<typeof media.encodeVideo>) => {
        const [, { chunk }] = words;
        assert.deepEqual([chunk.frames, chunk.leadFrames, chunk.tailFrames], [150, 0, 0]);
        encodes++;
        return media.encodeVideo(...words);
      },
    };
    const { plan } = await choose(source, { bitrate: 60_000, ladder: [96] }, watched, Number.MAX_SAFE_INTEGER);
    assert.ok(encodes > 1 && encodes <= 4, `${encodes}`);
    assert.match(plan.notes.join(), /in samples of 30 s of 30 s/);
  });

  it("leave out rungs that are no sharper than the next one", async () => {
    const enlarged = ["-vf", "scale=426:240:flags=bicubic,scale=640:360:flags=bicubic", "-crf", "5"];
    const source = await makeSource("soft.mp4", ...picture(3, "5", "213x120"), ...enlarged, ...x264);
    const { plan } = await choose(source, { autoLadder: true });
    assert.deepEqual(
      plan.video?.renditions.map(({ name }) => name),
      ["240p"],
    );
    assert.match(plan.notes.join("\n"), /left out 360p: the source is no sharper than 240p.*\nthe ladder is 240p/);
  });

  it("leave everything as it is where nothing was asked for", async () => {
    const source = await makeSource("plain.mp4", ...picture(2, "5"), ...x264);
    assert.deepEqual((await choose(source, {})).plan.notes, []);
  });
});
