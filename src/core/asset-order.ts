/** In which order the blobs of an asset are copied: what is played first comes first. */
import { INIT_SEGMENT, THUMBNAILS_FOLDER } from "./layout.js";
import type { AssetManifest } from "./media.js";
import type { BlobReference } from "./work.js";

/**
 * Each blob once: playlists, manifests and init segments, then the segments of all renditions side by side by their
 * place in the film, then small pictures. The same for all nodes.
 */
export function blobsInOrder({ files }: Pick<AssetManifest, "files">): BlobReference[] {
  const counts = new Map<string, number>();
  for (const path of Object.keys(files)) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  const rows = Object.entries(files).map(([path, { sha256, bytes }]) => {
    return { at: placeInFilm(path, counts.get(folderOf(path)) ?? 1), path, sha256, bytes };
  });
  rows.sort((a, b) => a.at - b.at || (a.path < b.path ? -1 : 1));
  const blobs = new Map<string, BlobReference>();
  for (const { sha256, bytes } of rows) if (!blobs.has(sha256)) blobs.set(sha256, { sha256, bytes });
  return [...blobs.values()];
}

/** -1 for what a player needs first, 0 to 1 for a segment, 2 for what can wait. */
function placeInFilm(path: string, filesInFolder: number): number {
  if (path.startsWith(`${THUMBNAILS_FOLDER}/`)) return 2;
  const number = /\/(\d+)\.\w+$/.exec(path)?.[1];
  if (number === undefined || path.endsWith(INIT_SEGMENT)) return -1;
  return Number(number) / filesInFolder;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
