/**
 * Loaded before the tests (mocha --require): properties draw the same examples in each run, so that a run of an unchanged
 * program ends like the one before. `npm run test:soak -- --only properties` draws others, and more of them:
 * REELMESH_PROPERTIES=N is N times as many, from a random seed, which a failure prints.
 */
import fc from "fast-check";

const times = Number(process.env["REELMESH_PROPERTIES"] ?? 0);

/** So many examples, in a usual run, of a property that wants another number than the usual 100. */
export function examples(count: number): { numRuns: number } {
  return { numRuns: count * Math.max(1, times) };
}

fc.configureGlobal({ ...examples(100), ...(times > 0 ? {} : { seed: 1 }) });
