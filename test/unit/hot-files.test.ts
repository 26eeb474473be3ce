/** What is kept in memory of what many ask for, and that slow clients cannot make it more. */
import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { HotFiles } from "../../src/node/http/hot-files.js";

const SIZE = 1_000;

describe("hot files", () => {
  let hot: HotFiles;
  let reads: string[];

  beforeEach(() => {
    reads = [];
    hot = new HotFiles({ heldBytes: 3 * SIZE, leavingBytes: SIZE });
  });

  const client = () => new ServerResponse(new IncomingMessage(new Socket()));
  const admit = (sha256: string, response = client(), bytes = SIZE) =>
    hot.admit({ sha256, bytes }, response, async () => {
      reads.push(sha256);
      return Buffer.alloc(bytes, sha256);
    });
  /** Makes it one of those that are held. */
  const warm = async (sha256: string, response = client()) => {
    await admit(sha256);
    return admit(sha256, response);
  };

  it("come in when they are asked for again, read once for all who ask", async () => {
    assert.equal(await admit("a"), undefined);
    assert.equal(hot.take("a", client()), undefined);
    const both = await Promise.all([admit("a"), admit("a")]);
    assert.deepEqual(both, [Buffer.alloc(SIZE, "a"), Buffer.alloc(SIZE, "a")]);
    assert.deepEqual(hot.take("a", client()), Buffer.alloc(SIZE, "a"));
    assert.deepEqual(reads, ["a"]);
  });

  it("go in the order in which they were last taken", async () => {
    for (const name of ["a", "b", "c"]) await warm(name);
    hot.take("a", client());
    await warm("d");
    const held = ["a", "b", "c", "d"].filter((name) => hot.take(name, client()) !== undefined);
    assert.deepEqual(held, ["a", "c", "d"]);
  });

  it("tell everybody who waits why they could not be read, and are read again for the next", async () => {
    await admit("a");
    const broken = () => hot.admit({ sha256: "a", bytes: SIZE }, client(), () => Promise.reject(new Error("damaged")));
    const tried = await Promise.allSettled([broken(), broken()]);
    assert.deepEqual(
      tried.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.deepEqual(await admit("a"), Buffer.alloc(SIZE, "a"));
  });

  it("stay out when they are too large", async () => {
    assert.equal(await warm("a"), await hot.take("a", client()));
    assert.equal(await admit("film", client(), 9 * 1024 * 1024), undefined);
    assert.equal(await admit("film", client(), 9 * 1024 * 1024), undefined);
    assert.deepEqual(reads, ["a"]);
  });

  it("let nothing new in while slow clients hold too much of what was let go", async () => {
    const slow = [client(), client()];
    await warm("a", slow[0]);
    await warm("b", slow[1]);
    for (const name of ["c", "d", "e"]) await warm(name);
    assert.equal(hot.take("a", client()), undefined);
    assert.equal(await warm("f"), undefined);
    slow[0]?.emit("close");
    assert.deepEqual(await warm("f"), Buffer.alloc(SIZE, "f"));
  });
});
