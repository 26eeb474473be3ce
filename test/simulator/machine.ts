/** One virtual machine: its disk, and the node that runs on it, made of the real classes as src/node/compose does. */
import { Coordinator } from "../../src/coordinator/coordinator.js";
import type { KeepSnapshot } from "../../src/coordinator/snapshot-writer.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Clock, MeshLog } from "../../src/core/ports.js";
import { Founder } from "../../src/node/founding.js";
import { coordinatorClient } from "../../src/node/grpc/coordinator-client.js";
import { coordinatorService } from "../../src/node/grpc/coordinator-service.js";
import { Members } from "../../src/node/members.js";
import { type LogSource, MeshTail } from "../../src/node/mesh-tail.js";
import { obeyLog } from "../../src/node/obey-log.js";
import { nodeSummaryCodec } from "../../src/node/proto.js";
import { Rememberer } from "../../src/node/rememberer.js";
import { summarise } from "../../src/node/status.js";
import { Worker } from "../../src/node/worker.js";
import { simulatedTasks } from "./tasks.js";
import type { BusConnection } from "./virtual-bus.js";
import { VirtualDisk } from "./virtual-disk.js";
import { Process, processClock } from "./virtual-time.js";
import type { World } from "./world.js";

const HEARTBEAT_MS = 1_000;
const PATIENCE_MS = 1_000;

export class Machine {
  readonly id: string;
  readonly slots: number;
  readonly speed: number;
  readonly disk: VirtualDisk;
  readonly world: World;
  /** Milliseconds by which its wall clock is wrong. */
  wallError = 0;
  /** When something last went wrong with it or its network. */
  troubledAt = 0;
  node: VirtualNode | undefined;
  /** It does not come back, nor does its disk. */
  lost = false;

  constructor(world: World, id: string, slots: number, speed: number) {
    this.world = world;
    this.id = id;
    this.slots = slots;
    this.speed = speed;
    this.disk = new VirtualDisk(world.time, world.random, () => world.crash(this));
  }

  start(): void {
    if (this.node !== undefined || this.lost) return;
    this.world.bus.power(this.id, true);
    this.node = new VirtualNode(this);
    this.node.begin();
  }

  /** Kills the node's process, and the NATS server that is its child. */
  kill(): void {
    const { node } = this;
    this.node = undefined;
    this.disk.dieAfterWrites = 0;
    node?.process.die();
    this.world.bus.power(this.id, false);
  }
}

/** One life of a node. */
export class VirtualNode {
  readonly process = new Process();
  readonly machine: Machine;
  readonly clock: Clock;
  readonly connection: BusConnection;
  readonly tail: MeshTail;
  readonly members: Members;
  readonly coordinator: Coordinator;
  readonly worker: Worker;
  readonly rememberer: Rememberer;
  readonly #source: LogSource;
  #stops: (() => void)[] = [];

