/** Plays an asset with Shaka Player, from whichever node serves it; with the browser's own HLS where there is no MSE. */
import { readyText } from "./early-text.js";
import { Hosts } from "./hosts.js";
import { listenToKeys } from "./keys.js";
import { Menus } from "./menus.js";
import { SeekBar } from "./seek-bar.js";

const find = (selector) => document.querySelector(selector);
const main = find("main");
const video = find("video");
const message = find("#message");
const { shaka } = globalThis;

/** A node that is gone refuses at once, or says nothing: then the next is asked. */
const RETRIES = { maxAttempts: 12, baseDelay: 200, backoffFactor: 1.5, fuzzFactor: 0.5 };
const PATIENCE = { timeout: 30_000, connectionTimeout: 4_000, stallTimeout: 8_000 };
const retryParameters = { ...RETRIES, ...PATIENCE };
const RETRY_SECONDS = 2;

function say(text) {
  message.textContent = text;
}

function togglePlay() {
  if (video.paused || video.ended) video.play().catch(() => say("Press play to begin."));
  else video.pause();
}

function toggleMute() {
  video.muted = !video.muted;
}

function changeVolume(step) {
  video.volume = Math.min(1, Math.max(0, video.volume + step));
  if (step > 0) video.muted = false;
}

function toggleFullscreen() {
  if (document.fullscreenElement) void document.exitFullscreen();
  else if (main.requestFullscreen) main.requestFullscreen().catch(() => {});
  else video.webkitEnterFullscreen?.();
}

/** Buttons say what they do next. */
function showButtons() {
  const [play, mute, full] = ["#play", "#mute", "#full"].map(find);
  const stopped = video.paused || video.ended;
  const silent = video.muted || video.volume === 0;
  for (const [button, text, sign] of [
    [play, stopped ? "Play" : "Pause", stopped ? "\u25b6" : "\u275a\u275a"],
    [mute, silent ? "Sound on" : "Mute", silent ? "\u{1f507}" : "\u{1f50a}"],
    [full, document.fullscreenElement ? "Leave full screen" : "Full screen", "\u26f6"],
  ]) {
    button.setAttribute("aria-label", text);
    button.title = text;
    button.firstElementChild.textContent = sign;
  }
  find("#volume").value = String(video.muted ? 0 : video.volume);
}

function wireControls(seekBar, menus) {
  find("#play").onclick = togglePlay;
  find("#mute").onclick = toggleMute;
  find("#full").onclick = toggleFullscreen;
  video.onclick = togglePlay;
  find("#volume").oninput = ({ target }) => {
    video.muted = false;
    video.volume = Number(target.value);
  };
  for (const type of ["play", "pause", "ended", "volumechange"]) video.addEventListener(type, showButtons);
  document.addEventListener("fullscreenchange", showButtons);
  const seekBy = (seconds) => seekBar.seek(video.currentTime + seconds);
  const seekTo = (part) => {
    const { start, end } = seekBar.range;
    seekBar.seek(start + (end - start) * part);
  };
  const toggleText = () => menus.toggleText();
  listenToKeys({ togglePlay, seekBy, seekTo, changeVolume, toggleMute, toggleFullscreen, toggleText });
  showButtons();
  find("#controls").hidden = false;
}

/** Whatever cannot be fetched now may be in a moment: another node takes over, or this one comes back. */
function onError(player, { code, category, severity }) {
  if (severity !== shaka.util.Error.Severity.CRITICAL) return;
  const { NETWORK } = shaka.util.Error.Category;
  if (category === NETWORK && player.retryStreaming(RETRY_SECONDS)) say("No node answers. Trying again\u2026");
  else say(`Playback stopped (error ${code}). Reload the page to try again.`);
}

async function playWithShaka() {
  const { playlist, thumbnails, nodes } = video.dataset;
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  const hosts = new Hosts(nodes.split(" ").filter((host) => host !== ""));
  hosts.serve(player);
  player.configure({
    manifest: { retryParameters },
    streaming: { retryParameters, bufferingGoal: 30, failureCallback: (error) => onError(player, error) },
    abr: { restrictToElementSize: true },
  });
  player.addEventListener("error", ({ detail }) => onError(player, detail));
  readyText(player);
  video.addEventListener("timeupdate", () => say(""));
  const parts = { bar: find("#seek"), time: find("#time"), preview: find("#preview") };
  const labels = { quality: find("#quality"), audio: find("#audio"), subtitles: find("#subtitles") };
  // One that grows is played from its beginning.
  await player.load(playlist, 0);
  wireControls(new SeekBar(player, video, hosts, parts), new Menus(player, labels));
  if (thumbnails) await player.addThumbnailsTrack(new URL(thumbnails, location.href).href, "text/vtt");
}

function playNatively() {
  video.controls = true;
  video.addEventListener("error", () => say(`Playback stopped: ${video.error?.message || "unknown reason"}.`));
  video.src = video.dataset.playlist;
}

if (shaka?.Player.isBrowserSupported() && "MediaSource" in globalThis) {
  playWithShaka().catch(({ code, message: reason }) => {
    say(`This cannot be played (${code ? `error ${code}` : reason}). Reload the page to try again.`);
  });
} else if (video.canPlayType("application/vnd.apple.mpegurl")) playNatively();
else say("This browser can play neither Media Source Extensions nor HLS. Please use a current one.");
