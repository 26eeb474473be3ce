/** The writer of facts over a log in memory that loses answers, delays them and refuses. */
import assert from "node:assert/strict";
import { FactWriter } from "../../src/coordinator/fact-writer.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact, LogEntry } from "../../src/core/facts.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import type { Clock } from "../../src/core/ports.js";
import { planned, submitted, taskDone } from "../support/facts.js";

type Fate = "taken" | "answer lost" | "lost" | "too large";

/** Takes an entry only at its place, as the mesh log does; `fates` are those of the next appends. */
class Log {
  readonly entries: LogEntry[] = [];
  readonly state = emptyMeshState();
  fates: Fate[] = [];
  most = 0;
  #underWay = 0;
  /** Sequences and ids of what is under way: an entry behind one of them must come behind that very one. */
  readonly #ids = new Map<number, string>();
  #turn: Promise<unknown> = Promise.resolve();

  append(entry: LogEntry, after: number): Promise<number> {
    this.#underWay++;
    this.most = Math.max(this.most, this.#underWay);
    const fate = this.fates.shift() ?? "taken";
    const before = this.#ids.get(after);
    this.#ids.set(after + 1, entry.id);
    const answer = this.#turn
      .then(() => this.#take(entry, after, before, fate))
      .finally(() => {
        this.#underWay--;
        this.#ids.delete(after + 1);
      });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async applied(): Promise<void> {
    for (const [index, entry] of this.entries.entries()) applyEntry(this.state, index + 1, entry);
  }

  async #take(entry: LogEntry, after: number, before: string | undefined, fate: Fate): Promise<number> {
    if (fate === "too large") throw new ReelmeshError("INVALID_INPUT", "too large");
    if (fate === "lost") throw new ReelmeshError("UNAVAILABLE", "NATS is away");
    if (this.entries[after]?.id === entry.id) return after + 1;
    const isBehind = before === undefined || this.entries[after - 1]?.id === before;
    if (after === this.entries.length && isBehind) assert.equal(entry.previous, this.entries[after - 1]?.id ?? "");
    if (after !== this.entries.length || !isBehind) throw new ReelmeshError("CONFLICT", `the log is not at ${after}`);
    this.entries.push(entry);
    if (fate === "answer lost") throw new ReelmeshError("UNAVAILABLE", "no answer");
    return after + 1;
  }
}

function writerOver(log: Log) {
  const reign = new AbortController();
  let ids = 0;
  const clock: Clock = {
    now: () => 0,
    wallClock: () => 0,
    random: () => 0,
    newId: () => `entry-${ids++}`,
    sleep: async () => {},
    every: () => () => {},
  };
  const tail = {
    state: log.state,
    get newestId() {
      return log.entries[log.state.sequence - 1]?.id ?? "";
    },
    applied: () => log.applied(),
    durable: async () => {},
  };
  const port = { append: (entry: LogEntry, after: number) => log.append(entry, after) };
  const components = { tail, term: 1, reign: reign.signal, refused: () => reign.abort(), clock };
  const writer = new FactWriter({ ...components, log: port });
  return { writer, reign };
}

function jobs(log: Log): string[] {
  return log.entries.map((entry) => (entry.kind === "jobSubmitted" ? entry.jobSubmitted.job : entry.kind));
}

function submit(writer: FactWriter, ...ids: string[]): Promise<PromiseSettledResult<void>[]> {
  return Promise.allSettled(ids.map((job) => writer.append(() => submitted(job), { job })));
}

describe("the writer of facts", () => {
  it("has facts about different jobs in flight together, and keeps their order", async () => {
    const log = new Log();
    await submit(writerOver(log).writer, "a", "b", "c", "d");
    assert.equal(log.most, 4);
    assert.deepEqual(jobs(log), ["a", "b", "c", "d"]);
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
    log.entries.push({ id: "other", term: 2, atMs: 0, previous: "", ...foreign });
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
    assert.deepEqual(jobs(log), ["a", "foreign"]);
    await writer.idle();
  });
});
