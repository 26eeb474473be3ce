/** Turns ffprobe's JSON into what the planner wants to know. */
import { lateBy } from "../../core/encoder-delay.js";
import { ReelmeshError } from "../../core/errors.js";
import type { Colour, Rational } from "../../core/media.js";
import type { SourceAudio, SourceSummary, SourceVideo } from "../../core/source.js";
import { audioRole, chaptersOf, languageTag, type ProbedChapter, subtitlesOf } from "./track-labels.js";

/** The fields of ffprobe's JSON that are read; any may be missing. */
export interface ProbedStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  pix_fmt?: string;
  field_order?: string;
  color_primaries?: string;
  color_transfer?: string;
  color_space?: string;
  color_range?: string;
  r_frame_rate?: string;
  avg_frame_rate?: string;
  time_base?: string;
  start_pts?: number;
  duration?: string;
  sample_rate?: string;
  channels?: number;
  disposition?: Record<string, number>;
  tags?: Record<string, string>;
  side_data_list?: { rotation?: number }[];
}

export interface ProbedFile {
  streams?: ProbedStream[];
  chapters?: ProbedChapter[];
  format?: { duration?: string; start_time?: string; tags?: Record<string, string> };
}

interface About {
  demuxer: string;
  fileName: string;
  decodable: ReadonlySet<string>;
}

const MOST_STREAMS = 64;
const SIDE = { least: 16, most: 16_384 };
const MOST_SECONDS = 10 * 24 * 3600;
const MOST_CHANNELS = 64;
const FIELD_ORDERS = ["tt", "bb", "tb", "bt"];

/** INVALID_INPUT when something is beyond what is accepted. */
export function summarise({ streams = [], chapters = [], format }: ProbedFile, about: About): SourceSummary {
  const { fileName, demuxer, decodable } = about;
  const refuse = (reason: string) => {
    throw new ReelmeshError("INVALID_INPUT", `${fileName} ${reason}`);
  };
  if (streams.length > MOST_STREAMS) refuse(`has ${streams.length} streams; ${MOST_STREAMS} are accepted`);
  const seconds = Math.max(0, Number(format?.duration) || 0);
  if (seconds > MOST_SECONDS) refuse(`says that it lasts ${Math.round(seconds / 3600)} hours; 240 are accepted`);
  const known = streams.filter((stream) => decodable.has(stream.codec_name ?? ""));
  const picture = bestPicture(known);
  const { width = 0, height = 0 } = picture ?? {};
  const isAbsurd = (side: number) => side < SIDE.least || side > SIDE.most;
  if (picture && (isAbsurd(width) || isAbsurd(height))) {
    refuse(`has a picture of ${width}x${height} pixels; ${SIDE.least} to ${SIDE.most} a side are accepted`);
  }
  const isSound = ({ codec_type, channels = 0 }: ProbedStream) =>
    codec_type === "audio" && channels > 0 && channels <= MOST_CHANNELS;
  const fileEnd = seconds + (Number(format?.start_time) || 0);
  const writer = format?.tags?.["ENCODER"] ?? format?.tags?.["encoder"] ?? "";
  const audio = known.filter(isSound).map((stream) => audioOf(stream, fileEnd, { demuxer, writer }));
  const texts = { subtitles: subtitlesOf(streams), captions: false, chapters: chaptersOf(chapters) };
  return { fileName, demuxer, seconds, video: picture ? videoOf(picture) : null, audio, ...texts };
}

/** The default video stream, or else the largest; a cover is none. */
function bestPicture(streams: ProbedStream[]): ProbedStream | undefined {
  const isCover = ({ disposition = {} }: ProbedStream) =>
    disposition["attached_pic"] === 1 || disposition["still_image"] === 1;
  const pictures = streams.filter((stream) => stream.codec_type === "video" && !isCover(stream));
  const area = ({ width = 0, height = 0 }: ProbedStream) => width * height;
  const isDefault = ({ disposition = {} }: ProbedStream) => disposition["default"] ?? 0;
  return pictures.toSorted((a, b) => isDefault(b) - isDefault(a) || area(b) - area(a))[0];
}

function videoOf(stream: ProbedStream): SourceVideo {
  const { index, codec_name = "", width = 0, height = 0, pix_fmt = "" } = stream;
  const aspect = fraction(stream.sample_aspect_ratio);
  return {
    stream: index,
    codec: codec_name,
    width,
    height,
    sampleAspect: aspect ?? { num: 1, den: 1 },
    rotation: rotationOf(stream),
    interlaced: FIELD_ORDERS.includes(stream.field_order ?? ""),
    pixelFormat: pix_fmt,
    colour: colourOf(stream),
    frameRates: [stream.r_frame_rate, stream.avg_frame_rate].flatMap((rate) => fraction(rate) ?? []),
    timeBase: fraction(stream.time_base) ?? { num: 1, den: 90_000 },
  };
}

/** A track whose length is not given lasts to the end of the file, which lies at `fileEnd` seconds. */
function audioOf(stream: ProbedStream, fileEnd: number, file: { demuxer: string; writer: string }): SourceAudio {
  const { index, codec_name = "", channels = 2, tags = {}, start_pts = 0 } = stream;
  const timeBase = fraction(stream.time_base) ?? { num: 1, den: 90_000 };
  const sampleRate = Number(stream.sample_rate) || 48_000;
  const role = audioRole(stream.disposition);
  return {
    stream: index,
    codec: codec_name,
    sampleRate,
    channels,
    language: languageTag(tags["language"]),
    title: tags["title"] ?? "",
    default: stream.disposition?.["default"] === 1,
    ...(role === undefined ? {} : { role }),
    late: lateBy({ ...file, codec: codec_name, sampleRate }),
    timeBase,
    startPts: start_pts,
    seconds: Number(stream.duration) || Math.max(0, fileEnd - (start_pts * timeBase.num) / timeBase.den),
  };
}

/** "30000/1001" or "16:9"; undefined for nothing and for 0. */
function fraction(text: string | undefined): Rational | undefined {
  const [num = 0, den = 0] = (text ?? "").split(/[/:]/).map(Number);
  return num > 0 && den > 0 ? { num, den } : undefined;
}

/** ffprobe counts counter-clockwise. */
function rotationOf({ side_data_list = [] }: ProbedStream): SourceVideo["rotation"] {
  const degrees = side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const quarters = ((Math.round(-degrees / 90) % 4) + 4) % 4;
  return ([0, 90, 180, 270] as const)[quarters] ?? 0;
}

function colourOf(stream: ProbedStream): Colour {
  const known = (name: string | undefined) =>
    name !== undefined && !["unknown", "unspecified", "reserved"].includes(name);
  const fields: [keyof Colour, string | undefined][] = [
    ["primaries", stream.color_primaries],
    ["transfer", stream.color_transfer],
    ["matrix", stream.color_space],
    ["range", stream.color_range ?? (stream.pix_fmt?.startsWith("yuvj") ? "pc" : undefined)],
  ];
  return Object.fromEntries(fields.filter(([, name]) => known(name)));
}
