/** Serves a page that plays any stream with hls.js, dash.js or Shaka Player. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import send from "send";
import { packageRoot } from "../../src/node/paths.js";
import { PLAYER_SCRIPT } from "./player-script.js";

export type Library = "hls.js" | "dash.js" | "shaka.js";

export interface PlayerSite {
  /** Address of the page that plays a stream: paused at first, in the tallest rendition, which stays until changed. */
  address(library: Library, stream: string): string;
  /** Address of a file of the folder that it serves. */
  asset(path: string): string;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const LIBRARIES: Record<Library, string> = {
  "hls.js": require.resolve("hls.js/dist/hls.min.js"),
  "dash.js": require.resolve("dashjs"),
  "shaka.js": require.resolve("shaka-player"),
};

const ASSET = "/asset/";

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>player</title>
<link rel="icon" href="data:,">
<video width="640" height="360" crossorigin="anonymous"></video>
<script src="/hls.js"></script>
<script src="/dash.js"></script>
<script src="/shaka.js"></script>
<script src="/player.js"></script>
`;

/** `folder`: of an asset that it serves too. */
export async function servePlayers(folder?: string): Promise<PlayerSite> {
  const files = new Map([
    ["/", PAGE],
    ["/player.js", PLAYER_SCRIPT],
    // Of the watch page: without it Shaka Player shows no subtitles of an HLS stream that are chosen late.
    ["/early-text.js", await readFile(join(packageRoot, "web/watch/early-text.js"), "utf8")],
  ]);
  for (const [name, file] of Object.entries(LIBRARIES)) {
    files.set(`/${name}`, await readFile(file, "utf8"));
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (folder !== undefined && pathname.startsWith(ASSET)) {
      send(request, pathname.slice(ASSET.length), { root: folder }).pipe(response);
      return;
    }
    const type = pathname.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(files.has(pathname) ? 200 : 404, { "content-type": `${type}; charset=utf-8` });
    response.end(files.get(pathname));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: (library, stream) => `http://127.0.0.1:${port}/?${new URLSearchParams({ player: library, stream })}`,
    asset: (path) => `http://127.0.0.1:${port}${ASSET}${path}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
