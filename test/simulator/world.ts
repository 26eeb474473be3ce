/** A whole virtual mesh, driven by one seed: the machines, what connects them, who uses it, and the checks. */
import { ReelmeshError } from "../../src/core/errors.js";
import type { LogEntry } from "../../src/core/facts.js";
import type { BlobReference, TaskResult } from "../../src/core/work.js";
import type { RunningLease__Output } from "../../src/gen/reelmesh/v1/RunningLease.js";
import { logEntryCodec } from "../../src/node/proto.js";
import { submitted } from "../support/facts.js";
import { Checks } from "./checks.js";
import { Faults } from "./faults.js";
import { Machine, type VirtualNode } from "./machine.js";
import { CALM, Network } from "./network.js";
import { type Profile, profileOf } from "./profile.js";
import { Random } from "./random.js";
import { type Fates, NO_FATES } from "./tasks.js";
import { User } from "./user.js";
import { VirtualBus } from "./virtual-bus.js";
import { type Listener, VirtualCalls } from "./virtual-calls.js";
import { VirtualTime } from "./virtual-time.js";

/** After the healing, somebody works within this time, and every job ends within the other (H, A). */
const RECOVERY_MS = 60_000;
const HANG_MS = 75_000;
const END_MS = 600_000;
const LOSSES_APART_MS = 40_000;
/** Long enough for every node to have read it. */
const REMOVAL_LOST_MS = 500;
const SETTLE_MS = 8_000;
const CLAIM_MS = 26_000;

export class World {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly profile: Profile;
  readonly network: Network;
  readonly bus: VirtualBus;
  readonly calls: VirtualCalls;
  readonly listeners = new Map<string, Listener>();
  readonly machines: Machine[];
  readonly serverPlaces: string[];
  readonly checks = new Checks(() => this.time.now);
  readonly users: User[];
  fates: Fates;
  readonly #faults: Faults;
  readonly #tell: ((line: string) => void) | undefined;
  #ids = 0;
  #digest = 0;
  #progressAt = 0;
  #healedAt = 0;
  #lostAt = Number.NEGATIVE_INFINITY;

  constructor(seed: number, tell?: (line: string) => void) {
    this.#tell = tell;
    this.random = new Random(seed);
    this.profile = profileOf(this.random);
    const { time, random, profile } = this;
    this.network = new Network(time, random);
    const ids = profile.machines.map((_, index) => `n${index + 1}`);
    const places = profile.serversOnNodes ? ids : ["s1", "s2", "s3"];
    this.serverPlaces = places.slice(0, profile.servers);
    this.bus = new VirtualBus({
      time,
      random,
      network: this.network,
      servers: this.serverPlaces,
      founded: (first) => this.#founded(first),
      committed: (sequence, entry) => this.#committed(sequence, entry),
    });
    this.calls = new VirtualCalls({
      time,
      random,
      network: this.network,
      listeners: this.listeners,
      answered: (place, path, request, response) => this.#answered(place, path, request as never, response as never),
    });
    this.machines = profile.machines.map(({ slots, speed }, index) => new Machine(this, `n${index + 1}`, slots, speed));
    this.users = profile.jobs.map((job, index) => new User(this, submitted(`job-${index + 1}`), job));
    this.fates = profile.fates;
    this.#faults = new Faults(this, profile);
  }

