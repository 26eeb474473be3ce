/** Command lines for ffmpeg that take text out of a source. */
import { CUT_FORMAT, cutArguments, fileUrl } from "./ffmpeg-arguments.js";
import type { Plan, SubtitleTrackPlan } from "./media.js";

/** How text leaves the source: as it is, where that is a format that can be read; else as SubRip. */
const AS_IT_IS: Record<string, string> = { subrip: "srt", srt: "srt", ass: "ass", ssa: "ass", webvtt: "webvtt" };

/**
 * What the task of a subtitle track needs of the source: the track as a text file, later by CUT_OFFSET_SECONDS; of
 * captions the whole video.
 */
export function cutSubtitleArguments(
  plan: Plan,
  { from }: SubtitleTrackPlan,
  source: string,
  target: string,
): string[] {
  if ("captions" in from) return cutWholeVideoArguments(plan, source, target);
  const { stream, codec } = "stream" in from ? from : { stream: 0, codec: "" };
  const format = AS_IT_IS[codec];
  const output = format === undefined ? ["-c:s", "srt", "-f", "srt"] : ["-f", format];
  return cutArguments(plan, stream, source, [], [...output, fileUrl(target)]);
}

function cutWholeVideoArguments(plan: Plan, source: string, target: string): string[] {
  return cutArguments(plan, plan.video?.stream ?? 0, source, [], ["-copyinkf", "-f", CUT_FORMAT, fileUrl(target)]);
}

/** Captions of a video (CEA-608, and what CEA-708 carries of it) as ASS, which says where they stand, in the cut's time. */
export function captionArguments(cut: string, target: string): string[] {
  const graph = `movie=filename=${quoted(cut)}:format_name=${CUT_FORMAT}[out0+subcc]`;
  const copy = ["-map", "0:v", "-f", "null", "-"]; // shows how far it is
  return ["-copyts", "-f", "lavfi", "-i", graph, "-map", "0:s", "-c:s", "ass", "-f", "ass", fileUrl(target), ...copy];
}

/** A path as the value of an option inside of a filter graph: ffmpeg takes the escapes off twice. */
function quoted(path: string): string {
  const once = path.replace(/[\\':]/g, "\\$&");
  return once.replace(/[\\'[\],;]/g, "\\$&");
}
