/** What every MeshLog must do. */
import assert from "node:assert/strict";
import type { Fact, LogEntry } from "../../src/core/facts.js";
import type { FollowedEntry, LogPlace, MeshLog } from "../../src/core/ports.js";
import { entry, submitted } from "../support/facts.js";
import { singly } from "../support/singly.js";

interface Harness {
  /** Independent handles on one and the same log, which is not there yet. */
  handles: MeshLog[];
  /** Ends what keeps the log, without a warning, and starts it again; settles when the handles can use it. */
  restart(): Promise<void>;
  /** Deletes the log, as someone with access to its store could. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

const blob = { sha256: "a".repeat(64), bytes: 1 };
const snapshot: Fact = { kind: "snapshot", snapshot: { state: blob, holders: ["a"], founds: false } };
const founding: Fact = { kind: "snapshot", snapshot: { state: blob, holders: ["a"], founds: true } };

export function describeMeshLog(name: string, open: () => Promise<Harness>): void {
  describe(`the mesh log: ${name}`, function () {
    this.timeout(180_000);
    let harness: Harness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    /** Servers that elect, or a process that stood still for longer than it waits for an answer, say UNAVAILABLE first. */
    const one = () => patient(bare());
    const another = () => patient(harness.handles[1] as MeshLog);
    /** Where UNAVAILABLE is the answer. */
    const bare = () => harness.handles[0] as MeshLog;
    const next = () => entry(submitted("job"));
    const error = (code: string, message?: RegExp) => (thrown: { code: string; message: string }) => {
      assert.equal(thrown.code, code, String(thrown));
      if (message !== undefined) assert.match(thrown.message, message);
      return true;
    };
    const ends = async () => (await one().state())?.last;

    /** Appends that many fresh entries and returns them. */
    async function write(count: number, after: number): Promise<LogEntry[]> {
      const written = Array.from({ length: count }, next);
      for (const [index, fresh] of written.entries()) await one().append(fresh, after + index);
      return written;
    }

    /** The next entries of a follower, which is left then. */
    function read(count: number, held?: LogPlace): Promise<FollowedEntry[]> {
      return patiently(async () => {
        const seen: FollowedEntry[] = [];
        for await (const item of singly(another().follow(held, new AbortController().signal))) {
          seen.push(item);
          if (seen.length === count) break;
        }
        return seen;
      });
    }

    const sequences = (items: FollowedEntry[]) => items.map((item) => item.sequence);

    it("is not there at first, and nothing can be appended or followed", async () => {
      assert.equal(await one().state(), undefined);
      await assert.rejects(bare().append(next(), 0), error("UNAVAILABLE"));
      await assert.rejects(read(1), error("NOT_FOUND"));
      assert.equal(await one().state(), undefined);
    });

    it("is founded once, also by many at the same time, at the sequence of the first", async () => {
      await Promise.all(harness.handles.map((handle) => patient(handle).found(501)));
      await another().found(7);
      const { first, last, created } = (await one().state()) ?? assert.fail("there is no log");
      assert.deepEqual([first, last], [501, 500]);
      assert.equal((await another().state())?.created, created);
      // Whoever has read the lost one up to there would find its place free.
      for (const after of [0, 500]) await assert.rejects(bare().append(next(), after), error("UNAVAILABLE"));
      assert.equal(await one().append(entry(founding), 500), 501);
      await assert.rejects(another().append(entry(founding), 500), error("CONFLICT"));
      assert.equal(await another().append(next(), 501), 502);
    });

