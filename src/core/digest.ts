/** Short digests of values that two parties worked out for themselves, to see whether they are the same. */

const PRIME = 0x01000193;
const BASES = [0x811c9dc5, 0x9747b28c] as const;

/**
 * 16 hexadecimal digits: FNV-1a (32 bits) from two bases, over the values as text, each with an end. Tells mistakes, not
 * forgeries.
 */
export function shortDigest(values: readonly (string | number)[]): string {
  let [one, two]: [number, number] = [...BASES];
  const mix = (code: number) => {
    one = Math.imul(one ^ code, PRIME);
    two = Math.imul(two ^ code, PRIME);
    // FNV-1a from two bases would differ by a fixed relation: the second one is turned as well.
    two = (two << 5) | (two >>> 27);
  };
  for (const value of values) {
    const text = String(value);
    for (let at = 0; at < text.length; at++) mix(text.charCodeAt(at));
    mix(0);
  }
  return [one, two].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}
