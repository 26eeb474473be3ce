/** HLS playlists (RFC 8216, with Apple's authoring rules for fragmented MP4). */

import type { AudioMenuEntry } from "./audio-menu.js";
import { audioMenu } from "./audio-menu.js";
import { INIT_SEGMENT, MEDIA_PLAYLIST, renditionFolder, segmentFileName } from "./layout.js";
import type { EncodedRendition, Plan, VideoPlan, VideoRendition } from "./media.js";
import { averageBitrate, findRendition, peakBitrate, targetDuration } from "./renditions.js";

const AUDIO_GROUP = "audio";

/** Media playlist of one rendition, which lies in its folder. `target`: targetDuration of all the asset's renditions. */
export function mediaPlaylist(rendition: EncodedRendition, target: number): string {
  return lines([
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    `#EXT-X-TARGETDURATION:${target}`,
    "#EXT-X-MEDIA-SEQUENCE:1",
    "#EXT-X-PLAYLIST-TYPE:VOD",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-MAP:URI="${INIT_SEGMENT}"`,
    ...rendition.segments.flatMap((segment) => [
      `#EXTINF:${(segment.duration / rendition.timescale).toFixed(6)},`,
      segmentFileName(segment.number),
    ]),
    "#EXT-X-ENDLIST",
  ]);
}

/**
 * Master playlist of an asset, which lies in the asset's folder: a variant for each video rendition and one group with
 * every audio track. Without video the default audio track is the only variant. `renditions` are all of the plan's.
 * MEDIA when one is missing.
 */
export function masterPlaylist(plan: Plan, renditions: EncodedRendition[]): string {
  const target = targetDuration(renditions);
  const menu = audioMenu(plan.audio);
  const audio = menu.map((entry) => findRendition(renditions, "audio", entry.track.name));
  const variants = plan.video
    ? plan.video.renditions.map((video) => videoVariant(plan.video as VideoPlan, video, renditions, audio, target))
    : menu.filter((entry) => entry.default).map((entry) => audioVariant(entry, audio, target));
  return lines([
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...menu.map(audioTag),
    ...variants.flat(),
  ]);
}

function lines(all: string[]): string {
  return `${all.join("\n")}\n`;
}

/** `#NAME:KEY=VALUE,...` (RFC 8216, 4.2), without the attributes that are undefined. */
function tag(name: string, attributes: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `#${name}:${pairs.map(([key, value]) => `${key}=${value}`).join(",")}`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

function playlistUri(kind: "video" | "audio", name: string): string {
  return `${renditionFolder({ kind, name })}/${MEDIA_PLAYLIST}`;
}

function audioTag(entry: AudioMenuEntry): string {
  return tag("EXT-X-MEDIA", {
    TYPE: "AUDIO",
    "GROUP-ID": quoted(AUDIO_GROUP),
    NAME: quoted(entry.label),
    LANGUAGE: entry.language === undefined ? undefined : quoted(entry.language),
    DEFAULT: entry.default ? "YES" : "NO",
    AUTOSELECT: entry.autoselect ? "YES" : "NO",
    CHANNELS: quoted(String(entry.track.channels)),
    URI: quoted(playlistUri("audio", entry.track.name)),
  });
}

function largest(values: number[]): number {
  return Math.max(0, ...values);
}

function codecs(renditions: EncodedRendition[]): string {
  return quoted([...new Set(renditions.map((rendition) => rendition.codec))].join(","));
}

function videoVariant(
  plan: VideoPlan,
  planned: VideoRendition,
  renditions: EncodedRendition[],
  audio: EncodedRendition[],
  target: number,
): string[] {
  const video = findRendition(renditions, "video", planned.name);
  const attributes = {
    BANDWIDTH: peakBitrate(video, target) + largest(audio.map((track) => peakBitrate(track, target))),
    "AVERAGE-BANDWIDTH": averageBitrate(video) + largest(audio.map(averageBitrate)),
    CODECS: codecs([video, ...audio]),
    RESOLUTION: `${planned.width}x${planned.height}`,
    "FRAME-RATE": (plan.frameRate.num / plan.frameRate.den).toFixed(3),
    "VIDEO-RANGE": "SDR",
    AUDIO: audio.length > 0 ? quoted(AUDIO_GROUP) : undefined,
  };
  return [tag("EXT-X-STREAM-INF", attributes), playlistUri("video", planned.name)];
}

function audioVariant(entry: AudioMenuEntry, audio: EncodedRendition[], target: number): string[] {
  const attributes = {
    BANDWIDTH: largest(audio.map((track) => peakBitrate(track, target))),
    "AVERAGE-BANDWIDTH": largest(audio.map(averageBitrate)),
    CODECS: codecs(audio),
    AUDIO: quoted(AUDIO_GROUP),
  };
  return [tag("EXT-X-STREAM-INF", attributes), playlistUri("audio", entry.track.name)];
}
