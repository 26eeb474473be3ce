/** The script of test/support/player-page.ts, as text, because it runs in the browser. */

/**
 * Defines `until(what, condition, ...types)`: a promise that resolves once the condition holds, which is looked at now
 * and after each of these events of `video`. The deadline, in milliseconds, is there for its message alone.
 */
export const untilScript = (deadlineMs: number): string => `
function until(what, condition, ...types) {
  return new Promise((resolve, reject) => {
    const settle = (outcome) => {
      clearTimeout(timer);
      for (const type of types) video.removeEventListener(type, look);
      outcome();
    };
    const look = () => { if (condition()) settle(resolve); };
    const timer = setTimeout(() => settle(() => reject(new Error("waited in vain for " + what + ": " + state()))), ${deadlineMs});
    for (const type of types) video.addEventListener(type, look);
    look();
  });
}

function buffered() {
  return Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]);
}

function state() {
  const { currentTime, duration, readyState, seeking, paused, ended, videoHeight, error } = video;
  const seen = { currentTime, duration, readyState, seeking, paused, ended, videoHeight, error: error?.message };
  return JSON.stringify({ ...seen, buffered: buffered() });
}
`;

const LIBRARIES = `
/**
 * Everything is fetched, as far as the players allow. Each returns what a person can change: the rendition by its
 * height, the sound and the subtitles by their language, and the small picture for a time.
 */
function playWithHlsJs(stream) {
  const everything = { maxBufferLength: 600, maxMaxBufferLength: 600, maxBufferSize: 1e9, backBufferLength: Infinity };
  const hls = new Hls({ enableWorker: false, ...everything });
  const levelOf = (height) => hls.levels.findIndex((level) => level.height === height);
  const byLanguage = (tracks, language) => tracks.findIndex(({ lang }) => lang === language);
  hls.on(Hls.Events.ERROR, (_event, { details, fatal, error }) => {
    // That it gives up a request because it was told to switch is no fault. That it waits is told by the video, and when
    // it waits for a machine that stands still, it gives the video a push.
    const { INTERNAL_ABORTED, BUFFER_STALLED_ERROR, BUFFER_NUDGE_ON_STALL } = Hls.ErrorDetails;
    const passing = [INTERNAL_ABORTED, BUFFER_STALLED_ERROR, BUFFER_NUDGE_ON_STALL];
    if (fatal || !passing.includes(details)) errors.push([details, fatal, error].join(", "));
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    hls.currentLevel = levelOf(Math.max(...hls.levels.map(({ height }) => height)));
  });
  hls.loadSource(stream);
  hls.attachMedia(video);
  return {
    rendition: (height) => { hls.nextLevel = levelOf(height); },
    languages: () => [hls.audioTracks.map(({ lang }) => lang), hls.subtitleTracks.map(({ lang }) => lang)],
    audio: (language) => { hls.audioTrack = byLanguage(hls.audioTracks, language); },
    text: (language) => { hls.subtitleTrack = byLanguage(hls.subtitleTracks, language); },
    thumbnail: (seconds) => thumbnailOfMap(new URL("thumbnails.vtt", stream), seconds),
  };
}

/** HLS has no small pictures: a map in WebVTT beside it, here read by the browser, says where each is. */
async function thumbnailOfMap(address, seconds) {
  const element = Object.assign(document.createElement("track"), { kind: "metadata", src: address });
  video.append(element);
  element.track.mode = "hidden";
  if (element.readyState !== 2) await new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error("the map of small pictures cannot be read"));
  });
  const cue = [...element.track.cues].find(({ startTime, endTime }) => startTime <= seconds && seconds < endTime);
  element.remove();
  const [, image, area] = /^(.*)#xywh=(.*)$/.exec(cue.text);
  const [x, y, width, height] = area.split(",").map(Number);
  return { url: new URL(image, address).href, x, y, width, height };
}

function playWithDashJs(stream) {
  const dash = dashjs.MediaPlayer().create();
  const ahead = { bufferTimeDefault: 600, bufferTimeAtTopQuality: 600, bufferTimeAtTopQualityLongForm: 600 };
  const buffer = { ...ahead, bufferToKeep: 600, bufferPruningInterval: 600 };
  const abr = { autoSwitchBitrate: { video: false }, initialBitrate: { video: 1e6 } };
  dash.updateSettings({ streaming: { buffer, abr, gaps: { jumpGaps: false }, text: { defaultEnabled: true } } });
  for (const type of ["ERROR", "PLAYBACK_ERROR"]) {
    dash.on(dashjs.MediaPlayer.events[type], ({ error }) => errors.push(error.message));
  }
  dash.initialize(video, stream, false);
  const languages = (type) => dash.getTracksFor(type).map(({ lang }) => lang);
  return {
    rendition: (height) => {
      const { id } = dash.getRepresentationsByType("video").find((representation) => representation.height === height);
      dash.setRepresentationForTypeById("video", id, true);
    },
    languages: () => [languages("audio"), languages("text")],
    audio: (language) => dash.setCurrentTrack(dash.getTracksFor("audio").find(({ lang }) => lang === language)),
    text: (language) => dash.setTextTrack(languages("text").indexOf(language)),
    thumbnail: (seconds) => new Promise((resolve) => dash.provideThumbnail(seconds, resolve)),
  };
}

function playWithShaka(stream) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  player.addEventListener("error", ({ detail }) => errors.push(detail.message));
  player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: 600, bufferBehind: 600 } });
  const rendition = (height) => {
    const { language } = player.getVariantTracks().find(({ active }) => active);
    const variants = player.getVariantTracks().filter((track) => track.language === language);
    const wanted = height ?? Math.max(...variants.map((track) => track.height));
    player.selectVariantTrack(variants.find((track) => track.height === wanted), true);
  };
  const open = async () => {
    const { readyText } = await import("/early-text.js");
    readyText(player);
    await player.attach(video);
    await player.load(stream);
    rendition();
  };
  open().catch((error) => errors.push(error.message));
  const byLanguage = (tracks, language) => tracks.find((track) => track.language === language);
  return {
    rendition,
    languages: () => [player.getAudioTracks(), player.getTextTracks()].map((all) => all.map((one) => one.language)),
    audio: (language) => player.selectAudioTrack(byLanguage(player.getAudioTracks(), language)),
    text: (language) => player.selectTextTrack(byLanguage(player.getTextTracks(), language)),
    async thumbnail(seconds) {
      if (player.getImageTracks().length === 0) await player.addThumbnailsTrack(new URL("thumbnails.vtt", stream).href);
      const { uris: [url], positionX: x, positionY: y, width, height } = await player.getThumbnails(null, seconds);
      return { url, x, y, width, height };
    },
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

/** The loudest frequency that is heard at present, in Hz. */
async function loudest() {
  await startListening();
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  return (levels.indexOf(Math.max(...levels)) * context.sampleRate) / analyser.fftSize;
}

/** Waits while playing until the sound is within a few bins of a frequency. */
async function untilHeard(frequency) {
  await startListening();
  const bin = context.sampleRate / analyser.fftSize;
  for (let tries = 0; tries < 200; tries++) {
    const heard = await loudest();
    if (Math.abs(heard - frequency) < 3 * bin) return heard;
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  }
  throw new Error("waited in vain to hear " + frequency + " Hz, at last it was " + (await loudest()));
}

/** What the subtitles say now. */
function readText() {
  const shown = [...video.textTracks].filter(({ mode }) => mode === "showing");
  return shown.flatMap(({ activeCues }) => [...(activeCues ?? [])].map(({ text }) => text));
}

/** The colour in the middle of a part of an image. */
async function colourOf({ url, x, y, width, height }) {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  if (x + width > image.width || y + height > image.height) throw new Error("outside of " + url);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  canvas.drawImage(image, x + width / 4, y + height / 4, width / 2, height / 2, 0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return { red, green, blue };
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
${untilScript(60_000)}${LIBRARIES}${SENSES}
/** From "playing" on, up to the next seek, pause or end: a "waiting" in between is a stall. */
let steady = false;
video.addEventListener("playing", () => { steady = true; });
for (const type of ["seeking", "pause", "ended"]) video.addEventListener(type, () => { steady = false; });
video.addEventListener("waiting", () => { if (steady) stalls.push(video.currentTime); });
video.addEventListener("error", () => errors.push("video element: " + video.error.message));
video.addEventListener("resize", () => heights.push(video.videoHeight));

const parameters = new URLSearchParams(location.search);
const play = { "hls.js": playWithHlsJs, "dash.js": playWithDashJs, "shaka.js": playWithShaka }[parameters.get("player")];
const menus = play(parameters.get("stream"));

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

  async languages() {
    await until("the tracks", () => video.readyState >= 1, "loadedmetadata");
    return menus.languages();
  },

  async speak(language, frequency) {
    menus.audio(language);
    menus.text(language);
    video.playbackRate = 1;
    // On a slow machine the film may be over before the player has what was chosen: it is played again.
    video.loop = true;
    await video.play();
    await untilHeard(frequency);
    await until("subtitles", () => readText().length > 0, "timeupdate");
    const text = readText();
    video.pause();
    video.loop = false;
    return text;
  },

  async thumbnail(seconds) {
    return colourOf(await menus.thumbnail(seconds));
  },

  async playAcross(seconds) {
    const crossing = { frames: [] };
    const before = stalls.length;
    const isWhite = startWatching();
    const soundBegan = await startListening();
    await this.seek(seconds - 0.25);
    await playUntil(seconds + 0.25, 1, (time) => {
      crossing.frames.push(time);
      if (crossing.picture === undefined && isWhite()) crossing.picture = time;
      crossing.sound ??= soundBegan();
    });
    crossing.stalls = stalls.slice(before);
    return crossing;
  },

  async playToEnd() {
    await video.play();
    // Not "ended" alone: a player may pause at the last frame itself, before the element says that it has ended.
    const types = ["ended", "pause", "timeupdate", "durationchange"];
    await until("the end", () => video.ended || video.currentTime >= video.duration, ...types);
  },

  async switchTo(height) {
    menus.rendition(height);
    video.playbackRate = 2;
    await video.play();
    await until("a picture of height " + height, () => video.videoHeight === height, "resize");
    video.pause();
    await playUntil(video.currentTime + 0.5, 2);
  },
};
`;
