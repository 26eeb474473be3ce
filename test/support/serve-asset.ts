/** Viewers' server of a node that is alone, for the one asset that it has made: /assets/film/... */
import { formatAddress, listen } from "../../src/node/http/listen.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import type { AloneAsset } from "./make-asset.js";

export interface AssetServer {
  /** host:port. */
  address: string;
  close(): Promise<void>;
}

export async function serveAsset({ manifest, store }: AloneAsset): Promise<AssetServer> {
  const service = viewersService({
    list: () => [],
    manifest: async (name) => (name === "film" ? manifest : undefined),
    file: ({ sha256 }) => store.blobs.path(sha256),
    growing: async () => undefined,
    growingFile: () => Promise.reject(new Error("nothing grows")),
  });
  const listener = await listen(service, { host: "127.0.0.1", port: 0, report: () => {} });
  return { address: formatAddress("127.0.0.1", listener.port), close: () => listener.close() };
}
