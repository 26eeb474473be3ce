/**
 * The work of a job, in the shapes that travel: tasks, leases' content and results. The same shapes stand in
 * proto/reelmesh/v1/media.proto; adapters hand them over without rewriting them.
 */

/** Bytes named by their SHA-256 (64 lower-case hexadecimal digits), with their length. */
export interface BlobReference {
  sha256: string;
  bytes: number;
}

export interface JobOptions {
  /** Heights in pixels, tallest first; empty: chosen by the source's height. */
  ladder: number[];
  segmentSeconds: number;
  /** x264 preset. */
  preset: string;
  /** x264 constant rate factor, 1 to 51; those of the other encoders follow from it. */
  crf: number;
  /** "h264", "hevc", "av1", "vp9": a ladder for each; empty: "h264". */
  codecs: string[];
  /** "vaapi", "nvenc" or "qsv"; empty: software. */
  hardware: string;
  /** Of the tallest rendition, bits a second; 0: what its quality takes. */
  bitrate: number;
  /** Of the tallest rendition with the first audio track, bytes; 0: as large as it gets. */
  size: number;
  autoLadder: boolean;
  /** "aac", "opus", "copy"; empty: "aac". */
  audioCodecs: string[];
  /** LUFS; 0: left as it is. */
  loudness: number;
  subtitles: SubtitleFile[];
}

/** Subtitles that come beside the source. */
export interface SubtitleFile {
  file: BlobReference | null;
  fileName: string;
  /** RFC 5646. */
  language: string;
}

export interface PlanTask {
  source: BlobReference | null;
  fileName: string;
  options: JobOptions | null;
  holders: string[];
  /** Why the source must be decoded in one piece, whatever it looks like; "": it need not. */
  decode: string;
}

export interface EncodeTask {
  plan: BlobReference | null;
  holders: string[];
  /** The chunk's frames are to come from one decoding that begins at the source's first packet. */
  linear: boolean;
}

export interface PackageTask {
  plan: BlobReference | null;
  asset: string;
  holders: string[];
  encoded: { task: string; result: EncodeResult | null }[];
}

export type Task = { job: string; name: string } & (
  | { kind: "plan"; plan: PlanTask }
  | { kind: "encode"; encode: EncodeTask }
  | { kind: "package"; package: PackageTask }
);

export interface PlannedTask {
  /** "chunk-000001", "audio-1". */
  name: string;
  /** Video frames; 0 for audio. */
  frames: number;
  /** Seconds of media. */
  seconds: number;
  /** An encoder that not every node has: only those that have it are granted the task. Empty: any node. */
  encoder: string;
  /** Names of the video renditions that it makes; empty for others, and from nodes of an older version. */
  renditions: string[];
  /** Viewers wait for it: nothing can be played without its beginning. */
  awaited: boolean;
}

export interface PlanResult {
  plan: BlobReference | null;
  holders: string[];
  tasks: PlannedTask[];
  frames: number;
  seconds: number;
  renditions: string[];
  /** Sentences about what was chosen, and what could not be done as usual. */
  notes: string[];
}

export interface EncodeResult {
  /** A blob of JSON: EncodedMedia in media.ts. */
  listing: BlobReference | null;
  frames: number;
  inits: { rendition: string; sha256: string }[];
  bytes: number;
  holders: string[];
  /** Null for audio, and from nodes of an older version. */
  proof: FrameProof | null;
  /** SHA-256 of the plan that it was made by; "" from nodes of an older version. */
  plan: string;
  /** Sentences about what could not be done as usual. */
  notes: string[];
}

/**
 * Short digests of the source's decoded frames that a chunk shares with its neighbours, who decoded them for themselves;
 * "" where there is nothing to compare.
 */
export interface FrameProof {
  /** Its lead: the last frames of the chunk before it. */
  lead: string;
  /** Its own first frames: the tail of the chunk before it. */
  first: string;
  /** Its own last frames: the lead of the chunk after it. */
  last: string;
  /** Its tail: the first frames of the chunk after it. */
  tail: string;
  /** They come from one decoding that began at the source's first packet. */
  linear: boolean;
}

export interface PackageResult {
  /** A blob of JSON: AssetManifest in media.ts. */
  manifest: BlobReference | null;
  files: number;
  bytes: number;
  holders: string[];
}

export type TaskResult =
  | { kind: "plan"; plan: PlanResult }
  | { kind: "encode"; encode: EncodeResult }
  | { kind: "package"; package: PackageResult };
