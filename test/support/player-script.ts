/** The script of test/support/player-page.ts, as text, because it runs in the browser. */

/**
 * Defines `until(what, condition, ...types)`: a promise that resolves once the condition holds, which is looked at now
 * and after each of these events of `video`. The deadline is there for its message alone.
 */
export const UNTIL = `
function until(what, condition, ...types) {
  return new Promise((resolve, reject) => {
    const settle = (outcome) => {
      clearTimeout(timer);
      for (const type of types) video.removeEventListener(type, look);
      outcome();
    };
    const look = () => { if (condition()) settle(resolve); };
    const timer = setTimeout(() => settle(() => reject(new Error("waited in vain for " + what + ": " + state()))), 20_000);
    for (const type of types) video.addEventListener(type, look);
    look();
  });
}

function buffered() {
  return Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]);
}

function state() {
  const { currentTime, duration, readyState, seeking, paused, videoHeight, error } = video;
  const seen = { currentTime, duration, readyState, seeking, paused, videoHeight, error: error?.message };
  return JSON.stringify({ ...seen, buffered: buffered() });
}
`;

const LIBRARIES = `
/** Everything is fetched, as far as the players allow. Both return a function that switches the rendition. */
function playWithHlsJs(stream) {
  const everything = { maxBufferLength: 600, maxMaxBufferLength: 600, maxBufferSize: 1e9, backBufferLength: Infinity };
  const hls = new Hls({ enableWorker: false, ...everything });
  const levelOf = (height) => hls.levels.findIndex((level) => level.height === height);
  hls.on(Hls.Events.ERROR, (_event, { details, fatal, error }) => errors.push([details, fatal, error].join(", ")));
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    hls.currentLevel = levelOf(Math.max(...hls.levels.map(({ height }) => height)));
  });
  hls.loadSource(stream);
  hls.attachMedia(video);
  return (height) => { hls.nextLevel = levelOf(height); };
}

function playWithDashJs(stream) {
  const dash = dashjs.MediaPlayer().create();
  const ahead = { bufferTimeDefault: 600, bufferTimeAtTopQuality: 600, bufferTimeAtTopQualityLongForm: 600 };
  const buffer = { ...ahead, bufferToKeep: 600, bufferPruningInterval: 600 };
  const abr = { autoSwitchBitrate: { video: false }, initialBitrate: { video: 1e6 } };
  dash.updateSettings({ streaming: { buffer, abr, gaps: { jumpGaps: false } } });
  for (const type of ["ERROR", "PLAYBACK_ERROR"]) {
    dash.on(dashjs.MediaPlayer.events[type], ({ error }) => errors.push(error.message));
  }
  dash.initialize(video, stream, false);
  return (height) => {
    const { id } = dash.getRepresentationsByType("video").find((representation) => representation.height === height);
    dash.setRepresentationForTypeById("video", id, true);
  };
}
`;

const SENSES = `
let context;
let analyser;

/** Resolves with a function that says when, in seconds of media, the sound began, if it did since the last silence. */
async function startListening() {
  if (context === undefined) {
    context = new AudioContext();
    analyser = new AnalyserNode(context, { fftSize: 8192 });
    context.createMediaElementSource(video).connect(analyser).connect(context.destination);
  }
  await context.resume();
  const samples = new Float32Array(analyser.fftSize);
  let silent = false;
  return () => {
    analyser.getFloatTimeDomainData(samples);
    const first = samples.findIndex((sample) => Math.abs(sample) > 0.05);
    if (first < 0) silent = true;
    return silent && first >= 0 ? video.currentTime - (samples.length - first) / context.sampleRate : undefined;
  };
}

/** Returns a function that says whether the picture is white. */
function startWatching() {
  const canvas = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true });
  return () => {
    canvas.drawImage(video, 0, 0, 8, 8);
    return canvas.getImageData(0, 0, 8, 8).data.every((value) => value > 220);
  };
}

/** Plays from here until a frame of that time is shown; calls \`onFrame\` with the time of each frame that is. */
async function playUntil(seconds, rate, onFrame = () => {}) {
  let last = -1;
  let request;
  const next = () => {
    request = video.requestVideoFrameCallback((_now, { mediaTime }) => {
      last = mediaTime;
      onFrame(mediaTime);
      if (last < seconds) next();
      else video.dispatchEvent(new Event("there"));
    });
  };
  next();
  video.playbackRate = rate;
  await video.play();
  await until("the frame at " + seconds, () => last >= seconds, "there").finally(() => video.cancelVideoFrameCallback(request));
  video.pause();
}
`;

/** Sets \`player\`: what test/support/browser.ts calls a Player. */
export const PLAYER_SCRIPT = `"use strict";
const video = document.querySelector("video");
const errors = [];
const stalls = [];
const heights = [];
${UNTIL}${LIBRARIES}${SENSES}
/** From "playing" on, up to the next seek, pause or end: a "waiting" in between is a stall. */
let steady = false;
video.addEventListener("playing", () => { steady = true; });
for (const type of ["seeking", "pause", "ended"]) video.addEventListener(type, () => { steady = false; });
video.addEventListener("waiting", () => { if (steady) stalls.push(video.currentTime); });
video.addEventListener("error", () => errors.push("video element: " + video.error.message));
video.addEventListener("resize", () => heights.push(video.videoHeight));

const parameters = new URLSearchParams(location.search);
const play = parameters.get("player") === "hls.js" ? playWithHlsJs : playWithDashJs;
const switchTo = play(parameters.get("stream"));

window.player = {
  report() {
    const { totalVideoFrames, droppedVideoFrames, corruptedVideoFrames } = video.getVideoPlaybackQuality();
    const frames = { decoded: totalVideoFrames, dropped: droppedVideoFrames, corrupted: corruptedVideoFrames };
    return { duration: video.duration, buffered: buffered(), stalls, errors, heights, frames };
  },

  async bufferAll() {
    const whole = () => video.buffered.length === 1 && video.buffered.start(0) <= 0.05
      && video.buffered.end(0) >= video.duration - 0.1;
    await until("everything to be buffered", whole, "progress", "durationchange", "timeupdate", "seeked");
  },

  async seek(seconds) {
    video.currentTime = seconds;
    await until("the seek to " + seconds, () => !video.seeking && video.readyState >= 3, "seeked", "canplay");
  },

  playUntil: (seconds) => playUntil(seconds, 1),

  async playAcross(seconds) {
    const crossing = { frames: [] };
    const isWhite = startWatching();
    const soundBegan = await startListening();
    await this.seek(seconds - 0.25);
    await playUntil(seconds + 0.25, 1, (time) => {
      crossing.frames.push(time);
      if (crossing.picture === undefined && isWhite()) crossing.picture = time;
      crossing.sound ??= soundBegan();
    });
    return crossing;
  },

  async playToEnd() {
    await video.play();
    await until("the end", () => video.ended, "ended");
  },

  async switchTo(height) {
    switchTo(height);
    video.playbackRate = 2;
    await video.play();
    await until("a picture of height " + height, () => video.videoHeight === height, "resize");
    video.pause();
    await playUntil(video.currentTime + 0.5, 2);
  },
};
`;
