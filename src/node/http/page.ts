/** The pages for people, as text. */

/** What the page of one asset is told. */
export interface Watched {
  title: string;
  /** Paths on this node; the small pictures and the poster only where there are some. */
  playlist: string;
  thumbnails?: string | undefined;
  poster?: string | undefined;
  /** "host:port" of the nodes that serve viewers. */
  nodes: string[];
}

/** HTML of the page that plays one asset; web/watch has its scripts. */
export function pageHtml({ title, playlist, thumbnails = "", poster, nodes }: Watched): string {
  const shown = escapeHtml(title);
  const data = { playlist, thumbnails, nodes: nodes.join(" ") };
  const attributes = Object.entries(data).map(([name, value]) => `data-${name}="${escapeHtml(value)}"`);
  if (poster !== undefined) attributes.push(`poster="${escapeHtml(poster)}"`);
  const menu = (id: string, name: string) => `        <label id="${id}" hidden>${name} <select></select></label>`;
  const button = (id: string) => `        <button id="${id}" type="button"><span aria-hidden="true"></span></button>`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${shown}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/watch/player.css">
    <script src="/watch/shaka.js" defer></script>
    <script src="/watch/player.js" type="module"></script>
  </head>
  <body>
    <main>
      <h1>${shown}</h1>
      <video playsinline crossorigin="anonymous" aria-label="${shown}" ${attributes.join(" ")}></video>
      <div id="controls" role="group" aria-label="Player" hidden>
      <div class="bar">
        <div id="preview" hidden></div>
        <input id="seek" type="range" min="0" max="0" step="any" value="0" aria-label="Seek">
      </div>
      <div class="line">
${button("play")}
        <span id="time"></span>
${button("mute")}
        <input id="volume" type="range" min="0" max="1" step="0.05" value="1" aria-label="Volume">
${menu("quality", "Quality")}
${menu("audio", "Audio")}
${menu("subtitles", "Subtitles")}
${button("full")}
      </div>
      </div>
      <p id="message" role="alert"></p>
      <noscript><p>This player needs JavaScript. Other players open <a href="${escapeHtml(playlist)}">the playlist</a>.</p></noscript>
    </main>
  </body>
</html>
`;
}

/** HTML of the page in the place of an asset's: why it cannot be watched. `retrySeconds`: it looks again by itself. */
export function noPageHtml(reason: string, retrySeconds?: number): string {
  const again = retrySeconds === undefined ? "" : `\n    <meta http-equiv="refresh" content="${retrySeconds}">`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">${again}
    <title>${retrySeconds === undefined ? "Not here" : "Not yet"}</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <h1>${retrySeconds === undefined ? "This cannot be watched here" : "This cannot be watched yet"}</h1>
    <p>${escapeHtml(reason)}</p>
    <p><a href="/">What there is to watch</a></p>
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
