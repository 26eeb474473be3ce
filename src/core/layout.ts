/** Names of an asset's files, all below its folder; playlists and manifests refer to each other by them. */
import type { EncodedRendition } from "./media.js";

export const MASTER_PLAYLIST = "master.m3u8";
export const DASH_MANIFEST = "manifest.mpd";
export const MEDIA_PLAYLIST = "media.m3u8";
export const INIT_SEGMENT = "init.mp4";

/** "video/720p". */
export function renditionFolder(rendition: Pick<EncodedRendition, "kind" | "name">): string {
  return `${rendition.kind}/${rendition.name}`;
}

/** "000001.m4s"; DASH writes the same as `$Number%06d$.m4s`. */
export function segmentFileName(number: number): string {
  return `${String(number).padStart(6, "0")}.m4s`;
}