  /** Runs the whole story: trouble, healing, the end. */
  async run(): Promise<void> {
    const { time, checks, users, profile } = this;
    this.trace("world", "begins", { ...profile, machines: profile.machines.length });
    const failed = () => checks.violation !== undefined;
    const step = () => {};
    for (const machine of this.machines) time.after(this.random.between(0, 2_000), () => machine.start());
    for (const user of users) user.begin();
    this.#faults.begin();
    await time.run(profile.healAt, step, failed);
    this.#heal();
    const isOver = () =>
      users.every((user) => user.satisfied || this.#lacks(user.job)) &&
      this.#open().length === 0 &&
      this.#isComplete() &&
      this.#isAtRest();
    const ended = () => failed() || isOver();
    // What hung before the healing is ended by its own watchdog.
    await time.run(time.now + RECOVERY_MS + (profile.fates.hangs > 0 ? HANG_MS : 0), step, ended);
    if (!ended() && this.#progressAt < this.#healedAt) checks.fail("H", "nothing has happened since the healing");
    await time.run(this.#healedAt + END_MS, step, ended);
    if (!ended()) checks.fail("A", `not ended ${END_MS / 1000} s after the healing: ${this.#open().join(" ")}`);
    await time.run(time.now + SETTLE_MS, step, failed);
    // A claim whose caller could not take it back waits to its end.
    await time.run(time.now + CLAIM_MS, step, () => failed() || this.#claimsFit());
    if (!failed()) this.#finalChecks();
    this.trace("world", "ends", { violation: checks.violation ?? "none", ...checks.counts });
  }

  /** The same for the same seed, whatever happened. */
  get digest(): string {
    return (this.#digest >>> 0).toString(16).padStart(8, "0");
  }

  readonly newId = (): string => `i${++this.#ids}`;

  trace(who: string, event: string, details: object): void {
    const line = `${(this.time.now / 1000).toFixed(3).padStart(9)} ${who} ${event} ${JSON.stringify(details)}`;
    for (let at = 0; at < line.length; at++) this.#digest = Math.imul(this.#digest ^ line.charCodeAt(at), 0x01000193);
    this.#tell?.(line);
  }

  // ---- machines --------------------------------------------------------------------------------------------------

  leader(): Machine | undefined {
    return this.machines.find(({ node }) => node?.coordinator.leads);
  }

  isPowered(place: string): boolean {
    const machine = this.machines.find(({ id }) => id === place);
    return machine === undefined || machine.node !== undefined;
  }

  crash(machine: Machine): void {
    if (machine.node === undefined) return;
    this.checks.knowerGone();
    this.trace(machine.id, "crash", {});
    this.#down([machine]);
  }

  powerCut(): void {
    this.trace("world", "power cut", {});
    for (const { disk } of this.machines) disk.loseUnsynced();
    this.#down(this.machines);
  }

  /** Ends a node as SIGTERM does. */
  stop(machine: Machine): void {
    const { node } = machine;
    if (node === undefined || node.process.frozen) return;
    this.trace(machine.id, "stop", {});
    this.checks.knowerGone();
    this.trouble([machine], 0);
    const gone = () => {
      if (node.process.alive) this.#down([machine]);
    };
    void node.stop().then(gone);
  }

  /** A machine and its disk are gone for good, one in a run; not the only one that serves the bus. */
  loseMachine(machine: Machine): void {
    const isNeeded = this.serverPlaces.length === 1 && this.serverPlaces.includes(machine.id);
    if (isNeeded || this.machines.some(({ lost }) => lost)) return;
    this.trace(machine.id, "is lost", {});
    this.trouble(this.machines, 0);
    machine.lost = true;
    machine.kill();
    machine.disk.destroy();
  }

  /** Acknowledged jobs that have not ended, and can. */
  #open(): string[] {
    return this.checks.open().filter((job) => !this.#lacks(job));
  }

  /** Something that the job needs was on a machine that is lost, and on no other. */
  #lacks(job: string): boolean {
    if (!this.machines.some(({ lost }) => lost)) return false;
    const record = this.machines.find(({ node }) => node?.tail.caughtUp)?.node?.tail.state.jobs.get(job);
    if (record === undefined) return false;
    const { plan, source, holder } = record;
    const needed = plan === null ? [{ blob: source, holders: [holder] }] : [{ blob: plan.plan, holders: plan.holders }];
    for (const { result } of record.finished.values()) needed.push({ blob: result.listing, holders: result.holders });
    const isHeld = (sha256: string, holders: string[]) =>
      this.machines.some(({ id, disk }) => holders.includes(id) && disk.blobs.has(sha256));
    return needed.some(({ blob, holders }) => blob !== null && !isHeld(blob.sha256, holders));
  }

  /** Every node that there can be is there, has read the log, and remembers nothing beyond it. */
  #isComplete(): boolean {
    const there = this.machines.filter(({ lost }) => !lost);
    return there.every(({ node }) => node?.tail.caughtUp && node.tail.remembered.length === 0);
  }

  /** What began of jobs that lack something, and so do not end, has come to its end; on a lost machine with its lease. */
  #isAtRest(): boolean {
    const rests = ({ worker, coordinator }: VirtualNode) =>
      worker.running().length === 0 && coordinator.load.leases === 0;
    return this.machines.every(({ node }) => node === undefined || rests(node));
  }

  #down(machines: Machine[]): void {
    for (const machine of machines) {
      machine.kill();
      // One that was stopping at the healing comes back at once, as those do that were down.
      const away = this.#healedAt > 0 ? 200 : this.random.pick([200, 2_000, 10_000, 25_000]);
      this.trouble(this.serverPlaces.includes(machine.id) ? this.machines : [machine], away);
      this.time.after(away, () => {
        this.trouble([machine], 0);
        machine.start();
      });
    }
  }

  /** Notes that machines are not themselves until then. */
  trouble(machines: Machine[], ms: number): void {
    for (const machine of machines) machine.troubledAt = Math.max(machine.troubledAt, this.time.now + ms);
  }

  #heal(): void {
    this.#healedAt = this.time.now;
    this.trace("world", "healed", {});
    this.#faults.healAll();
    this.network.weather = CALM;
    this.fates = NO_FATES;
    for (const place of this.serverPlaces) if (this.isPowered(place)) this.bus.power(place, true);
    this.network.changed();
  }

