/** The DASH manifest: an MPD of the live profile (ISO/IEC 23009-1, 8.4; DASH-IF interoperability points). */
import { subtitleSet, thumbnailSet } from "./dash-extras.js";
import { type AdaptationSet, audioSets, setOrder, videoSets } from "./dash-sets.js";
import { audioMenu, subtitleMenu } from "./menus.js";
import { bitratesOf, type Growth, longestSegmentSeconds, type MadeAsset, renditionSeconds } from "./renditions.js";
import { element } from "./xml.js";

/** How often players look for more. */
const UPDATE_SECONDS = 2;

/**
 * The MPD of an asset, which lies in the asset's folder: one adaptation set for each video codec, for each audio track
 * in each of its encodings, for each subtitle track, and for the small pictures. MEDIA when a rendition of the plan is
 * missing. Static, with the exact duration; while the asset is growing dynamic, and without the pictures.
 *
 * `bandwidth` is the peak over 0.5 to 1.5 target durations: with `minBufferTime` as long as the longest segment, a
 * client that waits for so much never runs dry at that rate (ISO/IEC 23009-1, 5.3.5.4).
 */
export function dashManifest(asset: MadeAsset, growth?: Growth): string {
  const { plan } = asset;
  const rates = bitratesOf(asset, growth);
  const pictures = plan.video ? videoSets(plan.video, asset, rates) : [];
  const tracks = growth?.tracks ?? setOrder(plan);
  const idOf = ({ track }: AdaptationSet) => pictures.length + (track ? tracks.indexOf(track) : tracks.length);
  const sets = [
    ...audioMenu(plan.audio).flatMap((entry) => audioSets(entry, asset, rates)),
    ...subtitleMenu(plan.subtitles, asset.renditions).map((entry) => subtitleSet(entry, asset)),
    ...(plan.images && growth === undefined ? thumbnailSet(plan.images, asset) : []),
  ].map((set) => ({ id: idOf(set), ...set }));
  const all = [...pictures.map((set, id) => ({ id, ...set })), ...sets];
  const manifest = element(
    "MPD",
    {
      xmlns: "urn:mpeg:dash:schema:mpd:2011",
      profiles: "urn:mpeg:dash:profile:isoff-live:2011",
      ...(growth === undefined ? whole(asset) : growing(growth)),
      minBufferTime: durationText(longestSegmentSeconds(asset.renditions)),
    },
    [element("Period", { id: "0", start: "PT0S" }, all.map(setElement))],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${manifest}\n`;
}

function setElement({ id, attributes, children }: AdaptationSet & { id: number }): string {
  return element("AdaptationSet", { id, ...attributes }, children);
}

function whole({ renditions }: MadeAsset): Record<string, string> {
  const played = renditions.filter(({ kind }) => kind !== "text");
  return { type: "static", mediaPresentationDuration: durationText(Math.max(...played.map(renditionSeconds))) };
}

function growing({ since, now }: Growth): Record<string, string> {
  return {
    type: "dynamic",
    availabilityStartTime: since,
    publishTime: now,
    minimumUpdatePeriod: durationText(UPDATE_SECONDS),
  };
}

/** ISO 8601 duration in seconds, to the microsecond. */
function durationText(seconds: number): string {
  return `PT${Number(seconds.toFixed(6))}S`;
}
