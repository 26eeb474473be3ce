/** What can be heard and read beside the picture, as the master playlist says it (RFC 8216, section 4.3.4.1). */

export interface TrackRow {
  /** "audio-1", "subtitles-2": as in the paths below the asset, and in ?audio= of a download. */
  name: string;
  /** RFC 5646; absent where it is not known. */
  language?: string;
  /** As menus show it. */
  label: string;
}

export interface Tracks {
  audio: TrackRow[];
  subtitles: TrackRow[];
}

/** The tracks of a master playlist, each once, in its order. */
export function tracksOf(master: string): Tracks {
  const tracks: Tracks = { audio: [], subtitles: [] };
  for (const [, attributes = ""] of master.matchAll(/^#EXT-X-MEDIA:(.*)$/gm)) {
    const of = valuesOf(attributes);
    const rows = of.get("TYPE") === "AUDIO" ? tracks.audio : tracks.subtitles;
    const [, name] = of.get("URI")?.split("/") ?? [];
    if (name === undefined || rows.some((row) => row.name === name)) continue;
    const language = of.get("LANGUAGE");
    rows.push({ name, ...(language !== undefined && { language }), label: of.get("NAME") ?? name });
  }
  return tracks;
}

/** An attribute list (RFC 8216, section 4.2). */
function valuesOf(attributes: string): Map<string, string> {
  const pairs = attributes.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g);
  return new Map([...pairs].map(([, name = "", quoted, plain = ""]) => [name, quoted ?? plain]));
}