    describe("from its first entry", () => {
      beforeEach(async () => {
        await one().found(1);
        // Whoever answers takes entries; among several servers that is a moment later.
        await one().state();
      });

      it("is empty at first, and numbers its entries from 1", async () => {
        assert.equal(await ends(), 0);
        assert.equal(await one().append(next(), 0), 1);
        assert.equal(await one().append(next(), 1), 2);
        assert.equal(await ends(), 2);
      });

      it("refuses an entry whose place is taken or not yet there", async () => {
        await write(1, 0);
        await assert.rejects(one().append(next(), 0), error("CONFLICT"));
        await assert.rejects(one().append(next(), 5), error("CONFLICT"));
        assert.equal(await ends(), 1);
      });

      it("gives the same place to a repeat of the same entry", async () => {
        const repeated = next();
        assert.equal(await one().append(repeated, 0), 1);
        assert.equal(await one().append(repeated, 0), 1);
        assert.equal(await ends(), 1);
      });

      it("lets one of many writers win each place", async () => {
        for (let after = 0; after < 20; after++) {
          // Servers that have not settled yet who has won say so.
          const append = (handle: MeshLog) => patient(handle).append(next(), after);
          const tries = await Promise.allSettled(harness.handles.map(append));
          assert.equal(tries.filter((result) => result.status === "fulfilled").length, 1);
          for (const result of tries) if (result.status === "rejected") assert.equal(result.reason.code, "CONFLICT");
        }
        assert.equal(await ends(), 20);
      });

      it("takes entries that are sent one behind the other", async () => {
        const fresh = [next(), next(), next()];
        const send = () => Promise.allSettled(fresh.map((each, after) => bare().append(each, after)));
        // Those behind one that had no answer found no place: all go again, and those that have one keep it.
        let sent = await send();
        while (sent.some(isUnavailable)) sent = await send();
        const places = sent.map((result) => (result.status === "fulfilled" ? result.value : result.reason));
        assert.deepEqual(places, [1, 2, 3]);
        const [taken, refused] = await Promise.allSettled([3, 5].map((after) => one().append(next(), after)));
        assert.deepEqual(taken, { status: "fulfilled", value: 4 });
        assert.ok(refused?.status === "rejected" && error("CONFLICT")(refused.reason));
        assert.equal(await ends(), 4);
      });

      it("says whether an entry stands as it was read", async () => {
        await write(3, 0);
        const [first, second, third] = (await read(3)) as [FollowedEntry, FollowedEntry, FollowedEntry];
        assert.equal(await another().holds(second), true);
        assert.equal(await another().holds({ ...second, bytes: third.bytes }), false);
        assert.equal(await another().holds({ ...third, sequence: 4 }), false);
        await one().append(entry(snapshot), 3);
        await one().truncate(4);
        assert.equal(await another().holds(first), true, "it was read before it was deleted");
        await harness.wipe();
        await one().found(5);
        await assert.rejects(bare().holds(first), error("UNAVAILABLE"));
        await one().append(entry(founding), 4);
        assert.equal(await another().holds(first), true);
      });

      it("shows a follower what was there and what comes, in order and as it was written", async () => {
        const written = await write(5, 0);
        const [, second] = await read(2);
        const seen: FollowedEntry[] = [];
        for await (const item of singly(another().follow(second, new AbortController().signal))) {
          seen.push(item);
          if (seen.length === 3) written.push(...(await write(4, 5)));
          if (seen.length === 7) break;
        }
        assert.deepEqual(sequences(seen), [3, 4, 5, 6, 7, 8, 9]);
        for (const { sequence, entry: followed } of seen) {
          const expected = written[sequence - 1] as LogEntry & { kind: "jobSubmitted" };
          assert.equal(followed?.id, expected.id);
          assert.equal(followed?.kind, expected.kind);
          assert.deepEqual((followed as typeof expected).jobSubmitted, expected.jobSubmitted);
        }
      });

      it("stops waiting when it is told to", async () => {
        const stop = new AbortController();
        setImmediate(() => stop.abort());
        for await (const _ of one().follow(undefined, stop.signal)) assert.fail("nothing was written");
        await assert.rejects(one().append(next(), 0, AbortSignal.abort()), { code: "ABORTED" });
        await assert.rejects(one().state(AbortSignal.abort()), { code: "ABORTED" });
      });

      it("is truncated below a snapshot, which then comes first to whoever has not read what was before", async () => {
        await write(5, 0);
        const held = await read(5);
        assert.equal(await one().append(entry(snapshot), 5), 6);
        await write(2, 6);
        await one().truncate(6);
        const { first, last } = (await another().state()) ?? assert.fail("there is no log");
        assert.deepEqual([first, last], [6, 8]);
        for (const place of [undefined, held[1], held[4]]) {
          const seen = await read(3, place);
          assert.deepEqual(sequences(seen), [6, 7, 8]);
          assert.equal(seen[0]?.entry?.kind, "snapshot");
        }
        assert.equal(await one().append(next(), 8), 9);
      });

      it("takes each entry at its place while it is truncated", async () => {
        const together = 32;
        for (let last = 0; last < 100 * together; last += together) {
          const fresh = Array.from({ length: together }, next);
          const sent = fresh.map((written, index) => bare().append(written, last + index));
          const [outcomes] = await Promise.all([Promise.allSettled(sent), another().truncate(last)]);
          for (const [index, { status }] of outcomes.entries()) {
            if (status === "rejected") await one().append(fresh[index] as LogEntry, last + index);
          }
          assert.equal(await ends(), last + together);
        }
      });

      it("names a gap that no snapshot stands for", async () => {
        await write(5, 0);
        const held = await read(2);
        await one().truncate(5);
        await assert.rejects(read(1, held[1]), error("CORRUPT", /entries 3 to 4 .* entry 5/));
        await assert.rejects(read(1), error("CORRUPT", /entries 1 to 4/));
      });

      it("tells a reader that holds more, or another entry, that the log is not the one that it has read", async () => {
        await write(4, 0);
        const held = await read(4);
        await harness.wipe();
        await assert.rejects(read(1, held[3]), error("NOT_FOUND"));
        await one().found(1);
        await assert.rejects(read(1, held[3]), error("NOT_FOUND", /empty/));
        await write(3, 0);
        await assert.rejects(read(1, held[3]), error("CONFLICT", /ends at 3/));
        await assert.rejects(read(1, held[1]), error("CONFLICT", /entry 2 /));
      });

      it("tells a reader in the middle of following that the log is gone, or another one", async () => {
        for (const code of ["NOT_FOUND", "CONFLICT"]) {
          await one().found(1);
          await write(3, 0);
          const follower = singly(another().follow(undefined, new AbortController().signal));
          for (let count = 0; count < 3; count++) await follower.next();
          const waiting = assert.rejects(follower.next(), (thrown: { code: string }) =>
            [code, "NOT_FOUND"].includes(thrown.code),
          );
          await harness.wipe();
          if (code === "CONFLICT") {
            await one().found(1);
            await write(2, 0);
          }
          await waiting;
        }
      });
    });

