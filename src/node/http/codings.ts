/** Which coding of a text a client gets, and the text in it (RFC 9110, sections 8.4 and 12.5.3). */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** In the order in which they are preferred. */
const CODINGS = ["br", "gzip"] as const;
export type Coding = (typeof CODINGS)[number];

/** Texts that gain by it; pictures and media are compressed as they are. */
const TEXTS = /^(text\/|application\/(vnd\.apple\.mpegurl|dash\+xml|json)\b)/;
/** Shorter ones travel in one packet anyway. */
const SMALLEST_BYTES = 512;

export function isCompressible({ type, bytes }: { type: string; bytes: number }): boolean {
  return bytes >= SMALLEST_BYTES && TEXTS.test(type);
}

/** The coding that the client likes best; undefined when it names none that is made here. */
export function chooseCoding(accepted: string | string[] | undefined): Coding | undefined {
  if (accepted === undefined || accepted.length === 0) return undefined;
  const weights = new Map(String(accepted).toLowerCase().split(",").map(weighed));
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  let best: Coding | undefined;
  for (const coding of CODINGS) {
    if (weightOf(coding) > (best === undefined ? 0 : weightOf(best))) best = coding;
  }
  return best;
}

function weighed(item: string): [coding: string, weight: number] {
  const [coding = "", ...parameters] = item.split(";").map((part) => part.trim());
  const q = parameters.find((parameter) => parameter.startsWith("q="));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return [coding, Number.isNaN(weight) ? 0 : weight];
}

/** Done once for many readers: a level that is worth some milliseconds. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } };

export function encode(coding: Coding, text: Buffer): Promise<Buffer> {
  return coding === "br" ? promisify(brotliCompress)(text, QUALITY) : promisify(gzip)(text, { level: 7 });
}
