import assert from "node:assert/strict";
import { Beginning } from "../../src/node/tasks/beginning.js";

/** An output whose tellings the test ends by hand: with how many seconds were told, or with an error. */
function toldByHand(first: number) {
  const told: string[] = [];
  let settle: (seconds: number | Error) => Promise<void> = async () => {};
  const beginning = new Beginning((file) => {
    told.push(file);
    return new Promise((resolve, reject) => {
      settle = async (seconds) => {
        if (seconds instanceof Error) reject(seconds);
        else resolve(seconds);
        await beginning.end();
      };
    });
  }, first);
  return { beginning, told, settle: (seconds: number | Error) => settle(seconds) };
}

describe("the beginning of an output", () => {
  it("is told when there is a little, and then whenever there is twice as much", async () => {
    const { beginning, told, settle } = toldByHand(4);
    beginning.reached("at 7", 7);
    beginning.reached("at 9", 9);
    await settle(8);
    for (const seconds of [9, 15, 17]) beginning.reached(`at ${seconds}`, seconds);
    await settle(16);
    beginning.reached("at 31", 31);
    assert.deepEqual(told, ["at 9", "at 17"]);
  });

  it("is told once at a time, and again when that failed", async () => {
    const { beginning, told, settle } = toldByHand(4);
    beginning.reached("at 9", 9);
    beginning.reached("at 90", 90);
    assert.deepEqual(told, ["at 9"]);
    await settle(new Error("the coordinator is away"));
    beginning.reached("at 91", 91);
    await settle(0); // nothing whole was there
    beginning.reached("at 92", 92);
    await settle(88);
    assert.deepEqual(told, ["at 9", "at 91", "at 92"]);
  });
});
