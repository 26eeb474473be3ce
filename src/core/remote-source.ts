/** Sources that are named by an address instead of being sent: what is taken, and how it is shown. */
import { ReelmeshError } from "./errors.js";

/** Whether somebody means an address and not a file. */
export function isRemote(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/**
 * A source's address. INVALID_INPUT unless it is https, http or s3 (s3://bucket/key) and names a host and a path, or
 * when it holds a name and password: they would stand in logs and lists.
 */
export function parseRemote(text: string): URL {
  const url = parse(text);
  if (!["https:", "http:", "s3:"].includes(url.protocol)) {
    throw refused(`sources come over https, http or s3, not over ${url.protocol.slice(0, -1)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw refused(`${showRemote(url)} has a name or a password in it; use an address that needs none`);
  }
  if (url.hostname === "" || url.pathname.length < 2) throw refused(`${showRemote(url)} names no file`);
  url.hash = "";
  return url;
}

/** An address for people and logs: without what may be secret in it, such as a signature. */
export function showRemote(url: URL): string {
  const query = url.search === "" ? "" : "?...";
  return `${url.protocol}//${url.host}${url.pathname}${query}`.slice(0, 300);
}

/** The name of the file at the end of an address. */
export function remoteFileName(url: URL): string {
  const last =
    url.pathname
      .split("/")
      .filter((part) => part !== "")
      .at(-1) ?? "";
  try {
    return (
      decodeURIComponent(last)
        .replace(/[\p{Cc}/\\]/gu, " ")
        .slice(0, 255) || "video"
    );
  } catch {
    return last.slice(0, 255) || "video";
  }
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw refused(`${JSON.stringify(text.replace(/[?#].*$/s, "").slice(0, 100))} is no address of a source`);
  }
}

function refused(message: string): ReelmeshError {
  return new ReelmeshError("INVALID_INPUT", message);
}
