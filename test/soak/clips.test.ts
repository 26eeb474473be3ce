/**
 * The films of a folder, REELMESH_SOAK_CLIPS, as whole jobs of one real node: with what a submission gets that asks for
 * nothing, and in every codec. Skipped where no folder is named.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { TestNode } from "../support/node.js";
import { checkFilm } from "./viewer.js";

const folder = process.env["REELMESH_SOAK_CLIPS"] ?? "";
const clips = folder === "" ? [] : readdirSync(folder).filter((name) => !name.endsWith(".md"));
const WISHES: Record<string, string[]> = {
  "as they are": [],
  "in every codec": ["--codec", "h264,hevc,av1,vp9", "--audio", "aac,opus"],
};

describe("films of one's own, from end to end", function () {
  this.timeout(3_600_000);
  let node: TestNode;

  before(async function () {
    if (clips.length === 0) this.skip();
    node = await TestNode.start({ name: "soak" });
  });

  after(async () => {
    await node?.stop();
  });

  for (const [wish, words] of Object.entries(WISHES)) {
    for (const clip of clips.length === 0 ? ["a clip"] : clips) {
      it(`${clip}, ${wish}`, async () => {
        console.log(`      ${await checkFilm(node, join(folder, clip), words, {})}`);
      });
    }
  }
});