  constructor(machine: Machine) {
    const { world, id, disk } = machine;
    this.machine = machine;
    const { time, random } = world;
    const wallError = () => machine.wallError;
    this.clock = processClock({ time, process: this.process, random, wallError, newId: world.newId });
    this.connection = world.bus.connect(id, this.process);
    this.members = new Members(id, this.clock.now);
    const report = (event: string, details: Record<string, unknown> = {}) => {
      if (this.process.alive) world.reported(this, event, details);
    };
    const copy = disk.logCopy(this.process);
    this.tail = new MeshTail({ copy, blobs: disk.snapshots, clock: this.clock, report });
    const { tail, members, clock } = this;
    const log = this.#watchedLog();
    const keep: KeepSnapshot = async () => {
      const reference = await tail.keep();
      const copied = world.copySnapshot(machine, reference, members.copyTargets(reference.sha256));
      return { state: reference, holders: [id, ...copied] };
    };
    const keepSnapshot: KeepSnapshot = async (signal) => {
      const kept = await keep(signal);
      if (kept.holders.length > 1 || members.peers().length === 0) return kept;
      throw new ReelmeshError("UNAVAILABLE", "no other node took a copy of the snapshot");
    };
    const others = () => members.peers().map((one) => ({ id: one.id, sequence: one.logSequence }));
    const founding = { nodeId: id, log, state: tail.state, snapshot: keep, others, fresh: false, clock, report };
    const founder = new Founder(founding);
    this.#source = {
      log,
      fetch: async (blob, _holders, owner) => world.fetchSnapshot(machine, blob, owner),
      found: (signal) => founder.found(signal),
    };
    this.coordinator = new Coordinator({
      nodeId: id,
      nodeName: id,
      log,
      tail,
      members,
      keepSnapshot,
      snapshotEntries: world.profile.snapshotEntries,
      clock,
      report,
    });
    const address = () => members.find(tail.state.coordinator.id)?.grpc;
    const clients = world.calls.clientsOf(id, this.process);
    const client = coordinatorClient(id, clients, address, () => tail.state.term);
    this.rememberer = new Rememberer({ tail, offer: client.remember, clock, report });
    this.worker = new Worker({
      slots: machine.slots,
      coordinator: client,
      run: simulatedTasks({
        nodeId: id,
        clock,
        random,
        speed: machine.speed,
        longest: world.profile.longest,
        fates: () => world.fates,
        chunks: (job) => world.chunksOf(job),
        pull: (blob, holders) => world.pull(machine, blob, holders),
        store: (blob) => world.store(machine, blob, members.copyTargets(blob)),
        started: (job, task) => world.checks.started(this, job, task),
        failed: (job, task) => world.checks.released(job, task, id),
      }),
      clock,
      report,
    });
  }

  begin(): void {
    this.#run().catch((error: unknown) => this.#failed(error));
  }

  /** Stops in the order of the real lifecycle. */
  async stop(): Promise<void> {
    await this.worker.stop();
    await this.coordinator.stop();
    await this.rememberer.stop();
    await this.tail.stop();
    for (const stop of this.#stops) stop();
    this.#beat("stopped");
  }

  async #run(): Promise<void> {
    const { tail, coordinator, worker, connection, machine, process, clock } = this;
    const { world } = machine;
    await tail.restore();
    world.checks.restored(this);
    while (!connection.connected) await clock.sleep(PATIENCE_MS);
    world.listeners.set(machine.id, { process, services: [coordinatorService(coordinator, clock)] });
    this.#startHeartbeats();
    tail.onEntry((entry, job) => {
      if (this.process.alive) world.checks.applied(this, entry, job);
    });
    obeyLog(tail, worker);
    connection.onChange((connected) => coordinator.busChanged(connected));
    tail.onReset(() => {
      if (process.alive) world.reported(this, "reset", { sequence: tail.state.sequence });
    });
    tail.follow(this.#source, (error) => this.#failed(error));
    this.rememberer.start();
    coordinator.start();
    worker.start();
  }

  #startHeartbeats(): void {
    const { members, connection, coordinator, tail, clock } = this;
    members.hearThrough(() => connection.connected);
    members.onHeard((one) => coordinator.heard(one.id, one.term, one.coordinates, one.state === "stopped"));
    connection.onMessage((bytes) => members.heard(nodeSummaryCodec.decode(bytes)));
    this.#beat("ready");
    this.#stops.push(clock.every(HEARTBEAT_MS, () => this.#beat("ready")));
    tail.onEntry((entry) => {
      if (entry.kind === "termStarted") this.#beat("ready");
    });
  }

  #beat(state: "ready" | "stopped"): void {
    const { machine, tail, members, coordinator, worker, connection, clock } = this;
    const { id, slots } = machine;
    const summary = summarise(
      {
        id,
        name: id,
        addresses: { grpc: id, http: id, peer: id },
        https: false,
        slots: () => slots,
        replicas: 3,
        state: () => state,
        core: { seat: () => null, canServe: false, external: true, stream: async () => undefined },
        data: "",
        startedAt: 0,
        mesh: tail.state,
        members,
        store: { totals: () => ({ blobs: machine.disk.blobs.size, bytes: 0 }) } as never,
        encoders: [],
        fetching: () => [],
        confinement: { kind: "none", reason: "" },
        clock,
        leads: () => coordinator.leads,
        missing: () => 0,
        remembered: () => this.rememberer.count,
        running: () => worker.running(),
        busy: () => worker.busy(),
        bus: { connected: () => connection.connected, version: () => "" },
      },
      state,
    );
    members.heard(summary);
    connection.publish(nodeSummaryCodec.encode(summary));
  }

  /** The log, with an eye on what this node writes into it. */
  #watchedLog(): MeshLog {
    const { connection, machine } = this;
    return {
      append: (entry, after, signal) => {
        if (this.process.alive) machine.world.checks.appending(this, entry);
        return connection.append(entry, after, signal);
      },
      state: (signal) => connection.state(signal),
      found: (first, signal) => connection.found(first, signal),
      follow: (held, signal) => connection.follow(held, signal),
      holds: (place, signal) => connection.holds(place, signal),
      truncate: (before, signal) => connection.truncate(before, signal),
    };
  }

  #failed(error: unknown): void {
    if (this.process.alive) this.machine.world.checks.nodeFailed(this, error);
  }
}
