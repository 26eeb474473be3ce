/** The HLS master playlist (RFC 8216, 4.3.4, with Apple's authoring rules). */
import { type AudioGroup, audioGroups, groupsFor } from "./audio-groups.js";
import { hasKeys } from "./hls.js";
import { type HlsAttributes, lines, quoted, tag, yesNo } from "./hls-tags.js";
import { CHAPTERS, IFRAME_PLAYLIST, MEDIA_PLAYLIST, renditionFolder } from "./layout.js";
import type { AudioRole, EncodedRendition, VideoPlan, VideoRendition } from "./media.js";
import { type AudioMenuEntry, audioMenu, type SubtitleMenuEntry, subtitleMenu } from "./menus.js";
import { type Bitrates, bitratesOf, findRendition, type Growth, keysOf, type MadeAsset } from "./renditions.js";

/** As the media playlists that it names. */
const VERSION = 6;
const SUBTITLES = "subtitles";
/** Said of text that tells what can be heard (RFC 8216, 4.3.4.1; Apple, HLS Authoring Specification, 4.6). */
const FOR_THE_DEAF = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound";

/** Of a track for those who do not see or hear well (Apple, HLS Authoring Specification, 4.5). */
const AIDS: Partial<Record<AudioRole, string>> = {
  description: "public.accessibility.describes-video",
  "enhanced-audio-intelligibility": "public.accessibility.enhances-speech-intelligibility",
};

/** What the tags are written from: the asset with its menus. */
interface Parts extends MadeAsset {
  groups: AudioGroup[];
  subtitles: SubtitleMenuEntry[];
  rates(rendition: EncodedRendition): Bitrates;
}

/**
 * Master playlist of an asset, which lies in the asset's folder: a variant for each video rendition and audio group
 * that fit together, those of the plan's first codec first. Without video, each audio group is a variant. MEDIA when a
 * rendition of the plan is missing. `growth`: bit rates are the caps, since those of what is to come are not known.
 */
export function masterPlaylist(asset: MadeAsset, growth?: Growth): string {
  const { plan } = asset;
  const groups = audioGroups(audioMenu(plan.audio));
  const rates = bitratesOf(asset, growth);
  const parts: Parts = { ...asset, groups, subtitles: subtitleMenu(plan.subtitles, asset.renditions), rates };
  return lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...(growth ? ["## Still being encoded: each BANDWIDTH is the cap, what the files have is said at the end."] : []),
    ...(CHAPTERS in asset.files ? [chaptersTag()] : []),
    ...groups.flatMap((group) => group.members.map(({ entry, track }) => audioTag(group, entry, track))),
    ...parts.subtitles.map(subtitleTag),
    ...(plan.video ? videoVariants(plan.video, parts) : groups.flatMap((group) => audioVariant(group, parts))),
    ...(plan.video ? iframeVariants(plan.video, parts) : []),
  ]);
}

function chaptersTag(): string {
  return tag("EXT-X-SESSION-DATA", { "DATA-ID": quoted("com.apple.hls.chapters"), URI: quoted(CHAPTERS) });
}

function playlistUri(kind: EncodedRendition["kind"], name: string): string {
  return `${renditionFolder({ kind, name })}/${MEDIA_PLAYLIST}`;
}

function audioTag({ id }: AudioGroup, entry: AudioMenuEntry, track: { name: string; channels: number }): string {
  return tag("EXT-X-MEDIA", {
    TYPE: "AUDIO",
    "GROUP-ID": quoted(id),
    NAME: quoted(entry.label),
    LANGUAGE: quoted(entry.language),
    DEFAULT: yesNo(entry.default),
    AUTOSELECT: yesNo(entry.autoselect),
    CHARACTERISTICS: quoted(AIDS[entry.role ?? "dub"]),
    CHANNELS: quoted(String(track.channels)),
    URI: quoted(playlistUri("audio", track.name)),
  });
}

