/** The DASH manifest: a static MPD of the live profile (ISO/IEC 23009-1, 8.4; DASH-IF interoperability points). */

import type { AudioMenuEntry } from "./audio-menu.js";
import { audioMenu } from "./audio-menu.js";
import { INIT_SEGMENT, renditionFolder } from "./layout.js";
import type { EncodedRendition, Plan, SegmentFile, VideoPlan } from "./media.js";
import { findRendition, longestSegmentSeconds, peakBitrate, renditionSeconds, targetDuration } from "./renditions.js";
import { element, textElement } from "./xml.js";

/**
 * The MPD of an asset, which lies in the asset's folder: one adaptation set with all video renditions and one for each
 * audio track. `renditions` are all of the plan's. MEDIA when one is missing.
 *
 * `bandwidth` is the peak over 0.5 to 1.5 target durations: with `minBufferTime` as long as the longest segment, a
 * client that waits for so much never runs dry at that rate (ISO/IEC 23009-1, 5.3.5.4).
 */
export function dashManifest(plan: Plan, renditions: EncodedRendition[]): string {
  const target = targetDuration(renditions);
  const sets = audioMenu(plan.audio).map((entry, index) => audioSet(entry, renditions, index + 1, target));
  if (plan.video) sets.unshift(videoSet(plan.video, renditions, target));
  const manifest = element(
    "MPD",
    {
      xmlns: "urn:mpeg:dash:schema:mpd:2011",
      profiles: "urn:mpeg:dash:profile:isoff-live:2011",
      type: "static",
      mediaPresentationDuration: durationText(Math.max(...renditions.map(renditionSeconds))),
      minBufferTime: durationText(longestSegmentSeconds(renditions)),
    },
    [element("Period", { id: "0", start: "PT0S" }, sets)],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${manifest}\n`;
}

/** ISO 8601 duration in seconds, to the microsecond. */
function durationText(seconds: number): string {
  return `PT${Number(seconds.toFixed(6))}S`;
}

function videoSet(plan: VideoPlan, renditions: EncodedRendition[], target: number): string {
  const encoded = plan.renditions.map((planned) => findRendition(renditions, "video", planned.name));
  const frameRate = plan.frameRate.den === 1 ? plan.frameRate.num : `${plan.frameRate.num}/${plan.frameRate.den}`;
  const tallest = plan.renditions.reduce((a, b) => (b.height > a.height ? b : a));
  const shape = greatestCommonDivisor(tallest.width, tallest.height);
  return element(
    "AdaptationSet",
    {
      id: 0,
      contentType: "video",
      mimeType: "video/mp4",
      maxWidth: tallest.width,
      maxHeight: tallest.height,
      maxFrameRate: frameRate,
      par: `${tallest.width / shape}:${tallest.height / shape}`,
      segmentAlignment: true,
      startWithSAP: 1,
    },
    [
      ...encoded.slice(0, 1).map(segmentTemplate), // all renditions have the plan's segments
      ...plan.renditions.map((planned, index) =>
        representation(encoded[index] as EncodedRendition, target, {
          width: planned.width,
          height: planned.height,
          frameRate,
          sar: "1:1",
        }),
      ),
    ],
  );
}

function audioSet(entry: AudioMenuEntry, renditions: EncodedRendition[], id: number, target: number): string {
  const { track } = entry;
  const encoded = findRendition(renditions, "audio", track.name);
  const channels = element("AudioChannelConfiguration", {
    schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
    value: channelConfiguration(track.channels),
  });
  return element(
    "AdaptationSet",
    {
      id,
      contentType: "audio",
      mimeType: "audio/mp4",
      lang: entry.language,
      segmentAlignment: true,
      startWithSAP: 1,
    },
    [
      textElement("Label", entry.label),
      element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value: entry.default ? "main" : "alternate" }),
      segmentTemplate(encoded),
      representation(encoded, target, { audioSamplingRate: track.sampleRate }, [channels]),
    ],
  );
}

/** ISO/IEC 23001-8, table 8: up to six channels the number itself, eight of them 7. */
function channelConfiguration(channels: number): number {
  return channels === 8 ? 7 : channels;
}

function representation(
  encoded: EncodedRendition,
  target: number,
  attributes: Record<string, string | number>,
  children: string[] = [],
): string {
  const bandwidth = peakBitrate(encoded, target);
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
