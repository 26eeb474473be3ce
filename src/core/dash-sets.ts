/** The adaptation sets of video and audio in a DASH manifest (ISO/IEC 23009-1, 5.3.3). */
import { channelConfiguration, colourPoints } from "./cicp.js";
import { renditionColour } from "./colour.js";
import { INIT_SEGMENT, renditionFolder } from "./layout.js";
import type { AudioTrackPlan, EncodedRendition, Plan, SegmentFile, VideoPlan, VideoRendition } from "./media.js";
import { type AudioMenuEntry, audioMenu } from "./menus.js";
import { type Bitrates, findRendition, type MadeAsset } from "./renditions.js";
import { type Attributes, element, textElement } from "./xml.js";

/** An adaptation set; its id is its place among those of the whole asset, video first. */
export interface AdaptationSet {
  /** Name of the track that it holds; absent for pictures. */
  track?: string;
  attributes: Attributes;
  children: string[];
}

type Rates = (rendition: EncodedRendition) => Bitrates;

/** Segments of all renditions begin with an IDR that is shown first, at the same times. */
const ALIGNED = { segmentAlignment: true, startWithSAP: 1 };
/** Players may go from one set to another at any segment (ISO/IEC 23009-1, 5.3.3.5). */
const SWITCHING = "urn:mpeg:dash:adaptation-set-switching:2016";
const MPEG_CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011";
const DOLBY_CHANNELS = "tag:dolby.com,2014:dash:audio_channel_configuration:2011";
/** A bit a place, from the left: L C R Ls Rs, two pairs, then the low frequencies (ETSI TS 102 366, I.1.2.1). */
const DOLBY_PLACES: Record<number, string> = { 1: "4000", 2: "A000", 3: "E000", 5: "F800", 6: "F801", 8: "FA01" };

/** One set a codec and dynamic range, in the plan's order; they have the first ids. MEDIA. */
export function videoSets(plan: VideoPlan, asset: MadeAsset, rates: Rates): AdaptationSet[] {
  const kind = ({ codec, range }: VideoRendition) => `${codec} ${range}`;
  const kinds = [...new Set(plan.renditions.map(kind))];
  return kinds.map((own, id) => {
    const ladder = plan.renditions.filter((rendition) => kind(rendition) === own);
    const others = [...kinds.keys()].filter((other) => other !== id && sameRange(kinds[other], own));
    return videoSet(plan, ladder, others, asset, rates);
  });
}

/** A player never goes from ordinary pictures to HDR in the middle. */
function sameRange(a: string | undefined, b: string): boolean {
  return a?.split(" ")[1] === b.split(" ")[1];
}

function videoSet(
  plan: VideoPlan,
  ladder: VideoRendition[],
  switchableTo: number[],
  { renditions }: MadeAsset,
  rates: Rates,
): AdaptationSet {
  const encoded = ladder.map((planned) => findRendition(renditions, "video", planned.name));
  const frameRate = plan.frameRate.den === 1 ? plan.frameRate.num : `${plan.frameRate.num}/${plan.frameRate.den}`;
  const tallest = ladder.reduce((a, b) => (b.height > a.height ? b : a));
  const shape = greatestCommonDivisor(tallest.width, tallest.height);
  return {
    attributes: {
      contentType: "video",
      mimeType: "video/mp4",
      maxWidth: tallest.width,
      maxHeight: tallest.height,
      maxFrameRate: frameRate,
      par: `${tallest.width / shape}:${tallest.height / shape}`,
      ...ALIGNED,
    },
    children: [
      ...colourProperties(tallest, plan),
      ...(switchableTo.length > 0 ? [property(SWITCHING, switchableTo.join(","))] : []),
      ...encoded.slice(0, 1).map(segmentTemplate), // all renditions have the plan's segments
      ...ladder.map(({ width, height }, index) =>
        representation(encoded[index] as EncodedRendition, rates, { width, height, frameRate, sar: "1:1" }),
      ),
    ],
  };
}

