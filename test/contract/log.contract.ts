/** What every MeshLog must do. */
import assert from "node:assert/strict";
import type { LogEntry } from "../../src/core/facts.js";
import type { FollowedEntry, MeshLog } from "../../src/core/ports.js";
import { entry, submitted } from "../support/facts.js";

/** `open` gives independent handles on one and the same new log. */
export function describeMeshLog(
  name: string,
  open: () => Promise<{ handles: MeshLog[]; close(): Promise<void> }>,
): void {
  describe(`the mesh log: ${name}`, () => {
    let handles: MeshLog[] = [];
    let close = async () => {};
    beforeEach(async () => {
      ({ handles, close } = await open());
    });
    afterEach(() => close());

    const one = () => handles[0] as MeshLog;
    const next = () => entry(submitted("job"));
    const conflict = { name: "ReelmeshError", code: "CONFLICT" };

    it("is empty at first, and numbers its entries from 1", async () => {
      assert.equal(await one().last(), 0);
      assert.equal(await one().append(next(), 0), 1);
      assert.equal(await one().append(next(), 1), 2);
      assert.equal(await one().last(), 2);
    });

    it("refuses an entry whose place is taken or not yet there", async () => {
      await one().append(next(), 0);
      await assert.rejects(one().append(next(), 0), conflict);
      await assert.rejects(one().append(next(), 5), conflict);
      assert.equal(await one().last(), 1);
    });

    it("gives the same place to a repeat of the same entry", async () => {
      const repeated = next();
      assert.equal(await one().append(repeated, 0), 1);
      assert.equal(await one().append(repeated, 0), 1);
      assert.equal(await one().last(), 1);
    });

    it("lets one of many writers win each place", async () => {
      for (let after = 0; after < 20; after++) {
        const tries = await Promise.allSettled(handles.map((handle) => handle.append(next(), after)));
        assert.equal(tries.filter((result) => result.status === "fulfilled").length, 1);
        for (const result of tries) if (result.status === "rejected") assert.equal(result.reason.code, "CONFLICT");
      }
      assert.equal(await one().last(), 20);
    });

    it("shows a follower what was there and what comes, in order and as it was written", async () => {
      const written: LogEntry[] = [];
      const write = async () => {
        const fresh = next();
        written.push(fresh);
        await one().append(fresh, written.length - 1);
      };
      for (let count = 0; count < 5; count++) await write();
      const stop = new AbortController();
      const seen: FollowedEntry[] = [];
      for await (const item of (handles[1] as MeshLog).follow(3, stop.signal)) {
        seen.push(item);
        if (seen.length === 3) for (let count = 0; count < 4; count++) await write();
        if (seen.length === 7) stop.abort();
      }
      assert.deepEqual(
        seen.map((item) => item.sequence),
        [3, 4, 5, 6, 7, 8, 9],
      );
      for (const { sequence, entry: read } of seen) {
        const expected = written[sequence - 1] as LogEntry & { kind: "jobSubmitted" };
        assert.equal(read?.id, expected.id);
        assert.equal(read?.kind, expected.kind);
        assert.deepEqual((read as typeof expected).jobSubmitted, expected.jobSubmitted);
      }
    });

    it("stops waiting when it is told to", async () => {
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      for await (const _ of one().follow(1, stop.signal)) assert.fail("nothing was written");
      await assert.rejects(one().append(next(), 0, AbortSignal.abort()), { code: "ABORTED" });
    });
  });
}
