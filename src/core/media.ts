/**
 * The three JSON blobs of a job: the plan (what to make), the listing of a finished encode task (what was made) and
 * the asset's manifest (what is served).
 */
import type { BucketRun } from "./leaky-bucket.js";
import type { BlobReference, JobOptions } from "./work.js";

/** A fraction of two integers, for example 30000/1001 frames a second or a time base of 1/90000 s. */
export interface Rational {
  num: number;
  den: number;
}

/** Where the frames of the output stand in time: frame 0 at tick 0, each step `[ticks, frames]` in turn. */
export interface Timeline {
  /** Ticks a second. */
  timescale: number;
  /** Runs of equally long frames: `[duration of each in ticks, how many]`. */
  steps: [number, number][];
}

/** A piece of media that a player fetches as one file, on a boundary that every rendition shares. */
export interface PlannedSegment {
  /** From 1; also the `mfhd` sequence number and the number in the file's name. */
  number: number;
  firstFrame: number;
  frames: number;
  /** Ticks of the timeline. */
  start: number;
  duration: number;
}

/** A run of whole segments that one worker encodes at once. */
export interface Chunk {
  /** "chunk-000001" and up. */
  name: string;
  /** Numbers of its first segment and how many there are. */
  firstSegment: number;
  segments: number;
  /** Frames that count. */
  firstFrame: number;
  frames: number;
  /** Frames encoded before and after and thrown away, so that rate control and lookahead see past the joins. */
  leadFrames: number;
  tailFrames: number;
  /** Presentation time stamps in the source's time base: first frame of the lead, and one past the tail's last. */
  startPts: number;
  endPts: number;
  /** Digest of the time stamps of all these frames (digest.ts); absent in plans of older versions. */
  stamps?: string;
  /**
   * How to cut the chunk file: from the keyframe at this time in seconds of the source's own clock (absent: from the
   * start), copy this many packets.
   */
  cut: { seekSeconds?: string; packets: number };
}

export type VideoCodec = "h264" | "hevc" | "av1" | "vp9";

/** Of HEVC and AV1; "main" for the others, which have none. */
export type Tier = "main" | "high";

/** What the code values mean: SDR, or HDR by Rec. ITU-R BT.2100's perceptual quantiser (HDR10) or hybrid log-gamma. */
export type VideoRange = "SDR" | "PQ" | "HLG";

export interface VideoRendition {
  /** "720p"; "720p-hevc" where the codec is not the ladder's first. */
  name: string;
  codec: VideoCodec;
  width: number;
  height: number;
  /** ffmpeg's name of the encoder, one for all of its chunks: "libx264". */
  encoder: string;
  /** The codec's level times ten, for example 31. */
  level: number;
  tier: Tier;
  bitDepth: 8 | 10;
  range: VideoRange;
  /** Constant quality on the encoder's own scale; a fraction where it takes one. */
  crf: number;
  /** Cap of the bit rate and the buffer of the cap, in bits a second and bits. */
  maxBitrate: number;
  bufferBits: number;
  /** Share of the buffer that the encoder takes for full at a chunk's start; nearly all of it when absent. */
  fullness?: number;
  /** SHA-256 of the init segment that every chunk of it must come out with; absent where there was none to compare. */
  init?: string;
}

/** Colour description by ffmpeg's names; an absent one is unknown and left so. */
export interface Colour {
  primaries?: string;
  transfer?: string;
  matrix?: string;
  range?: string;
}

/** Where the light of a display is, CIE 1931 x and y. */
type Chromaticity = [number, number];

/** How bright an HDR picture was made to be. */
export interface Light {
  /** The display that it was graded on (SMPTE ST 2086); luminances in candela a square metre. */
  mastering?: {
    red: Chromaticity;
    green: Chromaticity;
    blue: Chromaticity;
    white: Chromaticity;
    minLuminance: number;
    maxLuminance: number;
  };
  /** The brightest pixel and the brightest frame on average, candela a square metre (CTA-861.3). */
  content?: { max: number; average: number };
}

export interface VideoPlan {
  /** Index of the stream in the source. */
  stream: number;
  /** Time base of the source's stream, seconds a tick. */
  timeBase: Rational;
  /** True: every frame lasts as long as the others, and time stamps are counted, not read. */
  constantRate: boolean;
  /** Frames a second, the average where they vary. */
  frameRate: Rational;
  frames: number;
  timeline: Timeline;
  /** ffmpeg's name of how the source's pictures are stored; absent in plans of older versions. */
  pixelFormat?: string;
  /** ffmpeg filters before scaling, for example "transpose=clock". */
  filters: string[];
  colour: Colour;
  light?: Light;
  /** First frames of the GOPs, counted in frames of the source; segments start at some of them. */
  gops: number[];
  segments: PlannedSegment[];
  chunks: Chunk[];
  /** Those of one codec in a row, tallest first; that of the first codec is what every player knows. */
  renditions: VideoRendition[];
}

export type AudioCodec = "aac" | "opus" | "ac-3" | "ec-3";

