/** Every row of FAULTS.md that needs real processes, with its own durations: `npm run test:chaos`. */

import { obstacle, titleOf } from "./row.js";
import { allRows } from "./rows/all.js";
import { theClip } from "./scene.js";

describe("faults", function () {
  this.timeout(600_000);

  before(theClip);

  for (const row of allRows.filter((one) => obstacle(one) === "")) {
    it(titleOf(row), () => row.play(process.env["REELMESH_CHAOS"] !== "quick"));
  }
});