  /** Somebody on the bus publishes what is no entry, or one of old with another result. */
  intrude(): void {
    const { bus, checks, random } = this;
    if (!this.serverPlaces.some((place) => bus.serves(place))) return;
    const known = checks.entries.filter((entry) => entry !== undefined && this.#isHarmless(entry));
    const after = bus.state?.last ?? 0;
    if (after === 0) return;
    if (known.length === 0 || random.chance(0.3)) bus.take(new TextEncoder().encode("no entry"), after);
    else bus.take(changed(random.pick(known) as LogEntry, checks.truth.term, this.newId()), after);
  }

  /** A second one of these, with other blobs, would be followed. */
  #isHarmless(entry: LogEntry): boolean {
    if (entry.kind === "jobSubmitted") return this.checks.truth.has(entry.jobSubmitted.job);
    return !["termStarted", "snapshot", "jobRemoved"].includes(entry.kind);
  }

  // ---- work ------------------------------------------------------------------------------------------------------

  chunksOf(job: string): number {
    return this.profile.jobs[Number(job.slice("job-".length)) - 1]?.chunks ?? 1;
  }

  /** Copies a snapshot to the first of the machines that can be reached. */
  copySnapshot(machine: Machine, { sha256 }: BlobReference, targets: { id: string }[]): string[] {
    const bytes = machine.disk.snapshotOf(sha256);
    const other = this.machines.find(({ id, node }) => {
      const wanted = targets.some((target) => target.id === id);
      return wanted && node !== undefined && !node.process.frozen && this.network.passesBoth(id, machine.id);
    });
    if (other === undefined || bytes === undefined) return [];
    other.disk.keepSnapshot(bytes, "log-snapshot");
    return [other.id];
  }

  /** UNAVAILABLE when no machine that can be reached holds it. */
  fetchSnapshot(machine: Machine, { sha256 }: BlobReference, owner: string): void {
    for (const { id, node, disk } of this.machines) {
      const bytes = disk.snapshotOf(sha256);
      const own = id === machine.id;
      if (bytes === undefined || (!own && (node === undefined || node.process.frozen))) continue;
      if (!this.network.passesBoth(id, machine.id)) continue;
      machine.disk.keepSnapshot(bytes, owner);
      return;
    }
    throw new ReelmeshError("UNAVAILABLE", `the snapshot ${sha256} is on no machine that can be reached`);
  }

