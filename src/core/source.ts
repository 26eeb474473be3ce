/** What is known of a source before it is planned: its streams, and the packets of its video. */
import type { AudioRole, Chapter, Colour, Light, Rational } from "./media.js";

export interface SourceVideo {
  /** Index of the stream in the file. */
  stream: number;
  /** ffmpeg's name of the codec, for example "h264". */
  codec: string;
  /** Coded size in pixels, before rotation. */
  width: number;
  height: number;
  /** Width of a pixel by its height. */
  sampleAspect: Rational;
  /** Degrees clockwise by which a player turns the picture. */
  rotation: 0 | 90 | 180 | 270;
  interlaced: boolean;
  pixelFormat: string;
  colour: Colour;
  light?: Light;
  /** What the container says of the frame rate, the likeliest first; may be empty. */
  frameRates: Rational[];
  /** Seconds a tick of the stream's time stamps. */
  timeBase: Rational;
}

export interface SourceAudio {
  stream: number;
  codec: string;
  sampleRate: number;
  channels: number;
  /** RFC 5646, "und" when unknown. */
  language: string;
  /** "" when the source gives none. */
  title: string;
  default: boolean;
  role?: AudioRole;
  timeBase: Rational;
  /** Time stamp of the first packet, in ticks of the time base. */
  startPts: number;
  seconds: number;
  /** Seconds by which the sound stands later than its container says; negative: earlier. See encoder-delay.ts. */
  late: number;
}

export interface SourceSubtitles {
  stream: number;
  /** ffmpeg's name of the codec, for example "subrip". */
  codec: string;
  /** RFC 5646, "und" when unknown. */
  language: string;
  /** "" when the source gives none. */
  title: string;
  default: boolean;
  forced: boolean;
  hearingImpaired: boolean;
}

export interface SourceSummary {
  /** Name of the file for people. */
  fileName: string;
  /** ffmpeg's name of the demuxer that reads it. */
  demuxer: string;
  /** Duration that the container gives, in seconds; 0 when it gives none. */
  seconds: number;
  video: SourceVideo | null;
  audio: SourceAudio[];
  /** Text and pictures of text. */
  subtitles: SourceSubtitles[];
  /** The video carries captions (CEA-608, CEA-708). */
  captions: boolean;
  /** In seconds of the source's own clock. */
  chapters: Chapter[];
}

/** The packets of the video stream in decode order, as columns. */
export interface SourceIndex {
  /** Presentation time stamps in ticks of the stream's time base. */
  pts: number[];
  /** True: decoding can start at the packet. */
  keyframes: boolean[];
  /** False: the packet gives no frame of its own (an edit list's discard, VP8's alternate reference, a second field). */
  shown: boolean[];
  /** How long the frame that is shown last lasts, in ticks; 0 when unknown. */
  lastDuration: number;
}

/** What was remarked on the way to an index; see whyNotCut in exactness.ts. */
export interface SourceFindings {
  /** Packets that the container says are damaged or incomplete. */
  damaged: number;
  /** Places where the time stamps of a stream break off, jump or run backwards. */
  breaks: number;
  /** Packets of video without a time stamp. */
  untimed: number;
  /** Decoded frames whose time no packet has. */
  stray: number;
  /** Every packet gave a frame, and the container says no more of time than how many there are a second. */
  counted: boolean;
  /** Time stamps of the packets that an edit list discards. */
  discarded: number[];
}