/** What a track is beside the main one, in the words of ISO/IEC 23009-1, 5.8.5.5. */
export type AudioRole = "dub" | "commentary" | "description" | "enhanced-audio-intelligibility";

export interface AudioTrackPlan {
  /**
   * The task, the rendition and the folder: "audio-1" and up in AAC, with all channels; "audio-1-stereo" where it has
   * more than two; "audio-1-opus", "audio-1-ac-3". Encodings of one track stand in a row and have the same stream.
   */
  name: string;
  codec: AudioCodec;
  /** Index of the stream in the source. */
  stream: number;
  /** RFC 5646 tag, "und" when the source does not say. */
  language: string;
  /** For the player's menu. */
  title: string;
  default: boolean;
  role?: AudioRole;
  sampleRate: number;
  /** 1, 2 or 6, whose order is that of 5.1; of a copied track any. */
  channels: number;
  /** Bits a second; 0 for a copied track, which has its own. */
  bitrate: number;
  /** Seconds of the output: to the end of the track or of the video, whichever is later. */
  seconds: number;
  /** Seconds by which the sound stands later than its container says; negative: earlier. See encoder-delay.ts. */
  late?: number;
  /** Container of the cut, for codecs that the usual one (NUT) does not hold, or does not tell from another. */
  cutFormat?: "matroska" | "mp4";
}

/** Text over the picture, from a stream of the source or from a file that came beside it. */
export interface SubtitleTrackPlan {
  /** "subtitles-1" and up: the task, the rendition and the folder. */
  name: string;
  /** Index of the stream in the source, or the file; captions are those inside the video (CEA-608 and CEA-708). */
  from: { stream: number; codec: string } | { file: BlobReference } | { captions: true };
  /** RFC 5646 tag, "und" when the source does not say. */
  language: string;
  /** For the player's menu. */
  title: string;
  default: boolean;
  /** Only what everybody must read, such as signs in a foreign language. */
  forced: boolean;
  /** It tells of sounds too. */
  hearingImpaired?: boolean;
}

/** The poster and the sheets of small pictures for the seek bar: one task, "images". */
export interface ImagesPlan {
  name: string;
  /** One small picture, pixels. */
  width: number;
  height: number;
  /** Small pictures in a row and in a column of a sheet. */
  columns: number;
  rows: number;
  /** Seconds between small pictures, and how many there are. */
  interval: number;
  count: number;
  /** Time of the poster, seconds from zero. */
  posterAt: number;
  /** True: keyframes stand so close that they are enough, and nothing else is decoded. */
  keyframes?: boolean;
}

export interface Chapter {
  /** Seconds from zero. */
  start: number;
  end: number;
  title: string;
}

export interface Plan {
  version: 1;
  job: string;
  /** What chunks are cut from: the submitted source, or its remux where that could not be cut exactly. */
  source: BlobReference;
  /** ffmpeg's name of the demuxer that reads it. */
  demuxer: string;
  options: JobOptions;
  /** Sentences for the person who submitted the job: what was chosen, and what could not be done as usual. */
  notes: string[];
  /** Duration of the source in seconds: the longest of its tracks. */
  seconds: number;
  /** Time of the output's zero in the source, seconds, as a fraction of the source's time base. */
  zero: { pts: number; timeBase: Rational };
  /** Where audio segments should end, in seconds from zero: the video's boundaries, or the fixed grid without video. */
  boundaries: number[];
  video: VideoPlan | null;
  audio: AudioTrackPlan[];
  subtitles: SubtitleTrackPlan[];
  images: ImagesPlan | null;
  chapters: Chapter[];
}

/** A finished segment in a store. */
export interface SegmentFile extends BlobReference {
  number: number;
  /** Ticks of the rendition's timescale. */
  start: number;
  duration: number;
  /** Of video: what its frames do to the decoder's buffer under the rendition's cap. */
  bucket?: BucketRun;
  /** Of video: bytes from the start of the file to the end of its first sample, the IDR; for I-frame playlists. */
  keyBytes?: number;
}

/** A rendition, or the part of it that one task made. */
export interface EncodedRendition {
  /** "720p", "audio-1". */
  name: string;
  kind: "video" | "audio" | "text";
  /** RFC 6381, for example "avc1.64001f" or "mp4a.40.2"; "wvtt" for text, which is plain WebVTT and not in MP4. */
  codec: string;
  timescale: number;
  /** Of text: the whole track in one file. */
  init: BlobReference;
  segments: SegmentFile[];
}

/** The listing of a finished encode task. That of a subtitle track or of the images is empty where they could not be made. */
export interface EncodedMedia {
  version: 1;
  task: string;
  renditions: EncodedRendition[];
  /** What else the task made: path below the asset's folder -> file. */
  files: Record<string, AssetFile>;
}

/** A file of a finished asset. */
export interface AssetFile extends BlobReference {
  /** Media type for Content-Type. */
  type: string;
}

/** What an asset consists of: paths below /assets/<asset>/ and the blobs behind them. */
export interface AssetManifest {
  version: 1;
  asset: string;
  seconds: number;
  files: Record<string, AssetFile>;
}
