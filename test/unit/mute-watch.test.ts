import assert from "node:assert/strict";
import { MuteWatch } from "../../src/core/mute-watch.js";

/** What is told at each of these moments, at which the leader's node says that it does not hear the server. */
function told(...moments: number[]): boolean[] {
  const watch = new MuteWatch();
  return moments.map((now) => watch.isMute(now));
}

describe("whether a server is mute", () => {
  it("is told once it has been said for three seconds on end", () => {
    assert.deepEqual(told(0, 1_000, 2_000, 3_000), [false, false, false, true]);
  });

  it("is not told of what was said and then not for a while", () => {
    assert.deepEqual(told(0, 1_000, 4_000, 5_000, 6_000), [false, false, false, false, false]);
  });

  it("is told again only when it has had time to start", () => {
    const every = Array.from({ length: 27 }, (_, second) => second * 1_000);
    const when = every.filter((_, index) => told(...every)[index]);
    assert.deepEqual(when, [3_000, 26_000]);
  });
});
