/** Runs this node's NATS server when and as the core's rules say: see src/core/core-seat.ts. */
import { CopyWatch, type StreamSight, withOwnCopy } from "../core/copy-watch.js";
import { decideSeat, isSame, isUnrecorded, memberName, type Seat, slotOf } from "../core/core-seat.js";
import { ReelmeshError } from "../core/errors.js";
import type { Core } from "../core/facts.js";
import { MuteWatch } from "../core/mute-watch.js";
import type { Clock } from "../core/ports.js";
import type { Report } from "./logger.js";
import type { CoreSeat } from "./members.js";

/** A server by itself, or, with routes to the others, a member of a cluster. */
interface Role extends Seat {
  routes?: string[];
}

interface Components {
  nodeId: string;
  /** True when the servers are somebody else's: then nothing is ever started. */
  external: boolean;
  server: {
    readonly role: Role | undefined;
    start(role: Role, options: { empty: boolean }): Promise<number>;
    stop(): Promise<void>;
    takeOver(role: Role): Promise<boolean>;
    ports(): Promise<{ client: number; route: number }>;
    forgetStores(generation?: number): Promise<void>;
    startAgain(reason: string): void;
    copyEnd(stream: string): Promise<number | undefined>;
    unheard(): Promise<string[]>;
  };
  /** host:port by which others reach a port of this node. */
  address(port: number): string;
  mesh: { readonly core: Core };
  /** Whether another live node says that it holds a slot. */
  claimed(seat: Seat): boolean;
  /** Resolves when the cluster that the server at host:port belongs to works; UNAVAILABLE when it does not in time. */
  works(client: string, patienceMs: number, signal: AbortSignal): Promise<void>;
  clock: Pick<Clock, "now" | "every">;
  report: Report;
}

const LOOK_MS = 500;
/** How often a server is asked whom it hears; not that often once it has run for a while and misses nobody. */
const HEAR_MS = 2_000;
const CALM_HEAR_MS = 5_000;
const YOUNG_MS = 60_000;
/**
 * Of two servers that start at the same time one may be mute (src/core/mute-watch.ts), and neither is elected. Then one of
 * them starts again, the other one the next time: so long are they waited for each time. Three that start together had
 * elected after 1 to 2 s, and at the worst election after 9; on a machine that others keep busy it takes longer.
 */
const PATIENCE_MS = [10_000, 10_000, 20_000, 20_000];

export class SeatHolder {
  readonly #components: Components;
  #core: Core;
  #coreSince: number;
  #asked: (Seat & { at: number }) | undefined;
  /** Role in which stores of other generations have been removed. */
  #tidied: Role | undefined;
  /** host:port of the server that runs. */
  #addresses = { client: "", route: "" };
  #last: Promise<unknown> = Promise.resolve();
  #looking = false;
  readonly #copy = new CopyWatch();
  readonly #mute = new MuteWatch();
  #unheard: number[] = [];
  #begun = 0;
  #hearAt = 0;
  #stopLooking = () => {};
  #stopped = false;

  constructor(components: Components) {
    this.#components = components;
    this.#core = components.mesh.core;
    this.#coreSince = components.clock.now();
  }

  /** The server that runs. */
  seat(): CoreSeat | null {
    const { role } = this.#components.server;
    if (role === undefined) return null;
    return { generation: role.generation, slot: role.slot, ...this.#addresses, unheard: this.#unheard };
  }

  /** Where the server listens, or would. */
  async offer(): Promise<{ client: string; route: string }> {
    const { server, address } = this.#components;
    const { client, route } = await server.ports();
    return { client: address(client), route: address(route) };
  }

  /** Begins a mesh, or begins it anew with an empty store: a server by itself; host:port for its clients. */
  async begin({ anew }: { anew: boolean }): Promise<string> {
    const role = { generation: this.#components.mesh.core.generation + 1, slot: 1 };
    await this.#inTurn(() => this.#start(role, anew));
    return this.#addresses.client;
  }

  /** The server by itself that runs and that the log does not name yet. */
  unrecorded(): CoreSeat | null {
    const { mesh, server } = this.#components;
    return isUnrecorded(mesh.core, server.role) ? this.seat() : null;
  }

  /**
   * Starts the server that the log gave to this node, as far as the node knows; not where another is heard to have
   * the slot by now.
   */
  async resume(heardClaim: (seat: Seat, others: string[]) => Promise<boolean>): Promise<void> {
    const { mesh, nodeId, server } = this.#components;
    const mine = slotOf(mesh.core, nodeId);
    if (mine === undefined) return;
    const role = roleIn(mesh.core, mine);
    const others = mesh.core.servers.filter((one) => one.nodeId !== nodeId).map((one) => one.client);
    await this.#inTurn(async () => {
      if (await server.takeOver(role)) this.#addresses = await this.offer();
      else if (others.length === 0 || !(await heardClaim(mine, others))) await this.#start(role, false);
    });
  }

