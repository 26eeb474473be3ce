import assert from "node:assert/strict";
import { firstAnswer } from "../../src/node/nats/requests.js";

const never = new Promise<string>(() => {});

describe("a request that is made again while it has no answer", () => {
  it("takes the answer to whichever is answered first, and asks no more", async () => {
    let asked = 0;
    const answer = await firstAnswer(() => (++asked < 2 ? never : Promise.resolve(`answer ${asked}`)));
    assert.equal(answer, "answer 2");
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal(asked, 2);
  });

  it("fails as the first one does, and asks no more", async () => {
    let asked = 0;
    const refused = firstAnswer(() => {
      asked++;
      return Promise.reject(new Error("no leader"));
    });
    await assert.rejects(refused, /no leader/);
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal(asked, 1);
  });
});
