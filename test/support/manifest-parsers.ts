/** Manifests as parsers that others wrote read them: m3u8-parser and mpd-parser, of video.js. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The attributes of EXT-X-STREAM-INF; of an MPD's representation what corresponds to them. */
interface Attributes {
  BANDWIDTH: number;
  "AVERAGE-BANDWIDTH"?: string;
  CODECS: string;
  RESOLUTION: { width: number; height: number };
  "FRAME-RATE"?: number;
}

export interface ParsedPlaylist {
  attributes: Attributes;
  uri: string;
  /** Of an MPD alone: a playlist has its own file. */
  segments: { duration: number; presentationTime: number }[];
}

/** What both parsers make of a manifest. */
export interface ParsedManifest {
  playlists: ParsedPlaylist[];
  iFramePlaylists: ParsedPlaylist[];
  mediaGroups: Record<string, Record<string, Record<string, ParsedGroup>>>;
  /** Seconds, of an MPD. */
  duration: number;
  /** Of a media playlist. */
  playlistType?: string;
  endList?: boolean;
  mediaSequence?: number;
  targetDuration?: number;
}

export interface ParsedGroup {
  language: string;
  default: boolean;
  autoselect: boolean;
  forced?: boolean;
  characteristics?: string;
  uri: string;
  playlists?: ParsedPlaylist[];
}

interface M3u8Parser {
  push(text: string): void;
  end(): void;
  manifest: ParsedManifest;
}

/** These packages have no types of their own. */
const { Parser } = require("m3u8-parser") as { Parser: new () => M3u8Parser };
const { parse } = require("mpd-parser") as { parse(text: string, options: { manifestUri: string }): ParsedManifest };

export async function parsePlaylist(file: string): Promise<ParsedManifest> {
  return readPlaylist(await readFile(file, "utf8"));
}

export function readPlaylist(text: string): ParsedManifest {
  const parser = new Parser();
  parser.push(text);
  parser.end();
  return parser.manifest;
}

export async function parseMpd(file: string): Promise<ParsedManifest> {
  return parse(await readFile(file, "utf8"), { manifestUri: "http://localhost/manifest.mpd" });
}
