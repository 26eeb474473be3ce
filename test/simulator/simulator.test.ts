/** A few hundred seeds of the simulator; `npm run test:soak` runs ten thousand. */
import assert from "node:assert/strict";
import { World } from "./world.js";

const SEEDS = 300;
const A_PORTION = 50;

async function simulate(seed: number): Promise<World> {
  const world = new World(seed);
  await world.run();
  return world;
}

describe("the mesh in the simulator", function () {
  this.timeout(120_000);
  const { stackTraceLimit } = Error;

  // Traces of the errors that are part of the game cost a tenth of the time.
  before(() => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  for (let first = 1; first <= SEEDS; first += A_PORTION) {
    const last = first + A_PORTION - 1;
    it(`keeps what it promises in the runs of seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed++) {
        const { violation } = (await simulate(seed)).checks;
        assert.equal(violation, undefined, `replay: npm run simulate -- --seed ${seed} --verbose`);
      }
    });
  }

  it("does the same for the same seed", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      assert.equal((await simulate(seed)).digest, (await simulate(seed)).digest, `seed ${seed}`);
    }
  });
});
