import assert from "node:assert/strict";
import { MuteWatch } from "../../src/core/mute-watch.js";

/** What is told at each of these moments, at which another's node says that its server does not hear this one. */
function told(...moments: number[]): boolean[] {
  const watch = new MuteWatch();
  return moments.map((now) => watch.isMute(now));
}

describe("whether a server is mute", () => {
  it("is told once it has been said for five seconds on end", () => {
    assert.deepEqual(told(0, 1_000, 2_000, 4_000, 5_000), [false, false, false, false, true]);
  });

  it("is not told of what was said and then not for a while", () => {
    assert.deepEqual(told(0, 1_000, 6_000, 8_000, 10_000), [false, false, false, false, false]);
  });

  it("is told again only when it has had time to start, and ever more seldom where that does not help", () => {
    const every = Array.from({ length: 130 }, (_, second) => second * 1_000);
    const all = told(...every);
    const when = every.filter((_, index) => all[index]);
    assert.deepEqual(when, [5_000, 30_000, 75_000]);
    const later = [...every, ...every.map((ms) => ms + 700_000)];
    const again = told(...later);
    const then = later.filter((ms, index) => ms >= 700_000 && again[index]);
    assert.deepEqual(then, [705_000, 730_000, 775_000]);
  });
});
