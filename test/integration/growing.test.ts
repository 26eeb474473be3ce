/** An asset is watched while two nodes still encode it, its sound too, at a third one that does none of the work. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { BrowserContext } from "playwright-core";
import { complaints, decodedFrames, fetchAsset, makeClip, playlistSeconds } from "../support/assets.js";
import {
  eventually,
  openPage,
  openPlayer,
  openWatchPage,
  type Play,
  startBrowser,
  untilVideo,
} from "../support/browser.js";
import { type FfmpegWrapper, wrapFfmpeg } from "../support/ffmpeg-wrapper.js";
import { readPlaylist } from "../support/manifest-parsers.js";
import { reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import { environment, PROGRAM, type TestNode } from "../support/node.js";
import { type PlayerSite, servePlayers } from "../support/player-page.js";
import { temporaryFolder } from "../support/temporary.js";

const SECONDS = 60;
const FRAMES = SECONDS * 25;
/** Of media that an encode reads a second: a chunk of 20 s takes 7 s. */
const PACE = 3;
/** Share of the sound that is encoded before the test says that the rest may be. */
const HELD = 0.5;
/** On a machine that has other work. */
const SLACK_MS = 60_000;

describe("an asset that is still being encoded", function () {
  this.timeout(300_000);
  let nodes: TestNode[] = [];
  let ffmpeg: FfmpegWrapper;
  let browser: BrowserContext;
  let site: PlayerSite;
  let clip = "";

  before(async () => {
    clip = join(await temporaryFolder(), "film.mp4");
    await makeClip(clip, SECONDS, "160x90");
    ffmpeg = await wrapFfmpeg(PACE, ":", HELD);
    [browser, site, nodes] = await Promise.all([
      startBrowser(),
      servePlayers(),
      startMesh(3, () => ({ env: ffmpeg.env })),
    ]);
    const paused = await reelmesh("node", "pause", "--node", (nodes[2] as TestNode).grpc);
    assert.equal(paused.code, 0, paused.stderr);
  });

  after(async () => {
    await browser?.close();
    await site?.close();
    await stopMesh(nodes);
  });

  it("plays on any node from its first chunk on, while its sound is being encoded, and is the whole one's beginning byte by byte", async () => {
    const [first, , third] = nodes as [TestNode, TestNode, TestNode];
    const { job, asset } = await submit(clip, first);
    const watcher = watch(job, third);
    const playlist = await watcher.playable;
    const base = `http://${third.http}/assets/${asset}`;
    assert.equal(playlist, `${base}/master.m3u8`);
    await answered(playlist);
    // More of the sound than its first segment.
    await until(`${base}/audio/audio-1/media.m3u8`, async (found) => /000002\.m4s/.test(await found.clone().text()));

    const players = await Promise.all([
      openPlayer(browser, site.address("hls.js", playlist)),
      openPlayer(browser, site.address("dash.js", `${base}/manifest.mpd#t=0`)),
      openPlayer(browser, site.address("shaka.js", `${base}/manifest.mpd`)),
    ]);
    const early = await fetchAsset(base);
    const media = await text(`${base}/video/90p/media.m3u8`);
    assert.match(media, /#EXT-X-PLAYLIST-TYPE:EVENT/);
    assert.doesNotMatch(media, /ENDLIST/);
    assert.match(await text(`${base}/manifest.mpd`), /type="dynamic"/);
    const shown = (await reelmesh("job", job, "--node", third.grpc)).stdout;
    assert.match(shown, /playable +(8|[1-5]\d)s at http/);
    assert.doesNotMatch(shown, /audio-1/);
    const sound = await text(`${base}/audio/audio-1/media.m3u8`);
    for (const one of [media, sound]) {
      const { playlistType, endList, mediaSequence, targetDuration } = readPlaylist(one);
      assert.deepEqual([playlistType, endList, mediaSequence, targetDuration], ["EVENT", undefined, 1, 4]);
    }
    for (const name of ["master.m3u8", "manifest.mpd"]) assert.equal(await beginning(`${base}/${name}`), "", name);
    for (const play of players) await play("playUntil", 2);
    const { page, complaints: said } = await openPage(browser, third.http);
    await openWatchPage(page, `http://${third.http}/watch/${asset}`);
    assert.ok(Number(await page.evaluate("document.querySelector('video').currentTime")) < 1);
    await page.click("#play");
    await untilVideo(page, "video.currentTime > 1");
    const grown = Number(await page.getAttribute("#seek", "max"));
    assert.ok(grown > 0 && grown < SECONDS, `the seek bar goes to ${grown} s`);
    await ffmpeg.release();

    assert.equal(await watcher.ended, 0);
    const late = await fetchAsset(base);
    const segments = Object.keys(early).filter((path) => !/\.(m3u8|mpd)$/.test(path));
    assert.ok(segments.length >= 2 * 3 && segments.length < Object.keys(late).length, `${segments.length}`);
    for (const path of segments) assert.equal(early[path], late[path], path);
    assert.match(await text(`${base}/video/90p/media.m3u8`), /PLAYLIST-TYPE:VOD[\s\S]*ENDLIST/);
    assert.match(await text(`${base}/manifest.mpd`), /type="static" mediaPresentationDuration="PT60/);
    assert.ok(Math.abs((await playlistSeconds(`${base}/video/90p/media.m3u8`)) - SECONDS) < 0.01);
    assert.equal(await decodedFrames(playlist), FRAMES);
    assert.equal(await complaints(`${base}/manifest.mpd`), "");

    // The players that began with what there was go on to the end.
    for (const play of players) {
      await eventually(() => endsWithoutStall(play));
      const { duration, errors } = await play("report");
      assert.deepEqual(errors, []);
      assert.ok(Math.abs(duration - SECONDS) < 0.1, `${duration}`);
    }
    // So does the page that a person has open.
    await untilVideo(page, `Math.abs(Number(document.querySelector("#seek").max) - ${SECONDS}) < 0.1`, SLACK_MS);
    await page.keyboard.press("9");
    await untilVideo(page, "video.currentTime > 53");
    // On a slow machine it had come to its end before.
    await page.evaluate("document.querySelector('video').playbackRate = 4");
    await page.evaluate("document.querySelector('video').play()");
    await untilVideo(page, "video.ended", SLACK_MS);
    assert.deepEqual([await page.textContent("#message"), said], ["", []]);
    await page.close();
    const { finished } = JSON.parse((await reelmesh("job", job, "--json", "--node", third.grpc)).stdout);
    assert.ok(finished.every(({ node }: { node: string }) => node !== third.name));
  });

  it("says so when its job is cancelled", async () => {
    const [first, , third] = nodes as [TestNode, TestNode, TestNode];
    // No chunk is whole before the job is cancelled.
    await ffmpeg.pace(PACE / 100);
    const { job, asset } = await submit(clip, first);
    const master = `http://${third.http}/assets/${asset}/master.m3u8`;
    const soon = await until(master, ({ status }) => status !== 404);
    assert.deepEqual([soon.status, soon.headers.get("retry-after")], [503, "2"]);
    assert.match(await soon.text(), /is being encoded and its beginning is not there yet/);
    const page = await fetch(`http://${third.http}/watch/${asset}`);
    assert.equal(page.status, 503);
    assert.match(await page.text(), /cannot be watched yet[\s\S]*its beginning is not there yet/);
    assert.equal((await reelmesh("cancel", job, "--node", third.grpc)).code, 0);
    const gone = await until(master, ({ status }) => status === 404);
    assert.match(await gone.text(), /the job that was making it was cancelled/);
  });
});

/** Where the film ends, what a player is given comes as one piece. */
async function endsWithoutStall(play: Play): Promise<void> {
  const before = (await play("report")).stalls.length;
  await play("seek", SECONDS - 2);
  await play("playToEnd");
  assert.deepEqual((await play("report")).stalls.slice(before), []);
}

async function submit(clip: string, node: TestNode): Promise<{ job: string; asset: string }> {
  const options = ["--preset", "ultrafast", "--ladder", "90", "--segment", "4", "--json"];
  const { code, stdout, stderr } = await reelmesh("submit", clip, "--node", node.grpc, ...options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Follows a job as a person does: the address that is told once it can be played, and the exit code. */
function watch(job: string, { grpc }: TestNode): { playable: Promise<string>; ended: Promise<number> } {
  const child = spawn(process.execPath, [PROGRAM, "watch", job, "--node", grpc], { env: environment() });
  const ended = once(child, "exit").then(([code]) => code as number);
  const playable = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /^can be played from now on: (.*)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    void ended.then(() => reject(new Error("it ended and never said that it can be played")));
  });
  return { playable, ended };
}

async function answered(address: string): Promise<void> {
  assert.equal((await until(address, ({ ok }) => ok)).status, 200);
}

/** The coordinator may know more than the node that is asked, for a moment. */
async function until(address: string, isRight: (response: Response) => boolean | Promise<boolean>): Promise<Response> {
  const limit = performance.now() + SLACK_MS;
  for (;;) {
    const response = await fetch(address);
    if ((await isRight(response)) || performance.now() > limit) return response;
    await delay(50); // what another node has read has no event here
  }
}

async function text(address: string): Promise<string> {
  return (await fetch(address)).text();
}

/** What ffmpeg complains of while decoding the first seconds of what grows. */
async function beginning(address: string): Promise<string> {
  const input = address.endsWith(".m3u8") ? ["-live_start_index", "0", "-i", address] : ["-i", address];
  const words = ["-nostdin", "-v", "warning", ...input, "-t", "4", "-f", "null", "-"];
  return (await promisify(execFile)("ffmpeg", words)).stderr;
}
