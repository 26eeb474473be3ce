/** A page that plays a stream with hls.js or dash.js and says what happened, and the server that it comes from. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { packageRoot } from "../../src/node/paths.js";

export type PlayerName = "hls.js" | "dash.js";

export interface PlayerSite {
  /** Address of the page that plays a stream; it starts paused, in the tallest rendition. */
  page(player: PlayerName, stream: string): string;
  close(): Promise<void>;
}

/** What the page says of all that happened since it was opened. Times are seconds of media. */
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

/** Where the flash and the tone of a clip of test/support/browser.ts began, in seconds of media. */
export interface Onsets {
  picture: number;
  sound: number;
}

const LIBRARIES: Record<PlayerName, string> = {
  "hls.js": "hls.js/dist/hls.min.js",
  "dash.js": "dashjs/dist/modern/umd/dash.all.min.js",
};

export async function servePlayers(): Promise<PlayerSite> {
  const files = new Map<string, string>([
    ["/player", PAGE],
    ["/player.js", SCRIPT],
  ]);
  for (const [name, file] of Object.entries(LIBRARIES)) {
    files.set(`/${name}`, await readFile(join(packageRoot, "node_modules", file), "utf8"));
  }
  const server = createServer(({ url = "/" }, response) => {
    const path = new URL(url, "http://localhost").pathname;
    const type = path.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(files.has(path) ? 200 : 404, { "content-type": `${type}; charset=utf-8` }).end(files.get(path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    page: (player, stream) => `http://127.0.0.1:${port}/player?${new URLSearchParams({ player, stream })}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>player</title>
<link rel="icon" href="data:,">
<video width="640" height="360"></video>
<script src="/hls.js"></script>
<script src="/dash.js"></script>
<script src="/player.js"></script>
`;

/** Sets \`player\`, on which the test calls methods; all of them wait for events. */
const SCRIPT = `"use strict";
const DEADLINE_MS = 15_000;
const parameters = new URLSearchParams(location.search);
const stream = parameters.get("stream");
const video = document.querySelector("video");
const errors = [];
const stalls = [];
const heights = [];
/** Between "playing" and the next seek, pause or end. */
let steady = false;

video.addEventListener("playing", () => { steady = true; });
for (const type of ["seeking", "pause", "ended"]) video.addEventListener(type, () => { steady = false; });
video.addEventListener("waiting", () => { if (steady && !video.ended) stalls.push(video.currentTime); });
video.addEventListener("error", () => errors.push("video element: " + video.error.message));
video.addEventListener("resize", () => heights.push(video.videoHeight));

function buffered() {
  return Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]);
}

function state() {
  const { currentTime, duration, readyState, seeking, paused, videoHeight } = video;
  return JSON.stringify({ currentTime, duration, readyState, seeking, paused, videoHeight, buffered: buffered(), stalls, errors });
}

/** Resolves once the condition holds, which is looked at after each of these events of the video element. */
function until(what, condition, ...types) {
  return new Promise((resolve, reject) => {
    const look = () => { if (condition()) end(resolve); };
    const timer = setTimeout(() => end(() => reject(new Error("waited in vain: " + what + ", " + state()))), DEADLINE_MS);
    const end = (settle) => {
      clearTimeout(timer);
      for (const type of types) video.removeEventListener(type, look);
      settle();
    };
    for (const type of types) video.addEventListener(type, look);
    look();
  });
}

/** Calls \`onFrame(seconds of media)\` for each frame that is shown, until it returns true. */
function frames(what, onFrame) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no such frame: " + what + ", " + state())), DEADLINE_MS);
    const next = () => video.requestVideoFrameCallback((_now, { mediaTime }) => {
      if (!onFrame(mediaTime)) return next();
      clearTimeout(timer);
      resolve();
    });
    next();
  });
}

/** Everything is fetched, as far as the player allows: nothing of the tests is long or large. */
function playWithHlsJs() {
  const everything = { maxBufferLength: 600, maxMaxBufferLength: 600, maxBufferSize: 1e9, backBufferLength: Infinity };
  const hls = new Hls({ enableWorker: false, ...everything });
  const levelOf = (height) => hls.levels.findIndex((level) => level.height === height);
  hls.on(Hls.Events.ERROR, (_event, { details, fatal, error }) => errors.push([details, fatal, error].join(", ")));
  hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.currentLevel = levelOf(Math.max(...hls.levels.map(({ height }) => height))); });
  hls.loadSource(stream);
  hls.attachMedia(video);
  return (height) => { hls.nextLevel = levelOf(height); };
}

function playWithDashJs() {
  const dash = dashjs.MediaPlayer().create();
  const buffer = {
    bufferTimeDefault: 600, bufferTimeAtTopQuality: 600, bufferTimeAtTopQualityLongForm: 600,
    bufferToKeep: 600, bufferPruningInterval: 600,
  };
  const abr = { autoSwitchBitrate: { video: false }, initialBitrate: { video: 1e6 } };
  dash.updateSettings({ streaming: { buffer, abr, gaps: { jumpGaps: false } } });
  dash.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => errors.push(error.message));
  dash.on(dashjs.MediaPlayer.events.PLAYBACK_ERROR, ({ error }) => errors.push(error.message));
  dash.initialize(video, stream, false);
  return (height) => {
    const { id } = dash.getRepresentationsByType("video").find((representation) => representation.height === height);
    dash.setRepresentationForTypeById("video", id, true);
  };
}

let context;
let analyser;

/** Resolves with a function that says at what time of the media the sound of the last moments began, if it did. */
async function startListening() {
  if (context === undefined) {
    context = new AudioContext();
    analyser = new AnalyserNode(context, { fftSize: 4096 });
    context.createMediaElementSource(video).connect(analyser).connect(context.destination);
  }
  await context.resume();
  const samples = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    const first = samples.findIndex((sample) => Math.abs(sample) > 0.05);
    return first < 0 ? undefined : video.currentTime - (samples.length - first) / context.sampleRate;
  };
}

/** Returns a function that says how bright the picture is: 0 to 255. */
function startWatching() {
  const canvas = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true });
  return () => {
    canvas.drawImage(video, 0, 0, 8, 8);
    const { data } = canvas.getImageData(0, 0, 8, 8);
    return Math.min(...data);
  };
}

const switchTo = parameters.get("player") === "hls.js" ? playWithHlsJs() : playWithDashJs();

window.player = {
  report() {
    const { totalVideoFrames, droppedVideoFrames, corruptedVideoFrames } = video.getVideoPlaybackQuality();
    const frames = { decoded: totalVideoFrames, dropped: droppedVideoFrames, corrupted: corruptedVideoFrames };
    return { duration: video.duration, buffered: buffered(), stalls, errors, heights, frames };
  },

  allBuffered() {
    const whole = () => video.buffered.length === 1 && video.buffered.end(0) >= video.duration - 0.1;
    return until("all buffered", whole, "progress", "durationchange", "timeupdate");
  },

  async seek(seconds) {
    video.currentTime = seconds;
    await until("seeked to " + seconds, () => !video.seeking && video.readyState >= 3, "seeked", "canplay");
    return video.currentTime;
  },

  /** Plays from here until a frame of that time is shown; returns the times of the frames that were. */
  async playUntil(seconds, rate) {
    const shown = [];
    video.playbackRate = rate;
    const there = frames("at " + seconds, (time) => shown.push(time) && time >= seconds);
    await video.play();
    await there;
    video.pause();
    return shown;
  },

  async playToEnd() {
    await video.play();
    await until("the end", () => video.ended, "ended");
  },

  /** Plays from here until the picture has turned white and the tone is heard; says when each of them began. */
  async playUntilFlash() {
    const onset = {};
    const [picture, sound] = [startWatching(), await startListening()];
    video.playbackRate = 1;
    const there = frames("with a flash and a tone", (time) => {
      if (onset.picture === undefined && picture() > 220) onset.picture = time;
      if (onset.sound === undefined) onset.sound = sound();
      return onset.picture !== undefined && onset.sound !== undefined;
    });
    await video.play();
    await there;
    video.pause();
    return onset;
  },

  /** Plays on until a picture of this height is shown. */
  async playUntilHeight(height, rate) {
    switchTo(height);
    video.playbackRate = rate;
    await video.play();
    await until("height " + height, () => video.videoHeight === height, "resize");
    video.pause();
    return video.currentTime;
  },
};
`;
