/** The watch page's three files, as text: the build is `tsc` alone, which copies no other files. */

/** HTML of the page that plays one asset. */
export function pageHtml({ title, playlist }: { title: string; playlist: string }): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/watch/player.css">
    <script src="/watch/hls.js" defer></script>
    <script src="/watch/player.js" defer></script>
  </head>
  <body>
    <main>
      <h1>${escapeHtml(title)}</h1>
      <video controls playsinline data-playlist="${escapeHtml(playlist)}"></video>
      <p class="menus">
        <label id="quality" hidden>Quality <select></select></label>
        <label id="audio" hidden>Audio <select></select></label>
      </p>
      <p id="message" role="alert"></p>
      <noscript><p>This player needs JavaScript. Other players open <a href="${escapeHtml(playlist)}">the playlist</a>.</p></noscript>
    </main>
  </body>
</html>
`;
}

/** HTML of the page that leads to the assets. */
export function frontHtml(assets: { asset: string; name: string }[]): string {
  const row = ({ asset, name }: { asset: string; name: string }) =>
    `      <li><a href="/watch/${encodeURIComponent(asset)}">${escapeHtml(name)}</a></li>\n`;
  const list =
    assets.length === 0 ? "    <p>Nothing to watch yet.</p>" : `    <ul>\n${assets.map(row).join("")}    </ul>`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>reelmesh</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <h1>reelmesh</h1>
${list}
    <p><a href="/assets">All assets as JSON</a></p>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

export const pageStyle = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
video { width: 100%; max-height: 80vh; aspect-ratio: auto 16 / 9; background: black; }
.menus { display: flex; gap: 1.5rem; }
.menus label[hidden] { display: none; }
#message { color: crimson; }
`;

/** Plays with hls.js where Media Source Extensions exist, else with the browser's own HLS (Safari on iOS). */
export const pageScript = `"use strict";
const video = document.querySelector("video");
const playlist = video.dataset.playlist;
const message = document.querySelector("#message");

function say(text) {
  message.textContent = text;
}

/** Fills a menu with [value, text] pairs; one with nothing to choose stays hidden. */
function fill(label, choices, selected, onChoice) {
  const select = label.querySelector("select");
  select.replaceChildren(...choices.map(([value, text]) => new Option(text, value, false, value === selected)));
  select.onchange = () => onChoice(Number(select.value));
  label.hidden = choices.length < 2;
}

function describeLevel(level) {
  return level.height ? level.height + "p" : Math.round(level.bitrate / 1000) + " kbit/s";
}

function showQualities(hls) {
  const label = document.querySelector("#quality");
  const levels = hls.levels.map((level, index) => [index, describeLevel(level)]);
  if (levels.length < 2) return;
  levels.sort(([first], [second]) => hls.levels[second].bitrate - hls.levels[first].bitrate);
  fill(label, [[-1, "Auto"], ...levels], -1, (level) => {
    hls.nextLevel = level;
    if (level >= 0) label.querySelector("option").textContent = "Auto";
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => {
    const text = hls.autoLevelEnabled ? "Auto (" + describeLevel(hls.levels[level]) + ")" : "Auto";
    label.querySelector("option").textContent = text;
  });
}

function showAudioTracks(hls) {
  const tracks = hls.audioTracks.map((track, index) => [index, track.name || track.lang || "Track " + (index + 1)]);
  fill(document.querySelector("#audio"), tracks, hls.audioTrack, (track) => {
    hls.audioTrack = track;
  });
}

let recovered = false;

function onError(hls, error) {
  if (!error.fatal) return;
  if (error.type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
    recovered = true;
    hls.recoverMediaError();
    return;
  }
  const status = error.response && error.response.code ? ", HTTP status " + error.response.code : "";
  say("Playback stopped: " + error.details + status + ". Reload the page to try again.");
}

function playWithHlsJs() {
  // The segments are fragmented MP4 already, so there is nothing for a worker to convert.
  const hls = new Hls({ enableWorker: false, capLevelToPlayerSize: true });
  hls.on(Hls.Events.MANIFEST_PARSED, () => showQualities(hls));
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, () => showAudioTracks(hls));
  hls.on(Hls.Events.AUDIO_TRACK_SWITCHED, () => showAudioTracks(hls));
  hls.on(Hls.Events.ERROR, (_event, error) => onError(hls, error));
  hls.loadSource(playlist);
  hls.attachMedia(video);
}

function playNatively() {
  video.addEventListener("error", () => {
    say("Playback stopped: " + (video.error ? video.error.message || "code " + video.error.code : "unknown reason") + ".");
  });
  video.src = playlist;
}

if (typeof Hls !== "undefined" && Hls.isSupported()) playWithHlsJs();
else if (video.canPlayType("application/vnd.apple.mpegurl")) playNatively();
else say("This browser can play neither Media Source Extensions nor HLS. Please use a current one.");
`;
