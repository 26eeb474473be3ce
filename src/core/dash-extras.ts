/** Subtitles and small pictures in a DASH manifest. */
import type { AdaptationSet } from "./dash-sets.js";
import { renditionFolder, THUMBNAILS_FOLDER, thumbnailSheet, WHOLE_SUBTITLES } from "./layout.js";
import type { ImagesPlan } from "./media.js";
import type { SubtitleMenuEntry } from "./menus.js";
import { findRendition, type MadeAsset } from "./renditions.js";
import { element, textElement } from "./xml.js";

const ROLE = "urn:mpeg:dash:role:2011";
/** DASH-IF Interoperability Points 4.3, 6.2.6: an image of `columns x rows` small ones. */
const TILES = "http://dashif.org/guidelines/thumbnail_tile";

/** A track as one WebVTT file beside the media (DASH-IF Interoperability Points 4.3, 6.4.4). */
export function subtitleSet(entry: SubtitleMenuEntry, { renditions, plan }: MadeAsset): AdaptationSet {
  const { track, label, language } = entry;
  const text = findRendition(renditions, "text", track.name);
  const path = `${renditionFolder(text)}/${WHOLE_SUBTITLES}`;
  const bandwidth = Math.ceil((text.init.bytes * 8) / plan.seconds);
  const children = [
    textElement("Label", label),
    ...rolesOf(entry).map((value) => element("Role", { schemeIdUri: ROLE, value })),
    element("Representation", { id: track.name, bandwidth }, [textElement("BaseURL", path)]),
  ];
  return { track: track.name, attributes: { contentType: "text", mimeType: "text/vtt", lang: language }, children };
}

/** ISO/IEC 23009-1, 5.8.5.5. */
function rolesOf({ track, default: isDefault }: SubtitleMenuEntry): string[] {
  const kind = track.forced ? "forced-subtitle" : track.hearingImpaired ? "caption" : "subtitle";
  return isDefault ? [kind, "main"] : [kind];
}

/** The sheets of small pictures; nothing where the listing has none. */
export function thumbnailSet(images: ImagesPlan, { files }: MadeAsset): AdaptationSet[] {
  const { width, height, columns, rows, interval } = images;
  if (files[thumbnailSheet(1)] === undefined) return [];
  const sheets = Object.entries(files).filter(([path]) => path.startsWith(`${THUMBNAILS_FOLDER}/`));
  const seconds = columns * rows * interval;
  const largest = Math.max(...sheets.map(([, { bytes }]) => bytes));
  const media = `${THUMBNAILS_FOLDER}/$Number%06d$.jpg`;
  const attributes = {
    id: THUMBNAILS_FOLDER,
    bandwidth: Math.ceil((largest * 8) / seconds),
    width: columns * width,
    height: rows * height,
  };
  const tiles = element("EssentialProperty", { schemeIdUri: TILES, value: `${columns}x${rows}` });
  const children = [
    element("SegmentTemplate", { timescale: 1000, media, duration: Math.round(seconds * 1000), startNumber: 1 }),
    element("Representation", attributes, [tiles]),
  ];
  return [{ attributes: { contentType: "image", mimeType: "image/jpeg" }, children }];
}
