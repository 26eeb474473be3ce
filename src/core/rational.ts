/** Exact arithmetic on fractions: time stamps are integers in some time base, and stay exact between time bases. */
import type { Rational } from "./media.js";

const MICROSECONDS = 1_000_000n;

/** The fraction in lowest terms; both numbers must be whole and the denominator above 0. */
export function reduced({ num, den }: Rational): Rational {
  let [a, b] = [Math.abs(num), den];
  while (b !== 0) [a, b] = [b, a % b];
  return a === 0 ? { num: 0, den: 1 } : { num: num / a, den: den / a };
}

export function ratio({ num, den }: Rational): number {
  return num / den;
}

/** A number of ticks in another time base, rounded to the nearest and halves away from zero, as ffmpeg's settb does. */
export function rescale(ticks: number, from: Rational, to: Rational): number {
  const num = BigInt(ticks) * BigInt(from.num) * BigInt(to.den);
  const den = BigInt(from.den) * BigInt(to.num);
  const half = num < 0n ? -den : den;
  return Number((2n * num + half) / (2n * den));
}

/** Seconds with six decimals, never above the exact value: what ffmpeg takes as a time to seek to. */
export function secondsText(ticks: number, timeBase: Rational): string {
  const num = BigInt(ticks) * BigInt(timeBase.num) * MICROSECONDS;
  const den = BigInt(timeBase.den);
  const floor = num / den - (num < 0n && num % den !== 0n ? 1n : 0n);
  const size = floor < 0n ? -floor : floor;
  const decimals = String(size % MICROSECONDS).padStart(6, "0");
  return `${floor < 0n ? "-" : ""}${size / MICROSECONDS}.${decimals}`;
}
