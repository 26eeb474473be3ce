/** Three players that others wrote each play an asset with everything in it to its end, and switch all that it has. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { BrowserContext } from "playwright-core";
import { openPlayer, startBrowser } from "../support/browser.js";
import { makeAsset } from "../support/make-asset.js";
import { type Library, type PlayerSite, servePlayers } from "../support/player-page.js";
import { temporaryFolder } from "../support/temporary.js";

const SECONDS = 12;
const FREQUENCIES = [440, 880] as const;

const STREAMS: [Library, string][] = [
  ["hls.js", "master.m3u8"],
  ["dash.js", "manifest.mpd"],
  ["shaka.js", "master.m3u8"],
  ["shaka.js", "manifest.mpd"],
];

describe("an asset with two languages, subtitles and small pictures, in two codecs", function () {
  this.timeout(120_000);
  let browser: BrowserContext;
  let site: PlayerSite;

  before(async () => {
    [browser, site] = await Promise.all([startBrowser(), servePlayers(await assetFolder(await makeSource()))]);
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const [library, name] of STREAMS) {
    it(`plays from ${name} with ${library}`, async () => {
      const play = await openPlayer(browser, site.address(library, site.asset(name)));
      const [audio, text] = await play("languages");
      assert.deepEqual(
        [audio.toSorted(), text.toSorted()],
        [
          ["de", "en"],
          ["de", "en"],
        ],
      );
      assert.match((await play("speak", "en", FREQUENCIES[0])).join(), /^English \d+$/);
      assert.match((await play("speak", "de", FREQUENCIES[1])).join(), /^Deutsch \d+$/);
      await play("switchTo", 90);
      const [early, late] = [await play("thumbnail", 2.5), await play("thumbnail", 9.5)];
      assert.ok(early.red > 200 && early.blue < 60, JSON.stringify(early));
      assert.ok(late.blue > 200 && late.red < 60, JSON.stringify(late));
      await play("playToEnd");
      const { duration, errors, heights, frames } = await play("report");
      assert.ok(Math.abs(duration - SECONDS) < 0.05, `${duration} s`);
      assert.deepEqual({ errors, heights }, { errors: [], heights: [180, 90] });
      assert.equal(frames.corrupted, 0);
    });
  }
});

/** Red, then blue, a little uneven; a tone a language, and subtitles that say in which second they begin. */
async function makeSource(): Promise<string> {
  const folder = await temporaryFolder();
  const half = (colour: string) => `color=${colour}:s=320x180:r=25:d=${SECONDS / 2}`;
  const picture = `${half("red")}[a];${half("blue")}[b];[a][b]concat=n=2,noise=alls=20:allf=t`;
  const tones = FREQUENCIES.map((frequency) => `sine=frequency=${frequency}:sample_rate=48000:duration=${SECONDS}`);
  const inputs = [picture, ...tones].flatMap((source) => ["-f", "lavfi", "-i", source]);
  for (const title of ["English", "Deutsch"]) {
    const file = join(folder, `${title}.srt`);
    await writeFile(file, subtitles(title));
    inputs.push("-i", file);
  }
  const maps = [0, 1, 2, 3, 4].flatMap((input) => ["-map", String(input)]);
  const languages = ["eng", "ger"].flatMap((language, index) => {
    const name = `language=${language}`;
    return [`-metadata:s:a:${index}`, name, `-metadata:s:s:${index}`, name];
  });
  const encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  const source = join(folder, "film.mkv");
  await promisify(execFile)("ffmpeg", [
    "-nostdin",
    "-v",
    "error",
    ...inputs,
    ...maps,
    ...languages,
    ...encoders,
    source,
  ]);
  return source;
}

function subtitles(title: string): string {
  const time = (seconds: number) => `00:00:${seconds.toFixed(3).padStart(6, "0").replace(".", ",")}`;
  const starts = Array.from({ length: SECONDS / 2 }, (_, index) => 2 * index);
  return starts
    .map((start, index) => `${index + 1}\n${time(start)} --> ${time(start + 1.9)}\n${title} ${start}\n`)
    .join("\n");
}

/** The files of the asset that the tasks make of a source. */
async function assetFolder(source: string): Promise<string> {
  const { manifest, read, store } = await makeAsset(source, { ladder: [180, 90], codecs: ["h264", "vp9"] });
  const folder = await temporaryFolder();
  for (const path of Object.keys(manifest.files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), await read(path));
  }
  await store.close();
  return folder;
}
