/** Row 15: many candidates for one term, on a real NATS server. */
import assert from "node:assert/strict";
import { Coordinator } from "../../../src/coordinator/coordinator.js";
import type { LogCopy } from "../../../src/core/ports.js";
import { systemClock } from "../../../src/node/clock.js";
import { MeshTail } from "../../../src/node/mesh-tail.js";
import { type Bus, connectBus } from "../../../src/node/nats/bus.js";
import { openMeshLog } from "../../../src/node/nats/mesh-log.js";
import { startNats } from "../../support/nats.js";
import { until } from "../../support/until.js";
import { readLedger } from "../ledger.js";
import type { Row } from "../row.js";

const CANDIDATES = 500;
/** Candidates that share a connection. */
const A_CONNECTION = 25;
const TERMS = 5;
/** All of them are in this one process. */
const ROUND_MS = 180_000;

/** A copy that forgets: what it would keep is of no interest here. */
const copy: LogCopy = {
  append: async () => {},
  flush: async () => {},
  read: async function* () {},
  newest: async () => undefined,
  base: async () => undefined,
  truncate: async () => {},
  replace: async () => {},
  remembered: async () => [],
  forget: async () => {},
};
const unexpected = () => assert.fail("so few entries need no snapshot");
const blobs = { put: unexpected, own: unexpected, read: unexpected, release: unexpected, owners: async () => [] };

interface Candidate {
  id: string;
  coordinator: Coordinator;
  tail: MeshTail;
}

async function candidates(url: string, buses: Bus[], led: Map<number, string[]>): Promise<Candidate[]> {
  const made: Candidate[] = [];
  for (let number = 0; number < CANDIDATES; number++) {
    if (number % A_CONNECTION === 0) buses.push(await connectBus([url], `candidates ${number}`));
    const id = `candidate-${number}`;
    const log = openMeshLog(buses.at(-1) as Bus);
    const tail = new MeshTail({ copy, blobs, clock: systemClock, report: () => {} });
    const members = {
      live: () => new Set([id]),
      working: () => 0,
      encoders: () => new Map(),
      nameOf: (other: string) => other,
      remembered: () => 0,
    };
    const report = (event: string, { term }: Record<string, unknown>) => {
      if (event === "term started") led.set(Number(term), [...(led.get(Number(term)) ?? []), id]);
    };
    const components = {
      nodeId: id,
      nodeName: id,
      log,
      tail,
      members,
      keepSnapshot: unexpected,
      clock: systemClock,
      report,
    };
    made.push({ id, coordinator: new Coordinator(components), tail });
    tail.follow({ log, fetch: unexpected, found: () => log.found(1) }, () => {});
  }
  return made;
}

export const fiveHundredCandidacies: Row = {
  number: 15,
  title: "five hundred candidacies at once",
  play: async () => {
    // Rows are played side by side: a folder of the test that runs would go with another row's test.
    const { url, server } = await startNats("127.0.0.1", "run");
    const buses: Bus[] = [];
    const led = new Map<number, string[]>();
    let all: Candidate[] = [];
    try {
      all = await candidates(url, buses, led);
      for (const { coordinator } of all) coordinator.start();
      let newest = 0;
      for (let round = 1; round <= TERMS; round++) {
        // A term may stay without a leader, when its candidate hears too late that the log took it.
        const later = () => [...led].find(([term]) => term > newest);
        const [term, [leader]] = await until(async () => later(), `somebody leads a term after ${newest}`, ROUND_MS);
        newest = term;
        const known = () => all.every(({ tail }) => tail.state.term >= term);
        await until(async () => known() || undefined, `all have read of term ${term}`, ROUND_MS);
        // Everybody hears at once that the coordinator stops, and stands at its next tick.
        const stops = (one: Candidate) => one.coordinator.heard(leader as string, term, false, true);
        if (round < TERMS) all.forEach(stops);
      }
      const started = (await readLedger([url])).flatMap(({ entry }) => (entry.kind === "termStarted" ? [entry] : []));
      const terms = started.map(({ term }) => term);
      assert.deepEqual(
        terms,
        [...new Set(terms)].sort((one, other) => one - other),
        "D: a term was started twice",
      );
      for (const [term, leaders] of led) assert.equal(leaders.length, 1, `D: term ${term} was led by ${leaders}`);
      // Nobody tells them that the newest is there: others stand in time, and whoever led hears of it a moment later.
      const settled = () => {
        const leading = all.filter(({ coordinator }) => coordinator.leads).map(({ id }) => id);
        const winners = led.get(Math.max(...led.keys())) ?? [];
        return leading.every((id) => winners.includes(id));
      };
      await until(async () => settled() || undefined, "D: only the winner of the newest term leads");
    } finally {
      await Promise.all(all.map(({ coordinator }) => coordinator.stop()));
      await Promise.all(all.map(({ tail }) => tail.stop()));
      for (const bus of buses) await bus.close();
      await server.stop();
    }
  },
};
