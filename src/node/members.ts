/** Who is in the mesh, as heard from heartbeats. Nodes are remembered while this node runs. */
import { createHash } from "node:crypto";
import type { MeshState } from "../core/mesh-state.js";
import type { Fetching } from "./fetching-jobs.js";

/** The fields of NodeSummary in proto/reelmesh/v1/node.proto. */
export interface NodeSummary {
  id: string;
  name: string;
  state: string;
  version: string;
  grpc: string;
  http: string;
  /** True when viewers use HTTPS at `http`. */
  https: boolean;
  peer: string;
  slots: number;
  busy: number;
  term: number;
  coordinates: boolean;
  blobs: number;
  bytes: number;
  missing: number;
  heardMsAgo: number;
  logSequence: number;
  remembered: number;
  setAside: string;
  seat: CoreSeat | null;
  canServe: boolean;
  externalNats: boolean;
  uptimeSeconds: number;
  /** Encoders of video beside libx264, by ffmpeg's names. */
  encoders: string[];
  /** Sources that it fetches. */
  fetching: Fetching[];
  /** Copies of each blob that it was told to ask for; 0: it does not say. */
  replicas: number;
}

/** A NATS server of the mesh's own that a node runs: host:port for clients and for the other servers. */
export interface CoreSeat {
  generation: number;
  slot: number;
  client: string;
  route: string;
  /** Slots of the servers that this one, which leads their cluster or has no leader, does not hear though they are linked. */
  unheard: number[];
}

/** A node that was not heard for this long is lost. */
const LOST_AFTER_MS = 5_000;

export class Members {
  readonly #self: string;
  readonly #now: () => number;
  readonly #heard = new Map<string, { summary: NodeSummary; at: number }>();
  #hears: () => boolean = () => true;
  readonly #listeners: ((summary: NodeSummary) => void)[] = [];

  constructor(self: string, now: () => number) {
    this.#self = self;
    this.#now = now;
  }

  /** Tells whether this node can hear others at all: while it cannot, nobody's silence says anything. */
  hearThrough(hears: () => boolean): void {
    this.#hears = hears;
  }

  heard(summary: NodeSummary): void {
    this.#heard.set(summary.id, { summary, at: this.#now() });
    for (const listener of this.#listeners) listener(summary);
  }

  onHeard(listener: (summary: NodeSummary) => void): void {
    this.#listeners.push(listener);
  }

  /** Every node ever heard, this one first, then by name. */
  list(): NodeSummary[] {
    const rows = this.#rows();
    const rank = (row: NodeSummary) => (row.id === this.#self ? "" : row.name);
    return rows.sort((a, b) => rank(a).localeCompare(rank(b)));
  }

  #rows(): NodeSummary[] {
    return [...this.#heard.values()].map(({ summary, at }) => {
      const heardMsAgo = summary.id === this.#self ? 0 : Math.max(0, Math.round(this.#now() - at));
      const state = this.#stateOf(summary, heardMsAgo);
      // Whoever led when it was last heard leads no more, or nobody can say that it does.
      const coordinates = summary.coordinates && isLive(state);
      return { ...summary, heardMsAgo, state, coordinates };
    });
  }

