/** The files of an asset: its playlists and manifests as text, and every path with the blob behind it. */
import { dashManifest } from "./dash.js";
import { iframePlaylist, mediaPlaylist } from "./hls.js";
import { masterPlaylist } from "./hls-master.js";
import {
  DASH_MANIFEST,
  IFRAME_PLAYLIST,
  INIT_SEGMENT,
  MASTER_PLAYLIST,
  MEDIA_PLAYLIST,
  renditionFolder,
  segmentFileName,
  WHOLE_SUBTITLES,
} from "./layout.js";
import type { AssetFile } from "./media.js";
import { type Growth, longestPlannedSeconds, type MadeAsset, targetDuration } from "./renditions.js";
import type { BlobReference } from "./work.js";

const HLS_TYPE = "application/vnd.apple.mpegurl";
const DASH_TYPE = "application/dash+xml";

/**
 * The playlists and the manifest of an asset as text: path below the asset's folder -> content. `growth`: it is still
 * being encoded, and `asset` has what there is so far.
 */
export function manifestTexts(asset: MadeAsset, growth?: Growth): Record<string, string> {
  const type = growth === undefined ? "VOD" : "EVENT";
  const target = growth?.target ?? targetDuration(asset.renditions, longestPlannedSeconds(asset.plan));
  const texts: Record<string, string> = {
    [MASTER_PLAYLIST]: masterPlaylist(asset, growth),
    [DASH_MANIFEST]: dashManifest(asset, growth),
  };
  for (const rendition of asset.renditions) {
    const folder = renditionFolder(rendition);
    texts[`${folder}/${MEDIA_PLAYLIST}`] = mediaPlaylist(rendition, target, type);
    const iframes = iframePlaylist(rendition, target, type);
    if (iframes !== undefined) texts[`${folder}/${IFRAME_PLAYLIST}`] = iframes;
  }
  return texts;
}

/** By the ending of its path. */
export function manifestType(path: string): string {
  return path.endsWith(".mpd") ? DASH_TYPE : HLS_TYPE;
}

/** Every file of an asset: path below its folder -> blob and media type. `manifests`: the stored manifestTexts. */
export function assetFiles(
  { renditions, files: others }: MadeAsset,
  manifests: Record<string, BlobReference>,
): Record<string, AssetFile> {
  const files = { ...others };
  for (const [path, { sha256, bytes }] of Object.entries(manifests)) {
    files[path] = { sha256, bytes, type: manifestType(path) };
  }
  for (const rendition of renditions) {
    const { kind, init, segments } = rendition;
    const folder = renditionFolder(rendition);
    const type = kind === "text" ? "text/vtt" : `${kind}/mp4`;
    files[`${folder}/${kind === "text" ? WHOLE_SUBTITLES : INIT_SEGMENT}`] = { ...init, type };
    for (const { number, sha256, bytes } of segments) {
      files[`${folder}/${segmentFileName(number, kind)}`] = { sha256, bytes, type };
    }
  }
  return files;
}
