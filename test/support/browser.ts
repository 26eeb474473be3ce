/** Debian's Chromium, what it is made to do, and a clip on which it can tell whether picture and sound fit together. */
import { AssertionError } from "node:assert";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { untilScript } from "./player-script.js";
import { temporaryFolder } from "./temporary.js";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** How often a part of a film is played on a machine that is busy with other things. */
const TRIES = 5;
/** A loaded machine is slow to begin, to click, and to load a page. */
const SLOW_MS = 120_000;

/** Close it to end the browser. Everything that it writes lies in a temporary folder. */
export async function startBrowser(): Promise<BrowserContext> {
  const folder = await temporaryFolder();
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const program = folders.map((one) => join(one, "chromium")).find(existsSync);
  const browser = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: program ?? "/usr/bin/chromium",
    args: FLAGS,
    env: { ...process.env, HOME: folder, TMPDIR: folder },
    viewport: { width: 1280, height: 800 },
    timeout: SLOW_MS,
  });
  browser.setDefaultTimeout(SLOW_MS);
  return browser;
}

/** A page with what went wrong in it: messages of its console, and requests that failed or left `host`. */
export async function openPage(browser: BrowserContext, host: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:" && url.host !== host) complaints.push(`asked for ${url}`);
  });
  return { page, complaints };
}

/** Opens a watch page, and waits until it hears clicks and keys and has a picture. */
export async function openWatchPage(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForSelector("#controls:not([hidden])", { state: "attached" });
  await untilVideo(page, "video.readyState > 0");
}

/**
 * Runs a check of what was played until it passes. A machine that is too slow for a film drops frames and stands still
 * here and there; a fault of the film shows each time.
 */
export async function eventually(check: () => Promise<void>): Promise<void> {
  for (let left = TRIES - 1; left > 0; left--) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
    }
  }
  await check();
}

/** Waits until a JavaScript condition on `video`, the page's only one, holds; it is looked at whenever that changes. */
export async function untilVideo(page: Page, condition: string, ms = 60_000): Promise<void> {
  const types = '"timeupdate", "resize", "playing", "ended", "error"';
  await page.evaluate(`(() => {
    const video = document.querySelector("video");
    ${untilScript(ms)}
    return until(${JSON.stringify(condition)}, () => ${condition}, ${types});
  })()`);
}

/** What a page of test/support/player-page.ts does and says. Times are seconds of media. */
export interface Player {
  bufferAll(): void;
  seek(seconds: number): void;
  /** Plays on until a frame of this time is shown. */
  playUntil(seconds: number): void;
  /** Of the sound and of the subtitles, in the order of the menus. */
  languages(): [audio: string[], text: string[]];
  /** Chooses the sound and the subtitles of a language and plays until a tone of so many Hz is heard: the subtitles. */
  speak(language: string, frequency: number): string[];
  /** The colour of the small picture for a time, each 0 to 255. */
  thumbnail(seconds: number): { red: number; green: number; blue: number };
  /** Plays from a quarter of a second before this time to a quarter after it. */
  playAcross(seconds: number): Crossing;
  playToEnd(): void;
  /** Changes the rendition and plays until half a second of it has been shown. */
  switchTo(height: number): void;
  report(): PlaybackReport;
}

export interface Crossing {
  /** Times of the frames that were shown. */
  frames: number[];
  /** When the flash and the tone of makeFlashClip began; absent when there was none. */
  picture?: number;
  sound?: number;
  /** Where playback ran dry; waiting for a seek does not count. */
  stalls: number[];
}

/** All that happened since the page was opened. */
export interface PlaybackReport {
  duration: number;
  buffered: [start: number, end: number][];
  /** Where playback ran dry; waiting for a seek does not count. */
  stalls: number[];
  /** Every error that the player or the video element told of, fatal or not. */
  errors: string[];
  /** Heights of the pictures, in the order in which they came. */
  heights: number[];
  frames: { decoded: number; dropped: number; corrupted: number };
}

export type Play = <Name extends keyof Player>(
  name: Name,
  ...values: Parameters<Player[Name]>
) => Promise<ReturnType<Player[Name]>>;

export async function openPlayer(browser: BrowserContext, address: string): Promise<Play> {
  const page = await browser.newPage();
  await page.goto(address);
  return (name, ...values) =>
    page.evaluate(`player.${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`);
}

/** A clip of 320x180 with 25 frames a second; at 0 and every `interval` seconds a white picture and a tone for 0.2 s. */
export async function makeFlashClip(file: string, seconds: number, interval: number): Promise<void> {
  const during = `lt(mod(t,${interval}),0.19)`;
  const flash = `drawbox=color=white:thickness=fill:enable='${during}'`;
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=320x180:rate=25:duration=${seconds},${flash}`];
  const tone = ["-f", "lavfi", "-i", `aevalsrc='0.5*sin(880*PI*t)*${during}':sample_rate=48000:duration=${seconds}`];
  const encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  await promisify(execFile)("ffmpeg", ["-nostdin", "-v", "error", "-y", ...picture, ...tone, ...encoders, file]);
}
