/** A real browser plays what a mesh of three has made, from a node that did not take the submission. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import {
  type Crossing,
  eventually,
  makeFlashClip,
  openPage,
  openPlayer,
  openWatchPage,
  type Play,
  startBrowser,
  untilVideo,
} from "../support/browser.js";
import { reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { type Library, type PlayerSite, servePlayers } from "../support/player-page.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const SECONDS = 60;
const SEGMENT_SECONDS = 4;
const CHUNKS = 3;
/** Seconds by which a player pushes a video that stands still for longer than it should, as it does on a busy machine. */
const PUSH = 0.25;
/** Recommendation ITU-R BT.1359 has viewers notice sound that is 45 ms early or 125 ms late. */
const SYNC_SECONDS = { early: 0.045, late: 0.125 };

const STREAMS: [Library, string][] = [
  ["hls.js", "master.m3u8"],
  ["dash.js", "manifest.mpd"],
];

describe("in a browser", function () {
  this.timeout(300_000);
  let nodes: TestNode[] = [];
  let browser: BrowserContext;
  let site: PlayerSite;
  let asset = "";
  /** host:port that viewers use. */
  let host = "";

  before(async () => {
    const clip = join(await temporaryFolder(), "flash.mp4");
    await makeFlashClip(clip, SECONDS, SEGMENT_SECONDS);
    browser = await startBrowser();
    site = await servePlayers();
    nodes = await startMesh(3);
    const [first, , third] = nodes as [TestNode, TestNode, TestNode];
    asset = await submit(clip, first);
    host = third.http;
    // The coordinator may know more than this node, for a moment.
    const served = async () => (await fetch(`http://${host}/assets/${asset}/master.m3u8`)).ok || undefined;
    await until(served, "the third node serves the film");
  });

  after(async () => {
    await browser?.close();
    await site?.close();
    await stopMesh(nodes);
  });

  it("plays on the watch page, with nothing from another host", async () => {
    const { page, complaints } = await openPage(browser, host);
    await openWatchPage(page, `http://${host}/watch/${asset}`);
    // However long a switch takes, the film goes on.
    await page.evaluate("document.querySelector('video').loop = true");
    await page.click("video");
    await untilVideo(page, "video.currentTime > 1 && video.videoHeight === 180");
    await page.evaluate("document.querySelector('video').playbackRate = 4");
    for (const height of [120, 180]) {
      await page.selectOption("#quality select", { label: `${height}p` });
      await untilVideo(page, `video.videoHeight === ${height}`);
    }
    assert.equal(await page.textContent("#message"), "");
    assert.deepEqual(complaints, []);
    await page.close();
  });

  for (const [library, name] of STREAMS) {
    it(`plays ${name} with ${library} as one piece, across every join`, async () => {
      const play = await openPlayer(browser, site.address(library, `http://${host}/assets/${asset}/${name}`));
      await play("bufferAll");

      for (const join of await joins(`http://${host}/assets/${asset}/video/180p/media.m3u8`)) {
        await eventually(async () => checkCrossing(join, await play("playAcross", join)));
      }

      await play("seek", SECONDS / 2);
      await play("playUntil", SECONDS / 2 + 0.5);
      await play("seek", SECONDS - 1);
      await play("playToEnd");
      await play("seek", 0);
      await play("switchTo", 120);
      await play("switchTo", 180);
      // What lay behind the place of the switch is gone from the buffer: the player's choice. It is fetched once more.
      await play("seek", 0);
      await play("bufferAll");

      await eventually(() => checkDrops(play));

      const { duration, buffered, errors, heights, frames } = await play("report");
      assert.ok(Math.abs(duration - SECONDS) < 0.05, `${duration} s`);
      assert.equal(buffered.length, 1);
      assert.deepEqual({ errors, heights }, { errors: [], heights: [180, 120, 180] });
      assert.equal(frames.corrupted, 0);
    });
  }

  it("goes on from another node when the one that serves the page is killed", async () => {
    const [first, second, third] = nodes as [TestNode, TestNode, TestNode];
    const { page } = await openPage(browser, third.http);
    // What a player before has fetched from the node that dies would not be asked for.
    const session = await browser.newCDPSession(page);
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    const answered: string[] = [];
    page.on("requestfinished", (request) => answered.push(new URL(request.url()).host));
    await openWatchPage(page, `http://${third.http}/watch/${asset}`);
    await page.evaluate(`(() => {
      window.back = [];
      const video = document.querySelector("video");
      let last = 0;
      video.addEventListener("timeupdate", () => { last = video.seeking ? last : video.currentTime; });
      video.addEventListener("seeking", () => { if (video.currentTime < last) window.back.push([last, video.currentTime]); });
    })()`);
    await page.click("video");
    await untilVideo(page, "video.currentTime > 2");
    await third.kill();
    const there = await page.evaluate("document.querySelector('video').buffered.end(0)");
    assert.ok(Number(there) < SECONDS - 4, `${there} s were there already`);
    answered.length = 0;
    await page.evaluate("document.querySelector('video').playbackRate = 4");
    await untilVideo(page, "video.ended || video.error !== null", 120_000);
    const end = await page.evaluate(`(() => {
      const { ended, currentTime, error, played } = document.querySelector("video");
      const ranges = Array.from({ length: played.length }, (_, at) => [played.start(at), played.end(at)]);
      const gaps = ranges.map(([start], at) => [at === 0 ? 0 : ranges[at - 1][1], start]);
      const jumps = [...gaps.filter(([from, to]) => to - from > ${PUSH}), ...window.back];
      return { ended, late: ${SECONDS} - currentTime < 0.1, error, jumps };
    })()`);
    assert.deepEqual(end, { ended: true, late: true, error: null, jumps: [] });
    const others = [first.http, second.http];
    // Playwright tells of what the dead node had answered before a little later.
    assert.ok(
      answered.some((host) => others.includes(host)) && others.includes(answered.at(-1) ?? ""),
      answered.join(),
    );
    await page.close();
  });
});

