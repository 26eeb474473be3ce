/** A flash and a click at the same moment, all over a film: what viewers get has them together, in every format. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { after, before, describe, it } from "mocha";
import { type AloneAsset, makeAsset } from "../support/make-asset.js";
import { type AssetServer, serveAsset } from "../support/serve-asset.js";
import { clicks, makeSource, soundOnsets } from "../support/sources.js";

const SECONDS = 32;
/** As in `clicks`. */
const MOMENTS = [1, 6, 11, 16, 21, 26, 31];
const MOST_SECONDS = 0.005;

describe("sound and picture", function () {
  this.timeout(60_000);
  let asset: AloneAsset;
  let server: AssetServer;

  before(async () => {
    const flash = "drawbox=color=white:thickness=fill:enable='lt(mod(t-1,5),0.02)*gte(t,1)'";
    const picture = ["-f", "lavfi", "-i", `color=black:size=160x96:rate=25:duration=${SECONDS},${flash}`];
    const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"];
    const late = ["-c:a", "aac", "-output_ts_offset", "10"];
    asset = await makeAsset(await makeSource("film.ts", ...picture, ...clicks(SECONDS), ...x264, ...late));
    assert.equal(asset.plan.video?.chunks.length, 2);
    server = await serveAsset(asset);
  });

  after(async () => {
    await server?.close();
    await asset?.store.close();
  });

  for (const name of ["master.m3u8", "manifest.mpd", "download.mp4"]) {
    it(`are in step from beginning to end in ${name}`, async () => {
      const url = `http://${server.address}/assets/film/${name}`;
      const [heard, seen] = await Promise.all([soundOnsets(url), flashes(url)]);
      assert.deepEqual([heard.length, seen.length], [MOMENTS.length, MOMENTS.length], `${heard}; ${seen}`);
      for (const [place, moment] of MOMENTS.entries()) {
        const [sound = Number.NaN, picture = Number.NaN] = [heard[place], seen[place]];
        assert.ok(Math.abs(sound - moment) < MOST_SECONDS, `a click at ${sound} s, and not at ${moment}`);
        assert.ok(Math.abs(sound - picture) < MOST_SECONDS, `a click at ${sound} s and its flash at ${picture}`);
      }
    });
  }
});

/** Seconds at which bright frames are shown, by the file's own time stamps. */
async function flashes(url: string): Promise<number[]> {
  const bright =
    "signalstats,metadata=select:key=lavfi.signalstats.YAVG:value=128:function=greater,metadata=print:file=-";
  const args = ["-nostdin", "-v", "error", "-copyts", "-i", url, "-map", "0:v:0", "-vf", bright];
  const { stdout } = await promisify(execFile)("ffmpeg", [...args, "-f", "null", "-"]);
  return [...stdout.matchAll(/pts_time:([\d.]+)/g)].map(([, seconds]) => Number(seconds));
}