  /** Keeps to the rules from here on. */
  watch(): void {
    const { clock } = this.#components;
    // Others can be heard from here on.
    this.#coreSince = clock.now();
    const looks = [clock.every(LOOK_MS, () => void this.look()), clock.every(HEAR_MS, () => void this.#hear())];
    this.#stopLooking = () => {
      for (const stop of looks) stop();
    };
  }

  async #hear(): Promise<void> {
    const { server, mesh, clock } = this.#components;
    const now = clock.now();
    if (now < this.#hearAt) return;
    const names = server.role?.routes === undefined ? [] : await server.unheard();
    this.#unheard = mesh.core.servers.map(({ slot }) => slot).filter((slot) => names.includes(memberName(slot)));
    const isCalm = this.#unheard.length === 0 && now - this.#begun > YOUNG_MS;
    this.#hearAt = isCalm ? now + CALM_HEAR_MS : now;
  }

  /** What another node says of the server that it runs. */
  heard({ generation, unheard }: CoreSeat): void {
    const { server, clock } = this.#components;
    const { role } = server;
    if (role?.generation !== generation || !unheard.includes(role.slot)) return;
    if (this.#mute.isMute(clock.now())) server.startAgain("the others do not hear it");
  }

  /** The coordinator's wish: see Node.ServeCore in proto/reelmesh/v1/node.proto. */
  async serve(wanted: Core, signal: AbortSignal): Promise<void> {
    const { nodeId, clock, server, works } = this.#components;
    const seat = slotOf(wanted, nodeId);
    if (seat === undefined) throw new ReelmeshError("INVALID_INPUT", "the servers to start are none of this node's");
    await this.#inTurn(async () => {
      this.#refuse();
      this.#asked = { ...seat, at: clock.now() };
      if (!isSame(server.role, seat)) await this.#start(roleIn(wanted, seat), true);
    });
    let problem: unknown;
    for (const [tries, patienceMs] of PATIENCE_MS.entries()) {
      if (tries > 0 && seat.slot % 2 === tries % 2) await this.#inTurn(() => this.#start(roleIn(wanted, seat), true));
      problem = await works(this.#addresses.client, patienceMs, signal).catch((thrown: unknown) => thrown);
      if (problem === undefined || signal.aborted) break;
    }
    if (problem !== undefined) throw problem;
    signal.throwIfAborted();
  }

  /** Compares what runs with what should; called when the core may have changed, and every moment. */
  async look(): Promise<void> {
    if (this.#looking || this.#stopped || this.#components.external) return;
    this.#looking = true;
    await this.#inTurn(() => this.#follow()).catch((error: unknown) => {
      this.#components.report("this node's NATS server did not start", { error });
    });
    this.#looking = false;
  }

  /**
   * Has the server start again that the others do not hear, or that does not get what it acknowledges: see
   * src/core/copy-watch.ts. `read`: sequence up to which this node had read the log a while ago.
   */
  async watchCopy(name: string, stream: StreamSight | undefined, read: number): Promise<void> {
    const { server, clock } = this.#components;
    const { role } = server;
    if (role?.routes === undefined) return;
    const own = { slot: role.slot, server: memberName(role.slot) };
    const seen = withOwnCopy(stream, own.server, await server.copyEnd(name), read);
    if (this.#copy.isStuck(clock.now(), seen, own)) server.startAgain("its copy of the mesh log is cut off");
  }

  /** The log has gone on on the servers of the core as it is: stores of others are needed no more. */
  async settled(): Promise<void> {
    const { server, mesh, nodeId } = this.#components;
    const { role } = server;
    const mine = slotOf(mesh.core, nodeId);
    if (role === undefined || role === this.#tidied || mine?.generation !== role.generation) return;
    this.#tidied = role;
    await server.forgetStores(role.generation);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopLooking();
    await this.#inTurn(() => this.#components.server.stop());
  }

  async #follow(): Promise<void> {
    const { mesh, nodeId, server, clock, claimed } = this.#components;
    const now = clock.now();
    if (mesh.core !== this.#core) {
      this.#core = mesh.core;
      this.#coreSince = now;
    }
    const { role: running } = server;
    const coreSince = this.#coreSince;
    const sight = { now, nodeId, core: mesh.core, coreSince, running, asked: this.#asked, claimed };
    const decision = decideSeat(sight);
    if (decision.kind === "start") await this.#start(roleIn(mesh.core, decision.seat), false);
    else if (decision.kind === "stop") await this.#leave();
  }

  async #leave(): Promise<void> {
    const { server, report } = this.#components;
    report("core slot is left", { ...this.#asked, ...server.role });
    this.#asked = undefined;
    await server.stop();
    await server.forgetStores();
  }

  async #start(role: Role, empty: boolean): Promise<void> {
    const { server, address, clock, report } = this.#components;
    const port = await server.start(role, { empty });
    this.#begun = clock.now();
    const { route } = role.routes === undefined ? { route: 0 } : await server.ports();
    this.#addresses = { client: address(port), route: route === 0 ? "" : address(route) };
    report("nats-server runs", { generation: role.generation, slot: role.slot, ...this.#addresses });
  }

  #refuse(): void {
    const { external, server, mesh, nodeId } = this.#components;
    if (external) throw new ReelmeshError("CONFLICT", "this node was told to use NATS servers of somebody else's");
    const mine = slotOf(mesh.core, nodeId);
    if (mine === undefined || !isSame(server.role, mine)) return;
    throw new ReelmeshError("CONFLICT", `this node runs the mesh's NATS server of slot ${mine.slot} already`);
  }

  /** One after another: a server that starts is not stopped in the middle of it. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#last.then(action);
    this.#last = done.catch(() => {});
    return done;
  }
}

function roleIn({ servers }: Core, seat: Seat): Role {
  if (servers.length < 2) return seat;
  return { ...seat, routes: servers.filter((one) => one.slot !== seat.slot).map((one) => one.route) };
}