  #stateOf({ id, state }: NodeSummary, heardMsAgo: number): string {
    if (id === this.#self || state === "stopped") return state;
    if (!this.#hears()) return "unknown";
    return heardMsAgo > LOST_AFTER_MS ? "lost" : state;
  }

  /** Ids of the nodes that can be asked now, as far as this one knows; it is one of them. */
  live(): Set<string> {
    return new Set(this.#live().map(({ id }) => id));
  }

  /** By live node, the encoders that not every node has. */
  encoders(): Map<string, readonly string[]> {
    return new Map(this.#live().map(({ id, encoders }) => [id, encoders]));
  }

  /** How many live nodes were at work at their last heartbeats. */
  working(): number {
    return this.#live().filter(({ busy }) => busy > 0).length;
  }

  /** Facts that live nodes know and the log has lost. */
  remembered(): number {
    return this.#live().reduce((sum, row) => sum + row.remembered, 0);
  }

  /** Live nodes other than this one. */
  peers(): NodeSummary[] {
    return this.#liveRows().filter((row) => row.id !== this.#self);
  }

  /** Whether another live node says that it runs the server of a slot. */
  claimed({ generation, slot }: { generation: number; slot: number }): boolean {
    return this.peers().some(({ seat }) => seat?.generation === generation && seat.slot === slot);
  }

  /** All nodes, as placement looks at them. */
  placementNodes(): { id: string; present: boolean | undefined; uptimeSeconds: number; replicas: number }[] {
    return this.#rows().map(({ id, state, uptimeSeconds, replicas }) => {
      const present = state === "unknown" ? undefined : isLive(state);
      return { id, present, uptimeSeconds, replicas };
    });
  }

  /** Ids of the nodes that were heard within that time, and the most copies that one of them, or this one, asks for. */
  known(withinMs: number, replicas: number): { nodes: string[]; replicas: number } {
    const rows = this.#rows().filter(({ heardMsAgo }) => heardMsAgo <= withinMs);
    const nodes = new Set([this.#self, ...rows.map(({ id }) => id)]);
    return { nodes: [...nodes].sort(), replicas: Math.max(replicas, ...rows.map((row) => row.replicas)) };
  }

  find(id: string): NodeSummary | undefined {
    return this.#heard.get(id)?.summary;
  }

  /**
   * Who coordinates, as far as this node can know: whoever is heard to lead in a newer term than it has read in the mesh
   * log, or else whoever the log names, heard or not. The log may come seconds after the word: a reader whose consumer
   * was on a NATS server that went has to notice first.
   */
  leader(read: Pick<MeshState, "coordinator" | "term">): NodeSummary | undefined {
    const newer = this.#live().filter(({ coordinates, term }) => coordinates && term > read.term);
    return newer.sort((one, other) => other.term - one.term)[0] ?? this.find(read.coordinator.id);
  }

  nameOf(id: string): string {
    return this.find(id)?.name ?? id;
  }

  /** Viewers' addresses of all nodes, those that can be asked now first. */
  viewers(): { address: string; live: boolean }[] {
    const live = this.live();
    const rows = this.list().map(({ id, http }) => ({ address: http, live: live.has(id) }));
    return rows.sort((a, b) => Number(b.live) - Number(a.live));
  }

  /** Peer addresses to pull a blob from: those of these nodes in their order, then the other live nodes. */
  sources(holders: string[]): string[] {
    const peers = this.peers();
    const rank = ({ id }: NodeSummary) => (holders.includes(id) ? holders.indexOf(id) : holders.length);
    return peers.sort((a, b) => rank(a) - rank(b)).map((row) => row.peer);
  }

  /** Live peers in an order that differs by key, so that second copies spread over the mesh (rendezvous hashing). */
  copyTargets(key: string): { id: string; grpc: string }[] {
    const weight = (row: NodeSummary) => createHash("sha256").update(`${key} ${row.id}`).digest("hex");
    return this.peers()
      .filter(({ state }) => state !== "full")
      .map((row) => ({ row, weight: weight(row) }))
      .sort((a, b) => a.weight.localeCompare(b.weight))
      .map(({ row: { id, grpc } }) => ({ id, grpc }));
  }

  #liveRows(): NodeSummary[] {
    return this.#rows().filter((row) => isLive(row.state));
  }

  /** What the live nodes said last, as they said it: asked for several times a second. */
  #live(): NodeSummary[] {
    const live: NodeSummary[] = [];
    for (const { summary, at } of this.#heard.values()) {
      const state = this.#stateOf(summary, this.#now() - at);
      if (isLive(state)) live.push(summary);
    }
    return live;
  }
}

/** Whether a node in that state can be asked, as far as is known. */
function isLive(state: string): boolean {
  return state !== "lost" && state !== "stopped";
}
