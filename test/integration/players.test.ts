/** Three players that others wrote each play an asset with everything in it to its end, and switch all that it has. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { BrowserContext } from "playwright-core";
import { type Listener, listen } from "../../src/node/http/listen.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { openPage, openPlayer, openWatchPage, startBrowser, untilVideo } from "../support/browser.js";
import { type AloneAsset, makeAsset } from "../support/make-asset.js";
import { type Library, type PlayerSite, servePlayers } from "../support/player-page.js";
import { temporaryFolder } from "../support/temporary.js";

const SECONDS = 12;
const FREQUENCIES = [440, 880] as const;

const LANGUAGES = ["English", "German"];

const STREAMS: [Library, string][] = [
  ["hls.js", "master.m3u8"],
  ["dash.js", "manifest.mpd"],
  ["shaka.js", "master.m3u8"],
  ["shaka.js", "manifest.mpd"],
];

/** In the page: the cues that are on the screen. */
const SHOWN =
  "[...video.textTracks].flatMap(({ mode, activeCues }) => mode === 'showing' ? [...(activeCues ?? [])] : [])";

describe("an asset with two languages, subtitles and small pictures, in two codecs", function () {
  this.timeout(300_000);
  let browser: BrowserContext;
  let site: PlayerSite;

  let made: AloneAsset;
  let folder: string;
  let viewers: Listener;

  before(async () => {
    made = await makeAsset(await makeSource(), { ladder: [180, 90], codecs: ["h264", "vp9"] });
    folder = await assetFolder(made);
    [browser, site, viewers] = await Promise.all([startBrowser(), servePlayers(folder), serve(made)]);
  });

  after(async () => {
    await browser?.close();
    await site?.close();
    await viewers?.close();
    await made?.store.close();
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
      // Subtitles that are chosen when there is nothing more to fetch of the picture are shown as well.
      await play("bufferAll");
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

  it("shows forced subtitles of the language that is spoken with shaka.js, though nobody chose them", async () => {
    const master = Buffer.from(await made.read("master.m3u8")).toString();
    await writeFile(
      join(folder, "forced.m3u8"),
      master.replace(/(TYPE=SUBTITLES.*LANGUAGE="en".*)FORCED=NO/, "$1FORCED=YES"),
    );
    const { page } = await openPage(browser, "");
    await page.goto(site.address("shaka.js", site.asset("forced.m3u8")));
    await page.evaluate("player.languages()");
    await page.evaluate("video.loop = true, video.play()");
    await untilVideo(page, `${SHOWN}.some(({ text }) => /^English \\d+$/.test(text))`);
    await page.close();
  });

  it("plays on the watch page with its menus, small pictures and keys", async () => {
    const { page, complaints } = await openPage(browser, viewers.address);
    await openWatchPage(page, `http://${viewers.address}/watch/${made.manifest.asset}`);
    const options = (id: string) => page.locator(`#${id} option`).allTextContents();
    assert.match((await options("quality")).join(), /^Auto( \(\d+p\))?,180p,90p$/);
    assert.deepEqual([await options("audio"), await options("subtitles")], [LANGUAGES, ["Off", ...LANGUAGES]]);
    assert.equal(await page.evaluate("document.querySelector('#subtitles select').selectedIndex"), 0);

    // Every part has a name, and can be reached with the tab key.
    const named: string[] = [];
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press("Tab");
      const focused =
        "(({ ariaLabel, labels }) => ariaLabel ?? labels[0].firstChild.textContent.trim())(document.activeElement)";
      named.push(await page.evaluate(focused));
    }
    assert.deepEqual(named, ["Seek", "Play", "Mute", "Volume", "Quality", "Audio", "Subtitles", "Full screen"]);
    await page.evaluate("document.activeElement.blur()");

    await page.keyboard.press("Space");
    await untilVideo(page, "video.currentTime > 0.5 && !video.paused");
    // Subtitles that are chosen when there is nothing more to fetch of the picture are shown as well.
    await page.evaluate("document.querySelector('video').loop = true");
    await untilVideo(page, "buffered().some(([, end]) => end > video.duration - 0.1)");
    await page.keyboard.press("c");
    await untilVideo(page, `${SHOWN}.some(({ text }) => /^English \\d+$/.test(text))`);
    await page.keyboard.press("c");
    await page.keyboard.press("Space");
    await untilVideo(page, "video.paused");
    await page.keyboard.press("5");
    await untilVideo(page, `Math.abs(video.currentTime - ${SECONDS / 2}) < 0.1`);
    await page.keyboard.press("ArrowLeft");
    await untilVideo(page, `Math.abs(video.currentTime - ${SECONDS / 2 - 5}) < 0.1`);
    await page.keyboard.press("m");
    assert.equal(await page.evaluate("document.querySelector('video').muted"), true);
    await page.waitForSelector('#mute[aria-label="Sound on"]', { state: "attached" });
    await page.keyboard.press("f");
    await page.waitForFunction("document.fullscreenElement !== null");
    await page.keyboard.press("f");
    await page.waitForFunction("document.fullscreenElement === null");
    await page.keyboard.press("c");
    await page.waitForFunction("document.querySelector('#subtitles select').selectedIndex > 0");

    await page.selectOption("#subtitles select", { label: LANGUAGES[1] ?? "" });
    await page.selectOption("#audio select", { label: LANGUAGES[1] ?? "" });
    await page.selectOption("#quality select", { label: "90p" });
    await page.keyboard.press("Escape");
    await page.click("#play");
    await untilVideo(page, "video.videoHeight === 90");
    await untilVideo(page, `${SHOWN}.some(({ text }) => /^Deutsch \\d+$/.test(text))`);
    await page.waitForFunction("document.querySelector('#audio select').selectedIndex === 1");
    await page.evaluate("document.querySelector('video').loop = false");

    const bar = await page.locator("#seek").boundingBox();
    assert.ok(bar !== null);
    await page.mouse.move(bar.x + bar.width * 0.8, bar.y + bar.height / 2);
    await page.waitForSelector("#preview:not([hidden])");
    const shown = await page.evaluate("document.querySelector('#preview').style.backgroundImage");
    assert.match(String(shown), /^url\("blob:/);
    await untilVideo(page, "video.ended");
    assert.equal(await page.textContent("#message"), "");
    assert.deepEqual(complaints, []);
    await page.close();
  });
});

/** The node's own pages over the asset. */
function serve({ manifest, store }: AloneAsset): Promise<Listener> {
  const { asset } = manifest;
  const summary = { asset, name: "film", job: "", seconds: SECONDS, bytes: 0, files: 0, renditions: [], finishedMs: 0 };
  const service = viewersService({
    list: () => [{ ...summary, held: true }],
    manifest: async (name) => (name === asset ? manifest : undefined),
    file: ({ sha256 }) => store.blobs.path(sha256),
    growing: async () => undefined,
    growingFile: () => assert.fail(),
  });
  return listen(service, { host: "127.0.0.1", port: 0, report: (error) => assert.fail(error) });
}

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

/** The asset's files as files. */
async function assetFolder({ manifest, read }: AloneAsset): Promise<string> {
  const folder = await temporaryFolder();
  for (const path of Object.keys(manifest.files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), await read(path));
  }
  return folder;
}