function colourProperties(rendition: VideoRendition, plan: VideoPlan): string[] {
  const { primaries, transfer, matrix } = colourPoints(renditionColour(plan, rendition));
  const points = { ColourPrimaries: primaries, TransferCharacteristics: transfer, MatrixCoefficients: matrix };
  return Object.entries(points)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => property(`urn:mpeg:mpegB:cicp:${name}`, String(value)));
}

/** Names of a plan's tracks in the order of their sets. */
export function setOrder({ audio, subtitles }: Pick<Plan, "audio" | "subtitles">): string[] {
  return [...audioMenu(audio).flatMap(plainFirst), ...subtitles].map(({ name }) => name);
}

/** Stereo AAC first, which every player knows. */
function plainFirst({ encodings }: AudioMenuEntry): AudioTrackPlan[] {
  const isPlain = ({ codec, channels }: AudioTrackPlan) => codec === "aac" && channels <= 2;
  return encodings.toSorted((a, b) => Number(isPlain(b)) - Number(isPlain(a)));
}

/** One set for each encoding of a track. MEDIA. */
export function audioSets(entry: AudioMenuEntry, { renditions }: MadeAsset, rates: Rates): AdaptationSet[] {
  return plainFirst(entry).map((track) => {
    const encoded = findRendition(renditions, "audio", track.name);
    const children = [
      textElement("Label", entry.label),
      ...rolesOf(entry).map((value) => element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value })),
      segmentTemplate(encoded),
      representation(encoded, rates, { audioSamplingRate: track.sampleRate }, channelElements(track)),
    ];
    const attributes = { contentType: "audio", mimeType: "audio/mp4", lang: entry.language, ...ALIGNED };
    return { track: track.name, attributes, children };
  });
}

/** ISO/IEC 23009-1, 5.8.5.5. */
function rolesOf({ default: isDefault, role }: AudioMenuEntry): string[] {
  return [isDefault ? "main" : "alternate", ...(role === undefined ? [] : [role])];
}

function channelElements({ codec, channels }: AudioTrackPlan): string[] {
  const places = DOLBY_PLACES[channels];
  const isDolby = (codec === "ac-3" || codec === "ec-3") && places !== undefined;
  const [schemeIdUri, value] = isDolby ? [DOLBY_CHANNELS, places] : [MPEG_CHANNELS, channelConfiguration(channels)];
  return [element("AudioChannelConfiguration", { schemeIdUri, value })];
}

function property(schemeIdUri: string, value: string): string {
  return element("SupplementalProperty", { schemeIdUri, value });
}

function representation(
  encoded: EncodedRendition,
  rates: Rates,
  attributes: Attributes,
  children: string[] = [],
): string {
  const bandwidth = rates(encoded).peak;
  return element("Representation", { id: encoded.name, codecs: encoded.codec, bandwidth, ...attributes }, children);
}

function segmentTemplate(encoded: EncodedRendition): string {
  const folder = renditionFolder({ kind: encoded.kind, name: "$RepresentationID$" });
  return element(
    "SegmentTemplate",
    {
      timescale: encoded.timescale,
      initialization: `${folder}/${INIT_SEGMENT}`,
      media: `${folder}/$Number%06d$.m4s`,
      startNumber: 1,
    },
    [element("SegmentTimeline", {}, timelineRuns(encoded.segments))],
  );
}

/** `S` elements: a run of equally long segments each, `r` how many more follow the first (ISO/IEC 23009-1, 5.3.9.6). */
function timelineRuns(segments: SegmentFile[]): string[] {
  const runs: { start: number; duration: number; more: number }[] = [];
  for (const { start, duration } of segments) {
    const run = runs.at(-1);
    if (run?.duration === duration) run.more++;
    else runs.push({ start, duration, more: 0 });
  }
  return runs.map(({ start, duration, more }, index) =>
    element("S", { t: index === 0 ? start : undefined, d: duration, r: more > 0 ? more : undefined }),
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
