/** The audio groups of an HLS master playlist, and which video each of them goes with. */
import type { AudioCodec, AudioTrackPlan, VideoCodec } from "./media.js";
import type { AudioMenuEntry } from "./menus.js";

/** Every track of the menu in one codec and channel layout, as far as it has that; see RFC 8216, 4.3.4.1.1. */
export interface AudioGroup {
  /** "aac-2", "ec-3-6". */
  id: string;
  codec: AudioCodec;
  members: { entry: AudioMenuEntry; track: AudioTrackPlan }[];
}

/** Whoever plays one of these plays AAC too; they are offered beside the video that the same players prefer. */
const COMPANIONS: Record<Exclude<AudioCodec, "aac">, VideoCodec[]> = {
  opus: ["vp9", "av1"],
  "ac-3": ["h264", "hevc"],
  "ec-3": ["h264", "hevc"],
};

/**
 * A group for each codec and channel layout, stereo AAC first, so that the first variant plays everywhere. All groups
 * have the same members, as the standard asks: a track that does not come in a group's codec and layout is there in
 * what comes nearest.
 */
export function audioGroups(menu: AudioMenuEntry[]): AudioGroup[] {
  const tracks = menu.flatMap(({ encodings }) => encodings);
  const kinds = new Map(tracks.map(({ codec, channels }) => [kindId(codec, channels), { codec, channels }]));
  const groups = [...kinds].map(([id, { codec, channels }]): AudioGroup => {
    const members = menu.map((entry) => ({ entry, track: nearest(entry.encodings, codec, channels) }));
    return { id, codec, members };
  });
  const different = groups.filter((group, index) => index === groups.findIndex((other) => isSame(group, other)));
  return different.toSorted((a, b) => rank(a) - rank(b));
}

/** The groups that a video codec is offered with. `codecs`: all of the asset's, the one that every player knows first. */
export function groupsFor(codec: VideoCodec, codecs: VideoCodec[], groups: AudioGroup[]): AudioGroup[] {
  return groups.filter((group, index) => {
    if (index === 0 || group.codec === "aac") return true;
    const companions = codecs.filter((one) => COMPANIONS[group.codec as Exclude<AudioCodec, "aac">].includes(one));
    return (companions.length > 0 ? companions : codecs.slice(0, 1)).includes(codec);
  });
}

/** Mono stands in for stereo. */
function layout(channels: number): number {
  return Math.max(2, channels);
}

function kindId(codec: AudioCodec, channels: number): string {
  return `${codec}-${layout(channels)}`;
}

/** The same codec with the same layout, else with fewer channels, else with more; else the track's first encoding. */
function nearest(encodings: AudioTrackPlan[], codec: AudioCodec, channels: number): AudioTrackPlan {
  const same = encodings.filter((track) => track.codec === codec);
  const byChannels = same.toSorted((a, b) => a.channels - b.channels);
  const fitting = byChannels.findLast((track) => layout(track.channels) <= layout(channels));
  return fitting ?? byChannels[0] ?? (encodings[0] as AudioTrackPlan);
}

function isSame(a: AudioGroup, b: AudioGroup): boolean {
  return a.members.every(({ track }, index) => track === b.members[index]?.track);
}

/** Stereo AAC, then AAC with more channels, then others in the plan's order. */
function rank({ id, codec }: AudioGroup): number {
  if (codec !== "aac") return 2;
  return id === kindId("aac", 2) ? 0 : 1;
}
