/** The rows of FAULTS.md that are quick enough for every run of the tests; all of them: `npm run test:chaos`. */

import { type Row, titleOf } from "./row.js";
import { quickRows } from "./rows/all.js";
import { theClip } from "./scene.js";

/** Rows mostly wait (for leases, elections, watchdogs): so many are played at once. */
const LANES = 2;

describe("faults, the quick ones", function () {
  this.timeout(600_000);
  const plays = new Map<Row, Promise<void>>();

  before(async () => {
    await theClip();
    const left = [...quickRows];
    const begin = new Map<Row, () => void>();
    for (const row of quickRows) {
      const turn = new Promise<void>((resolve) => begin.set(row, resolve));
      const play = turn.then(() => row.play(false));
      // Its own test tells of the failure.
      play.catch(() => {});
      plays.set(row, play);
    }
    const next = () => {
      const row = left.shift();
      if (row === undefined) return;
      begin.get(row)?.();
      plays.get(row)?.then(next, next);
    };
    for (let lane = 0; lane < LANES; lane++) next();
  });

  for (const row of quickRows) it(titleOf(row), () => plays.get(row));
});
