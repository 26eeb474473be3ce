/** Names of an asset's files, all below its folder; playlists and manifests refer to each other by them. */
import type { EncodedRendition } from "./media.js";

export const MASTER_PLAYLIST = "master.m3u8";
export const DASH_MANIFEST = "manifest.mpd";
export const MEDIA_PLAYLIST = "media.m3u8";
/** Beside the media playlist of a video rendition. */
export const IFRAME_PLAYLIST = "iframes.m3u8";
export const INIT_SEGMENT = "init.mp4";
/** A whole subtitle track in one file, beside its segments. */
export const WHOLE_SUBTITLES = "subtitles.vtt";
/** Chapters as Apple's players read them. */
export const CHAPTERS = "chapters.json";
/** Sheets of small pictures, from 000001.jpg. */
export const THUMBNAILS_FOLDER = "thumbnails";

const FOLDERS: Record<EncodedRendition["kind"], string> = { video: "video", audio: "audio", text: "subtitles" };

/** "video/720p". */
export function renditionFolder({ kind, name }: Pick<EncodedRendition, "kind" | "name">): string {
  return `${FOLDERS[kind]}/${name}`;
}

/** "000001.m4s", "000001.vtt" for text; DASH writes the first as `$Number%06d$.m4s`. */
export function segmentFileName(number: number, kind: EncodedRendition["kind"] = "video"): string {
  return `${padded(number)}.${kind === "text" ? "vtt" : "m4s"}`;
}

/** "thumbnails/000001.jpg". */
export function thumbnailSheet(number: number): string {
  return `${THUMBNAILS_FOLDER}/${padded(number)}.jpg`;
}

function padded(number: number): string {
  return String(number).padStart(6, "0");
}
