/** Indexes the packets of a source's video without decoding it, where that can be done. */
import { ReelmeshError } from "../../core/errors.js";
import { NO_FINDINGS } from "../../core/exactness.js";
import { fileUrl, safeInput } from "../../core/ffmpeg-arguments.js";
import { ratio } from "../../core/rational.js";
import type { SourceFindings, SourceIndex, SourceSummary, SourceVideo } from "../../core/source.js";
import { explain } from "./complaints.js";
import { run } from "./process.js";

/**
 * Codecs in which a packet need not give a frame of its own: VP8's alternate references, MPEG-4's packets that repeat a
 * frame. Those sources are decoded once to see which do; so are interlaced ones, whose packets may be single fields.
 */
const NOT_EVERY_PACKET_SHOWS = ["vp8", "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4v3"];
/**
 * Containers that may tell the order of decoding only, from which ffmpeg makes up time stamps: where those never step
 * back, a decoding shows whether frames are reordered all the same.
 */
const TELL_NO_TIME = ["avi", "mxf"];
const DECODER_THREADS = 2;
/** As in summary.ts, for what a container's own word on its length hides. */
const MOST_HOURS = 240;

export interface IndexedSource {
  index: SourceIndex;
  findings: SourceFindings;
}

/**
 * `container`: ffmpeg's name of the one that it was submitted in. INVALID_INPUT when the file is cut off, or its video has
 * no packets.
 */
export async function indexSource(
  file: string,
  summary: SourceSummary,
  container: string,
  signal: AbortSignal,
): Promise<IndexedSource> {
  const { video, fileName } = summary;
  if (video === null) throw new ReelmeshError("INVALID_INPUT", `${fileName} has no video to index`);
  const indexed = await readPackets(file, summary, video, signal);
  const { index, findings } = indexed;
  if (index.pts.length + findings.untimed === 0) throw refusal(fileName, "has a video track without frames");
  const mayHide = NOT_EVERY_PACKET_SHOWS.includes(video.codec) || video.interlaced;
  if (findings.untimed === 0 && (mayHide || (TELL_NO_TIME.includes(container) && isMadeUp(index)))) {
    const frames = await readFrames(file, summary, video, signal);
    const decoded = [...frames.values()].reduce((sum, own) => sum + own, 0);
    findings.stray = markShown(index, frames);
    findings.counted = TELL_NO_TIME.includes(container) && decoded === index.pts.length;
  }
  return indexed;
}

/** Time stamps that follow the order of decoding, in a stream that is not of keyframes alone. */
function isMadeUp({ pts, keyframes }: SourceIndex): boolean {
  return keyframes.includes(false) && pts.every((time, packet) => packet === 0 || time > (pts[packet - 1] as number));
}

async function readPackets(
  file: string,
  summary: SourceSummary,
  video: SourceVideo,
  signal: AbortSignal,
): Promise<IndexedSource> {
  const index: SourceIndex = { pts: [], keyframes: [], shown: [], lastDuration: 0 };
  const findings: SourceFindings = { ...NO_FINDINGS, discarded: [] };
  let lastShown = Number.NEGATIVE_INFINITY;
  const entries = ["-show_entries", "packet=pts,duration,flags", "-of", "compact=print_section=0"];
  const complaints = await ffprobe(file, summary, video, entries, signal, (fields) => {
    const pts = Number(fields.get("pts") ?? Number.NaN);
    const flags = fields.get("flags") ?? "";
    if (Number.isNaN(pts)) {
      findings.untimed++;
      return;
    }
    index.pts.push(pts);
    index.keyframes.push(flags.includes("K"));
    const isShown = !flags.includes("D");
    index.shown.push(isShown);
    if (!isShown) findings.discarded.push(pts);
    if (isShown && pts > lastShown) {
      lastShown = pts;
      index.lastDuration = Number(fields.get("duration")) || 0;
    }
  });
  if (complaints.some((line) => /partial file|File ended prematurely/.test(line))) {
    throw refusal(summary.fileName, `cannot be used: ${explain(complaints)}`);
  }
  const [first, last] = index.pts.reduce(
    ([low, high], pts) => [Math.min(low, pts), Math.max(high, pts)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const hours = ((last - first) * ratio(video.timeBase)) / 3600;
  if (hours > MOST_HOURS) {
    throw refusal(summary.fileName, `has frames that lie ${Math.round(hours)} hours apart; ${MOST_HOURS} are accepted`);
  }
  return { index, findings };
}

/** How many frames a decoding gives by their time stamps. */
async function readFrames(
  file: string,
  summary: SourceSummary,
  video: SourceVideo,
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const frames = new Map<number, number>();
  const entries = ["-threads", String(DECODER_THREADS), "-show_entries", "frame=best_effort_timestamp"];
  await ffprobe(file, summary, video, [...entries, "-of", "compact=print_section=0"], signal, (fields) => {
    const pts = Number(fields.get("best_effort_timestamp") ?? Number.NaN);
    if (!Number.isNaN(pts)) frames.set(pts, (frames.get(pts) ?? 0) + 1);
  });
  return frames;
}

/** Runs ffprobe over one stream; calls back with the fields of each packet or frame. Returns its complaints. */
function ffprobe(
  file: string,
  { demuxer, fileName }: SourceSummary,
  { stream }: SourceVideo,
  options: string[],
  signal: AbortSignal,
  onFields: (fields: Map<string, string>) => void,
): Promise<string[]> {
  const args = [...safeInput(demuxer), "-select_streams", String(stream), ...options, fileUrl(file)];
  return run("ffprobe", args, {
    signal,
    purpose: `reading ${fileName}`,
    blame: "INVALID_INPUT",
    onLine: (line) => {
      const fields = line.split("|").map((field): [string, string] => {
        const at = field.indexOf("=");
        return [field.slice(0, at), field.slice(at + 1)];
      });
      if (fields.some(([key]) => key === "flags" || key === "best_effort_timestamp")) onFields(new Map(fields));
      return true;
    },
  });
}

/** Of packets with one time stamp, the first give the frames. Returns how many frames no packet has the time of. */
function markShown(index: SourceIndex, frames: Map<number, number>): number {
  const unseen = new Map(frames);
  for (const [packet, pts] of index.pts.entries()) {
    const left = unseen.get(pts) ?? 0;
    index.shown[packet] = (index.shown[packet] ?? false) && left > 0;
    if (index.shown[packet]) unseen.set(pts, left - 1);
  }
  return [...unseen.values()].reduce((sum, left) => sum + left, 0);
}

function refusal(fileName: string, reason: string): ReelmeshError {
  return new ReelmeshError("INVALID_INPUT", `${fileName} ${reason}`);
}