/** Resolves with the name of the asset once it is done. */
async function submit(clip: string, node: TestNode): Promise<string> {
  const options = ["--preset", "ultrafast", "--ladder", "180,120", "--segment", String(SEGMENT_SECONDS)];
  const done = await reelmesh("submit", clip, "--wait", "--json", "--node", node.grpc, ...options);
  assert.equal(done.code, 0, done.stderr);
  const { asset, job } = JSON.parse(done.stdout);
  const { finished } = JSON.parse((await reelmesh("job", job, "--json", "--node", node.grpc)).stdout);
  const chunks = finished.filter(({ task }: { task: string }) => task.startsWith("chunk-"));
  assert.equal(chunks.length, CHUNKS);
  return asset;
}

/** The first frame after a join is white, and its tone begins with it; everything is buffered, so nothing stands still. */
function checkCrossing(join: number, { frames, picture = Number.NaN, sound = Number.NaN, stalls }: Crossing): void {
  const what = `at ${join} s: flash ${picture}, tone ${sound}, frames ${frames}, stalls ${stalls}`;
  assert.deepEqual(stalls, [], what);
  assert.ok(longestGap(frames) < 0.5, what);
  assert.equal(
    picture,
    frames.find((time) => time > join - 0.01),
    what,
  );
  assert.ok(sound > join - SYNC_SECONDS.early && sound < join + SYNC_SECONDS.late, what);
}

/** Of two seconds, most frames are shown. */
async function checkDrops(play: Play): Promise<void> {
  const { frames: before } = await play("report");
  await play("seek", 10);
  await play("playUntil", 12);
  const { frames } = await play("report");
  const [decoded, dropped] = [frames.decoded - before.decoded, frames.dropped - before.dropped];
  assert.ok(dropped < decoded / 4, `${dropped} of ${decoded} frames were dropped`);
}

/** Where a segment ends and another begins, in seconds: every join of two chunks is among them. */
async function joins(playlist: string): Promise<number[]> {
  const text = await (await fetch(playlist)).text();
  const durations = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map((match) => Number(match[1]));
  let end = 0;
  return durations.slice(0, -1).map((duration) => (end += duration));
}

function longestGap(times: number[]): number {
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] as number)));
}
