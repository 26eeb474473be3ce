/**
 * Sources of every kind as whole jobs of one real node. What viewers get is decoded by ffmpeg from HLS, DASH and the
 * download: every frame of one decoding of the source, sound as long as it must be, and nothing to complain of.
 */
import { TestNode } from "../support/node.js";
import { makeKind, sourceKinds } from "../support/source-kinds.js";
import { films } from "./films.js";
import { checkFilm } from "./viewer.js";

describe("films of every kind, from end to end", function () {
  this.timeout(300_000);
  let node: TestNode;

  before(async () => {
    node = await TestNode.start({ name: "soak" });
  });

  after(async () => {
    await node.stop();
  });

  for (const [kind, film] of Object.entries({ ...sourceKinds, ...films })) {
    it(kind, async () => {
      await checkFilm(node, await makeKind(film), ["--preset", "ultrafast"], { sound: [], ...film });
    });
  }
});
