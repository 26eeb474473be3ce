/** How lines of playlists are written (RFC 8216, 4.1 and 4.2). */

export type HlsAttributes = Record<string, string | number | undefined>;

export function lines(all: string[]): string {
  return `${all.join("\n")}\n`;
}

/** `#NAME:KEY=VALUE,...`, without the attributes that are undefined. */
export function tag(name: string, attributes: HlsAttributes): string {
  const pairs = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `#${name}:${pairs.map(([key, value]) => `${key}=${value}`).join(",")}`;
}

/** `text` must be without double quotes and line breaks. */
export function quoted(text: string): string;
export function quoted(text: string | undefined): string | undefined;
export function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text}"`;
}

export function yesNo(value: boolean): "YES" | "NO" {
  return value ? "YES" : "NO";
}