function subtitleTag({ track, label, language, default: isDefault, autoselect }: SubtitleMenuEntry): string {
  return tag("EXT-X-MEDIA", {
    TYPE: "SUBTITLES",
    "GROUP-ID": quoted(SUBTITLES),
    NAME: quoted(label),
    LANGUAGE: quoted(language),
    DEFAULT: yesNo(isDefault),
    AUTOSELECT: yesNo(autoselect),
    FORCED: yesNo(track.forced),
    CHARACTERISTICS: track.hearingImpaired ? quoted(FOR_THE_DEAF) : undefined,
    URI: quoted(playlistUri("text", track.name)),
  });
}

function videoVariants(video: VideoPlan, parts: Parts): string[] {
  const codecs = [...new Set(video.renditions.map(({ codec }) => codec))];
  return codecs.flatMap((codec) => {
    const ladder = video.renditions.filter((rendition) => rendition.codec === codec);
    const groups = parts.groups.length > 0 ? groupsFor(codec, codecs, parts.groups) : [undefined];
    return groups.flatMap((group) => ladder.flatMap((planned) => videoVariant(video, planned, group, parts)));
  });
}

function videoVariant(plan: VideoPlan, planned: VideoRendition, group: AudioGroup | undefined, parts: Parts): string[] {
  const video = findRendition(parts.renditions, "video", planned.name);
  const audio = group === undefined ? [] : tracksOf(group, parts);
  const attributes = {
    ...ratesAndCodecs([video], audio, parts),
    RESOLUTION: `${planned.width}x${planned.height}`,
    "FRAME-RATE": (plan.frameRate.num / plan.frameRate.den).toFixed(3),
    "VIDEO-RANGE": planned.range,
    AUDIO: quoted(group?.id),
    ...subtitleGroup(parts),
  };
  return [tag("EXT-X-STREAM-INF", attributes), playlistUri("video", planned.name)];
}

function audioVariant(group: AudioGroup, parts: Parts): string[] {
  const attributes = { ...ratesAndCodecs([], tracksOf(group, parts), parts), AUDIO: quoted(group.id) };
  const played = group.members.find(({ entry }) => entry.default);
  return [
    tag("EXT-X-STREAM-INF", { ...attributes, ...subtitleGroup(parts) }),
    playlistUri("audio", played?.track.name ?? ""),
  ];
}

/** I-frame variants say the rates and the codec of their pictures alone (RFC 8216, 4.3.4.3). */
function iframeVariants({ renditions }: VideoPlan, parts: Parts): string[] {
  return renditions.flatMap((planned) => {
    const video = findRendition(parts.renditions, "video", planned.name);
    if (!hasKeys(video)) return [];
    return tag("EXT-X-I-FRAME-STREAM-INF", {
      ...ratesAndCodecs([keysOf(video)], [], parts),
      RESOLUTION: `${planned.width}x${planned.height}`,
      "VIDEO-RANGE": planned.range,
      URI: quoted(`${renditionFolder(video)}/${IFRAME_PLAYLIST}`),
    });
  });
}

function tracksOf({ members }: AudioGroup, { renditions }: Parts): EncodedRendition[] {
  return members.map(({ track }) => findRendition(renditions, "audio", track.name));
}

function subtitleGroup({ subtitles }: Parts): HlsAttributes {
  return { SUBTITLES: subtitles.length > 0 ? quoted(SUBTITLES) : undefined };
}

/** A variant plays its video and one of the group's tracks: the most that it can take (RFC 8216, 4.3.4.2). */
function ratesAndCodecs(video: EncodedRendition[], audio: EncodedRendition[], { rates }: Parts): HlsAttributes {
  const rows = [...video, ...audio].map((rendition) => ({ rendition, ...rates(rendition) }));
  const most = (rate: "peak" | "average") =>
    (["video", "audio"] as const).reduce((sum, kind) => {
      return sum + Math.max(0, ...rows.filter(({ rendition }) => rendition.kind === kind).map((row) => row[rate] ?? 0));
    }, 0);
  const codecs = [...new Set(rows.map(({ rendition }) => rendition.codec))];
  const isKnown = rows.every(({ average }) => average !== undefined);
  return {
    BANDWIDTH: most("peak"),
    "AVERAGE-BANDWIDTH": isKnown ? most("average") : undefined,
    CODECS: quoted(codecs.join(",")),
  };
}
