/** Times that rows measure: a row prints them, and test/chaos/run.ts reads them back to sum them up. */

const MARK = "measured: ";

/** Only where somebody reads it. */
export function measured(what: string, ms: number): void {
  if (process.env["REELMESH_CHAOS"] !== undefined) console.log(`${MARK}${what}: ${(ms / 1000).toFixed(2)} s`);
}

export interface Measure {
  what: string;
  seconds: number;
}

/** What a line of a row's output tells; undefined for every other line. */
export function readMeasure(line: string): Measure | undefined {
  const found = new RegExp(`${MARK}(.*): ([\\d.]+) s$`).exec(line);
  return found === null ? undefined : { what: found[1] as string, seconds: Number(found[2]) };
}

export function describeMeasure({ what, seconds }: Measure): string {
  return `        ${what}: ${seconds.toFixed(2)} s`;
}

/** One line a kind of measure: how often, the median and the worst. */
export function sumUp(measures: Measure[]): string[] {
  return [...new Set(measures.map(({ what }) => what))].map((what) => {
    const all = measures.filter((one) => one.what === what).map(({ seconds }) => seconds);
    const sorted = all.sort((one, other) => one - other);
    const [median, worst] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)] as [number, number];
    return `${what}: median ${median.toFixed(2)} s, worst ${worst.toFixed(2)} s of ${sorted.length}`;
  });
}
