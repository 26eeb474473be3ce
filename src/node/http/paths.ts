/** Reads what a client wrote as a path, before anything is looked up by it. */
/**
 * The decoded parts of a request target's path; undefined for a target that is no path, is not well encoded, or has a
 * part that could leave its folder once decoded: empty, ".", "..", or with a slash, backslash or control character.
 */
export function splitPath(target: string): string[] | undefined {
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  if (!path.startsWith("/")) return undefined;
  if (path === "/") return [];
  try {
    const parts = path.slice(1).split("/");
    if (path.includes("%")) for (const [at, part] of parts.entries()) parts[at] = decodeURIComponent(part);
    return parts.some(isUnsafe) ? undefined : parts;
  } catch {
    return undefined;
  }
}

function isUnsafe(part: string): boolean {
  return part === "" || part === "." || part === ".." || /[/\\\p{Cc}]/u.test(part);
}

/** A client's own words, short and printable enough to stand in an answer. */
export function shorten(words: string): string {
  const printable = words.replace(/\p{Cc}/gu, "?");
  return JSON.stringify(printable.length > 100 ? `${printable.slice(0, 100)}...` : printable);
}

/** 64 lower-case hexadecimal digits. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** A job, asset or task as it may stand in a path: it names something and cannot be mistaken for a file's path. */
export function isIdentifier(text: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._ -]{0,199}$/u.test(text);
}
