/** HLS media playlists (RFC 8216, with Apple's authoring rules for fragmented MP4). */
import { lines } from "./hls-tags.js";
import { INIT_SEGMENT, segmentFileName } from "./layout.js";
import type { EncodedRendition, SegmentFile } from "./media.js";

/** What a playlist has to say of its version (RFC 8216, 7): fractions of seconds, a map for I-frames, a map. */
const VERSION = { text: 3, iframes: 5, media: 6 };

/** "VOD" when nothing comes any more; "EVENT" while segments are still added, which never change once they are there. */
export type PlaylistType = "VOD" | "EVENT";

/** Media playlist of one rendition, which lies in its folder. `target`: targetDuration of all the asset's renditions. */
export function mediaPlaylist(rendition: EncodedRendition, target: number, type: PlaylistType = "VOD"): string {
  const { kind, segments, timescale } = rendition;
  const version = kind === "text" ? VERSION.text : VERSION.media;
  return lines([
    ...head(version, target, type),
    ...(kind === "text" ? [] : ["#EXT-X-INDEPENDENT-SEGMENTS", `#EXT-X-MAP:URI="${INIT_SEGMENT}"`]),
    ...segments.flatMap((segment) => [duration(segment, timescale), segmentFileName(segment.number, kind)]),
    ...tail(type),
  ]);
}

/**
 * The first picture of every segment, as the bytes of the segment up to its end (RFC 8216, 4.3.3.6), beside the media
 * playlist; undefined where the listing does not say how long they are.
 */
export function iframePlaylist(rendition: EncodedRendition, target: number, type: PlaylistType): string | undefined {
  const { segments, timescale } = rendition;
  if (!hasKeys(rendition)) return undefined;
  return lines([
    ...head(VERSION.iframes, target, type),
    "#EXT-X-I-FRAMES-ONLY",
    `#EXT-X-MAP:URI="${INIT_SEGMENT}"`,
    ...segments.flatMap((segment) => [
      duration(segment, timescale),
      `#EXT-X-BYTERANGE:${segment.keyBytes}@0`,
      segmentFileName(segment.number),
    ]),
    ...tail(type),
  ]);
}

export function hasKeys({ kind, segments }: EncodedRendition): boolean {
  return kind === "video" && segments.every(({ keyBytes }) => keyBytes !== undefined);
}

/** Whoever opens what is still growing begins at its beginning, not behind its end. */
function head(version: number, target: number, type: PlaylistType): string[] {
  return [
    "#EXTM3U",
    `#EXT-X-VERSION:${version}`,
    `#EXT-X-TARGETDURATION:${target}`,
    "#EXT-X-MEDIA-SEQUENCE:1",
    `#EXT-X-PLAYLIST-TYPE:${type}`,
    ...(type === "EVENT" ? ["#EXT-X-START:TIME-OFFSET=0"] : []),
  ];
}

function tail(type: PlaylistType): string[] {
  return type === "VOD" ? ["#EXT-X-ENDLIST"] : [];
}

function duration(segment: SegmentFile, timescale: number): string {
  return `#EXTINF:${(segment.duration / timescale).toFixed(6)},`;
}