    it("holds what it held when what keeps it starts again, wherever it began", async () => {
      for (const first of [1, 501]) {
        await one().found(first);
        if (first > 1) await one().append(entry(founding), first - 1);
        const written = await write(first > 1 ? 2 : 3, first > 1 ? first : 0);
        await harness.restart();
        const seen = first === 1 ? await read(3) : [];
        assert.deepEqual(
          seen.map((item) => item.entry?.id),
          first === 1 ? written.map(({ id }) => id) : [],
        );
        const { first: begins, last } = (await one().state()) ?? assert.fail("there is no log");
        assert.deepEqual([begins, last], [first, first + 2]);
        const fresh = next();
        assert.equal(await one().append(fresh, last), last + 1);
        await harness.wipe();
      }
    });

    it("begins at the sequence that it was founded with, for a reader that has read up to there", async () => {
      await one().found(1);
      await write(3, 0);
      const held = (await read(3))[2];
      await harness.wipe();
      await one().found(4);
      await assert.rejects(read(1, held), error("NOT_FOUND", /empty, from 4/));
      await one().append(entry(founding), 3);
      assert.deepEqual(sequences(await read(1, held)), [4]);
      assert.deepEqual(sequences(await read(1)), [4]);
    });
  });
}

/** Tries again while what keeps the log is busy or has only just come up. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== "UNAVAILABLE") throw thrown;
    }
  }
}

/** The same log, asked again while it cannot say; the same entry keeps the place that it has. */
export function patient(log: MeshLog): MeshLog {
  return {
    append: (one, after, signal) => patiently(() => log.append(one, after, signal)),
    found: (first, signal) => patiently(() => log.found(first, signal)),
    state: (signal) => patiently(() => log.state(signal)),
    holds: (place, signal) => patiently(() => log.holds(place, signal)),
    truncate: (before, signal) => patiently(() => log.truncate(before, signal)),
    follow: (held, signal) => log.follow(held, signal),
  };
}

function isUnavailable(result: PromiseSettledResult<unknown>): boolean {
  return result.status === "rejected" && result.reason.code === "UNAVAILABLE";
}