  /** The log is deleted, or loses its end, while every node is there that could give it back. */
  loseLog(): void {
    const { bus, machines, random, time } = this;
    const complete = machines.every(({ node }) => node?.connection.connected && node.tail.caughtUp);
    if (!complete || (bus.state?.last ?? 0) < 2 || time.now - this.#lostAt < LOSSES_APART_MS) return;
    this.#lostAt = time.now;
    this.trouble(machines, RECOVERY_MS);
    const end = random.whole(0, 4);
    this.trace("world", end === 0 ? "wipes the log" : "takes the end of the log", { entries: end });
    if (end === 0) bus.wipe();
    else bus.loseEnd(end);
  }

  /** A removal is among what a lost log loses: by chance alone hardly a loss in a thousand seeds takes one along. */
  loseRemoval(): void {
    if (!this.profile.faults.includes("lost log")) return;
    const lose = () => {
      if (this.#healedAt === 0) this.loseLog();
    };
    this.time.after(REMOVAL_LOST_MS, lose);
  }

  pull(machine: Machine, blob: string, holders: string[]): boolean {
    if (machine.disk.blobs.has(blob)) return true;
    const source = this.machines.find(
      ({ id, node, disk }) =>
        holders.includes(id) &&
        node !== undefined &&
        !node.process.frozen &&
        disk.blobs.has(blob) &&
        this.network.passesBoth(id, machine.id),
    );
    if (source !== undefined) machine.disk.blobs.add(blob);
    return source !== undefined;
  }

  store(machine: Machine, blob: string, targets: { id: string }[]): string[] {
    machine.disk.blobs.add(blob);
    for (const { id } of targets) {
      const other = this.machines.find((one) => one.id === id);
      const isThere = other?.node !== undefined && !other.node.process.frozen;
      if (isThere && this.pull(other, blob, [machine.id])) return [machine.id, id];
    }
    return [machine.id];
  }

  // ---- what is watched -------------------------------------------------------------------------------------------

  reported(node: VirtualNode, event: string, details: Record<string, unknown>): void {
    const { id } = node.machine;
    this.trace(id, event, details);
    const facts = details as { job: string; task: string; node: string; backup: boolean };
    if (event === "term started") this.checks.leads(node, details["term"] as number);
    else if (event === "task granted") {
      this.#progressAt = this.time.now;
      this.checks.granted(node, facts, this.machines);
    } else if (event === "task failed") this.checks.released(facts.job, facts.task, facts.node);
    else if (event === "append failed" || event === "candidacy failed" || event === "claiming failed") {
      this.checks.fail("A", `${id}: ${event}: ${JSON.stringify(details, showErrors)}`);
    }
  }

  #founded(first: number): void {
    this.trace("log", "is founded", { first });
    this.checks.founded(first);
  }

  #committed(sequence: number, entry: LogEntry | undefined): void {
    this.trace("log", `takes ${sequence}`, entry ?? {});
    this.#progressAt = this.time.now;
    this.checks.committed(sequence, entry);
  }

  #answered(
    place: string,
    path: string,
    request: { job: string; task: string; nodeId: string; result: TaskResult; leases: RunningLease__Output[] },
    response: { accepted: boolean; unwanted: string[] },
  ): void {
    const { job, task, nodeId } = request;
    if (path.endsWith("/Complete")) {
      this.trace(place, "acknowledges", { job, task, nodeId, ...response });
      this.checks.completed(job, task, request.result, response.accepted);
    } else if (path.endsWith("/RenewLeases")) {
      for (const running of request.leases) {
        this.checks.renewed(running, nodeId, !response.unwanted.includes(running.lease));
      }
    }
  }

  /** Nothing is left of the work (G). */
  #idle({ machine, worker, coordinator }: VirtualNode, lanes: number): void {
    const running = worker.running();
    if (running.length > 0) this.checks.fail("G", `${machine.id} still runs ${JSON.stringify(running)}`);
    const { leases, claims, watched } = coordinator.load;
    const bounded = leases === 0 && watched === 0 && claims <= lanes;
    if (!bounded) this.checks.fail("G", `${machine.id} keeps ${JSON.stringify(coordinator.load)}`);
  }

  get #lanes(): number {
    return this.machines.reduce((sum, { slots }) => sum + slots + 1, 0);
  }

  #claimsFit(): boolean {
    return this.machines.every(({ node }) => node === undefined || node.coordinator.load.claims <= this.#lanes);
  }

  #finalChecks(): void {
    const { checks } = this;
    const lanes = this.#lanes;
    checks.atTheEnd();
    for (const { id, node, lost } of this.machines) {
      if (lost) continue;
      if (node === undefined) checks.fail("A", `${id} is down`);
      else {
        checks.settled(node);
        this.#idle(node, lanes);
      }
    }
    const calls = this.machines.reduce((sum, { node }) => sum + (node?.process.watched ?? 0), 0);
    if (calls > 2 * lanes) checks.fail("G", `${calls / 2} calls are open, with ${lanes} lanes`);
    const leaders = this.machines.filter(({ node }) => node?.coordinator.leads);
    if (leaders.length !== 1) checks.fail("A", `${leaders.length} nodes lead: ${leaders.map(({ id }) => id)}`);
  }
}

/** The same fact again with other blobs, in the newest term. */
function changed(entry: LogEntry, term: number, id: string): Uint8Array {
  const text = JSON.stringify({ ...entry, term, id, history: "" }, (key, value: unknown) =>
    key === "sha256" ? "foreign" : value,
  );
  return logEntryCodec.encode(JSON.parse(text) as LogEntry);
}

function showErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.stack : value;
}
