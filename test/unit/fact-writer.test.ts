/** The writer of facts over a log in memory that loses answers, delays them and refuses. */
import assert from "node:assert/strict";
import { FactWriter } from "../../src/coordinator/fact-writer.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact, LogEntry } from "../../src/core/facts.js";
import { isBehind } from "../../src/core/history.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import type { Clock, LogPlace, LogState } from "../../src/core/ports.js";
import { planned, submitted, taskDone } from "../support/facts.js";

type Fate = "taken" | "answer lost" | "lost" | "too large";

/** Takes an entry only at its place, as the mesh log does; `fates` are those of the next appends. */
class Log {
  readonly entries: LogEntry[] = [];
  readonly state = emptyMeshState();
  /** Ids of the entries as they were when they were applied. */
  readonly read: string[] = [];
  doubted = false;
  fates: Fate[] = [];
  /** How often it still says what stands somewhere. */
  answers = Number.POSITIVE_INFINITY;
  most = 0;
  #underWay = 0;
  #turn: Promise<unknown> = Promise.resolve();

  append(entry: LogEntry, after: number): Promise<number> {
    this.#underWay++;
    this.most = Math.max(this.most, this.#underWay);
    const fate = this.fates.shift() ?? "taken";
    const answer = this.#turn
      .then(() => this.#take(entry, after, fate))
      .finally(() => {
        this.#underWay--;
      });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async end(): Promise<LogState> {
    return { first: 1, last: this.entries.length, created: "once", silentMs: 0 };
  }

  /** What stands there is what was read. */
  async holds({ sequence, bytes }: LogPlace): Promise<boolean> {
    if (this.answers-- <= 0) throw new ReelmeshError("UNAVAILABLE", "NATS is away");
    return this.entries[sequence - 1]?.id === new TextDecoder().decode(bytes);
  }

  async applied(): Promise<void> {
    for (const [index, entry] of this.entries.entries()) {
      if (index + 1 > this.state.sequence) this.read.push(entry.id);
      const isOld = index + 1 <= this.state.sequence || entry.term < this.state.term;
      assert.ok(isOld || isBehind(this.state.history, entry), "not behind what was read");
      applyEntry(this.state, index + 1, entry);
    }
  }

  async #take(entry: LogEntry, after: number, fate: Fate): Promise<number> {
    if (fate === "too large") throw new ReelmeshError("INVALID_INPUT", "too large");
    if (fate === "lost") throw new ReelmeshError("UNAVAILABLE", "NATS is away");
    if (this.entries[after]?.id === entry.id) return after + 1;
    if (after !== this.entries.length) throw new ReelmeshError("CONFLICT", `the log is not at ${after}`);
    this.entries.push(entry);
    if (fate === "answer lost") throw new ReelmeshError("UNAVAILABLE", "no answer");
    return after + 1;
  }
}

function writerOver(log: Log) {
  const reign = new AbortController();
  let ids = 0;
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  const clock: Clock = {
    now: () => now,
    wallClock: () => 0,
    random: () => 0,
    newId: () => `entry-${ids++}`,
    sleep: () => new Promise(setImmediate),
    every: () => () => {},
  };
  const tail = {
    state: log.state,
    get held() {
      const { sequence } = log.state;
      return sequence === 0 ? undefined : { sequence, bytes: new TextEncoder().encode(log.read.at(-1)) };
    },
    doubt: () => {
      log.doubted = true;
    },
    applied: () => log.applied(),
    durable: async () => {},
  };
  const port = {
    append: (entry: LogEntry, after: number) => log.append(entry, after),
    holds: (place: LogPlace) => log.holds(place),
    state: () => log.end(),
  };
  const told: string[] = [];
  const report = (event: string) => told.push(event);
  const components = { tail, term: 1, reign: reign.signal, refused: () => reign.abort(), clock, report };
  const writer = new FactWriter({ ...components, log: port });
  return { writer, reign, pass, told };
}

function jobs(log: Log): string[] {
  return log.entries.map((entry) => (entry.kind === "jobSubmitted" ? entry.jobSubmitted.job : entry.kind));
}

function submit(writer: FactWriter, ...ids: string[]): Promise<PromiseSettledResult<void>[]> {
  return Promise.allSettled(ids.map((job) => writer.append(() => submitted(job), { job })));
}

const begun: Fact = { kind: "termStarted", termStarted: { nodeId: "me", nodeName: "me" } };

describe("the writer of facts", () => {
  it("has facts about different jobs in flight together, and keeps their order", async () => {
    const log = new Log();
    await submit(writerOver(log).writer, "a", "b", "c", "d", "e");
    assert.equal(log.most, 4);
    assert.deepEqual(jobs(log), ["a", "b", "c", "d", "e"]);
  });

  it("decides about a thing only when what was decided about it before is there", async () => {
    const log = new Log();
    const { writer } = writerOver(log);
    await submit(writer, "j");
    await writer.append(() => planned("j"), { job: "j" });
    log.most = 0;
    const once = (task: string) => (): Fact | undefined =>
      log.state.jobs.get("j")?.finished.has(task) ? undefined : taskDone("j", task);
    const tasks = ["chunk-1", "chunk-2", "chunk-1"].map((task) => writer.append(once(task), { job: "j", task }));
    await Promise.all(tasks);
    assert.equal(log.most, 2);
    assert.equal(log.entries.length, 4);
  });

  it("lets a fact without a scope go alone", async () => {
    const log = new Log();
    const { writer } = writerOver(log);
    await Promise.all([
      submit(writer, "a"),
      writer.append(() => ({ kind: "nodeSetAside", nodeSetAside: { nodeId: "n", reason: "x" } })),
      submit(writer, "b"),
    ]);
    assert.equal(log.most, 1);
    assert.deepEqual(jobs(log), ["a", "nodeSetAside", "b"]);
  });

  for (const fate of ["lost", "answer lost"] as const) {
    it(`appends each once and in order when one is ${fate} while others are in flight`, async () => {
      const log = new Log();
      const { writer, reign } = writerOver(log);
      log.fates = ["taken", fate, "taken", fate, "taken", "taken", fate];
      const outcomes = await submit(writer, "a", "b", "c", "d", "e");
      assert.ok(outcomes.every((outcome) => outcome.status === "fulfilled"));
      assert.ok(!reign.signal.aborted);
      assert.deepEqual(jobs(log), ["a", "b", "c", "d", "e"]);
      await submit(writer, "f");
      assert.equal(log.entries.length, 6);
    });
  }

  it("says once that the log is away, and again when it is the next time", async () => {
    const log = new Log();
    const { writer, told } = writerOver(log);
    log.fates = ["lost", "lost", "lost"];
    await submit(writer, "a");
    assert.equal(told.length, 1);
    log.fates = ["taken", "lost"];
    await submit(writer, "b");
    await submit(writer, "c");
    assert.equal(told.length, 2);
  });

  it("refuses one that is too large, and brings those behind it in", async () => {
    const log = new Log();
    log.fates = ["taken", "too large"];
    const outcomes = await submit(writerOver(log).writer, "a", "b", "c");
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(jobs(log), ["a", "c"]);
  });

  it("ends the reign when somebody else has written, and appends nothing after that", async () => {
    const log = new Log();
    const { writer, reign } = writerOver(log);
    await submit(writer, "a");
    const foreign = submitted("foreign");
    log.entries.push({ id: "other", term: 2, atMs: 0, history: "", ...foreign });
    const outcomes = await submit(writer, "b", "c");
    for (const outcome of outcomes) {
      assert.ok(outcome.status === "rejected");
      assert.equal((outcome.reason as ReelmeshError).code, "NOT_COORDINATOR");
    }
    assert.ok(reign.signal.aborted);
    await assert.rejects(
      writer.append(() => submitted("d")),
      { code: "NOT_COORDINATOR" },
    );
    await writer.idle();
    const state = emptyMeshState();
    for (const [index, entry] of log.entries.entries()) applyEntry(state, index + 1, entry);
    assert.deepEqual([...state.jobs.keys()], ["a", "foreign"], "the third found its place free, and changes nothing");
  });

  it("decides anew behind what the writer of the term before had under way", async () => {
    const log = new Log();
    const { writer, reign } = writerOver(log);
    log.entries.push({ id: "start", term: 1, atMs: 0, history: "", ...begun });
    await log.applied();
    log.entries.push({ id: "late", term: 0, atMs: 0, history: "another", ...submitted("late") });
    let decided = 0;
    const outcomes = await Promise.allSettled(
      ["a", "b", "c"].map((job) => {
        const make = () => {
          decided++;
          return submitted(job);
        };
        return writer.append(make, { job });
      }),
    );
    assert.ok(outcomes.every((outcome) => outcome.status === "fulfilled"));
    assert.equal(reign.signal.aborted, false);
    assert.deepEqual([...log.state.jobs.keys()], ["a", "b", "c"]);
    assert.ok(decided > 3, "what was decided before the place was taken is decided again");
  });

  it("tells nobody that a fact is done behind what the log has lost, though its place was free", async () => {
    const log = new Log();
    const { writer, reign, pass } = writerOver(log);
    await submit(writer, "a");
    log.entries[0] = { id: "other", term: 2, atMs: 0, history: "", ...submitted("foreign") };
    pass(60_000);
    const [outcome] = await submit(writer, "b");
    assert.ok(outcome?.status === "rejected");
    assert.equal((outcome.reason as ReelmeshError).code, "NOT_COORDINATOR");
    assert.ok(reign.signal.aborted);
    assert.ok(log.doubted, "the log is to be read anew");
    await writer.idle();
  });

  it("waits until the log says what stands before a fact, and asks again", async () => {
    const log = new Log();
    const { writer, reign, pass } = writerOver(log);
    await submit(writer, "a");
    pass(60_000);
    log.answers = 0;
    let done = false;
    const sent = submit(writer, "b").then(() => {
      done = true;
    });
    while (log.answers > -3) await new Promise(setImmediate);
    assert.equal(done, false);
    log.answers = 1;
    await sent;
    assert.equal(reign.signal.aborted, false);
    assert.deepEqual(jobs(log), ["a", "b"]);
  });
});
