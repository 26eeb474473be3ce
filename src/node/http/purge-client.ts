/** What caches are told: `PURGE <path of the asset>`, as Varnish, Squid and most CDNs' own agents understand it. */
import { ReelmeshError } from "../../core/errors.js";

const ANSWER_MS = 10_000;

/**
 * Everything below the asset's path is to go. UNAVAILABLE when the cache is not there or refuses.
 * `cache`: "http://cache:6081/", below which the cache has this mesh.
 */
export async function sendPurge(cache: string, asset: string, signal: AbortSignal): Promise<void> {
  const url = new URL(`assets/${encodeURIComponent(asset)}/`, cache.endsWith("/") ? cache : `${cache}/`);
  const refused = (why: string, cause?: unknown) =>
    new ReelmeshError("UNAVAILABLE", `PURGE ${url} failed: ${why}; see that the cache lets this node purge`, { cause });
  const options = { method: "PURGE", signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) };
  const response = await fetch(url, options).catch((cause: unknown) => {
    const because = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw refused(String(because), cause);
  });
  await response.body?.cancel();
  if (!response.ok && response.status !== 404) throw refused(`it answered ${response.status}`);
}
