/** Bjøntegaard's difference of rate (VCEG-M33): bits that one encoder takes more than another at equal quality. */

/** Bits a second, and quality in dB. */
export interface Point {
  rate: number;
  quality: number;
}

/**
 * As a share of the first's bits, averaged over the range of quality that both have. Logarithms of the rate run through
 * each four points as a polynomial of the quality.
 */
export function bdRate(one: Point[], other: Point[]): number {
  const lowest = Math.max(...[one, other].map((points) => Math.min(...points.map(({ quality }) => quality))));
  const highest = Math.min(...[one, other].map((points) => Math.max(...points.map(({ quality }) => quality))));
  const difference = meanLog(other, lowest, highest) - meanLog(one, lowest, highest);
  return Math.exp(difference) - 1;
}

/** Mean of the logarithm of the rate over a range of quality, by Simpson's rule: exact for polynomials so low. */
function meanLog(points: Point[], from: number, to: number): number {
  const at = (quality: number) => interpolate(points, quality);
  return (at(from) + 4 * at((from + to) / 2) + at(to)) / 6;
}

/** Lagrange's polynomial through the points. */
function interpolate(points: Point[], quality: number): number {
  return points.reduce((sum, { rate, quality: own }, place) => {
    const weight = points.reduce(
      (product, other, at) => (at === place ? product : (product * (quality - other.quality)) / (own - other.quality)),
      1,
    );
    return sum + weight * Math.log(rate);
  }, 0);
}
