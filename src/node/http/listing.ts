/** What there is, as JSON: `/assets`, newest first and a page at a time, and `/assets/<asset>`. */
import { ReelmeshError } from "../../core/errors.js";
import { INIT_SEGMENT, renditionFolder } from "../../core/layout.js";
import type { AssetSummary } from "../asset-rows.js";
import { DOWNLOAD } from "./download.js";
import { shorten } from "./paths.js";

const LARGEST_PAGE = 1_000;

/** `next` leads to the page that follows, where there is one. */
export interface AssetPage {
  assets: AssetSummary[];
  next?: string;
}

/** `?limit=` rows (1,000 at most, and without it), after the asset of `?after=`. INVALID_INPUT; NOT_FOUND: it was removed. */
export function pageOfAssets(all: AssetSummary[], query: URLSearchParams): AssetPage {
  const limit = Number(query.get("limit") ?? LARGEST_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
    throw new ReelmeshError("INVALID_INPUT", `limit is a whole number from 1 to ${LARGEST_PAGE}`);
  }
  const after = query.get("after");
  const place = after === null ? -1 : all.findIndex(({ asset }) => asset === after);
  if (after !== null && place < 0) {
    throw new ReelmeshError("NOT_FOUND", `${shorten(after)}, which the page should follow, was removed: begin anew`);
  }
  const assets = all.slice(place + 1, place + 1 + limit);
  const last = assets.at(-1);
  if (last === undefined || place + 1 + limit >= all.length) return { assets };
  return { assets, next: `/assets?limit=${limit}&after=${encodeURIComponent(last.asset)}` };
}

/** Where the files are that a person or a program begins with: those that the asset has. */
export function urlsOf(asset: string, has: (path: string) => boolean): Record<string, string> {
  const folder = `/assets/${encodeURIComponent(asset)}`;
  const files = Object.entries(FILES).filter(([, path]) => has(path));
  const urls = files.map(([name, path]): [string, string] => [name, `${folder}/${path}`]);
  return { watch: `/watch/${encodeURIComponent(asset)}`, ...Object.fromEntries(urls) };
}

/** A plain MP4 of each rendition of the picture, with the first sound; `?audio=` of another track changes that. */
export function downloadsOf(
  asset: string,
  has: (path: string) => boolean,
  renditions: string[],
): Record<string, string> {
  const there = renditions.filter((rendition) =>
    has(`${renditionFolder({ kind: "video", name: rendition })}/${INIT_SEGMENT}`),
  );
  const url = (rendition: string) =>
    `/assets/${encodeURIComponent(asset)}/${DOWNLOAD}?rendition=${encodeURIComponent(rendition)}`;
  return Object.fromEntries(there.map((rendition) => [rendition, url(rendition)]));
}

const FILES = {
  hls: "master.m3u8",
  dash: "manifest.mpd",
  poster: "poster.jpg",
  thumbnails: "thumbnails.vtt",
  chapters: "chapters.vtt",
};
