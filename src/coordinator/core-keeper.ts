/** The effects of the core's slots: has nodes start their servers, and then puts the change into the log. */
import { ReelmeshError } from "../core/errors.js";
import type { Core, CoreServer, Fact } from "../core/facts.js";
import type { Clock } from "../core/ports.js";
import { type CoreChange, type CoreNode, newCoreSlots, stepCoreSlots } from "./core-slots.js";

/** What the keeper asks of other nodes; both UNAVAILABLE when the node does not do it in time. */
export interface CorePort {
  /** Every node ever heard of, this one included. */
  nodes(): CoreNode[];
  /** Where the node's server would listen: host:port for clients and for the other servers. */
  offer(node: CoreNode, signal: AbortSignal): Promise<{ client: string; route: string }>;
  /** Has the node's server run as a member of the cluster; resolves when the cluster works. */
  serve(node: CoreNode, core: Core, signal: AbortSignal): Promise<void>;
}

interface Components {
  port: CorePort;
  /** Time for which a member may be away, in milliseconds. */
  patienceMs: number;
  mesh: { readonly core: Core };
  writer: { append(make: () => Fact | undefined): Promise<void> };
  /** Fires when this node stops leading: nothing is begun from then on. */
  reign: AbortSignal;
  clock: Pick<Clock, "now">;
  report(event: string, details: Record<string, unknown>): void;
}

/** Which nodes a server did not start on, and why. */
class NotStarted extends Error {
  readonly nodes: string[];

  constructor(nodes: string[], reason: unknown) {
    super(reason instanceof Error ? reason.message : String(reason));
    this.nodes = nodes;
  }
}

export class CoreKeeper {
  readonly #components: Components;
  readonly #slots;

  constructor(components: Components) {
    this.#components = components;
    this.#slots = newCoreSlots(components.patienceMs);
  }

  /** Looks whether the core should change, and changes it; to be called every moment while this node leads. */
  look(): void {
    const { port, mesh, reign, clock } = this.#components;
    if (reign.aborted) return;
    const event = { kind: "look", now: clock.now(), core: mesh.core, nodes: port.nodes() } as const;
    const change = stepCoreSlots(this.#slots, event);
    if (change !== undefined) void this.#change(change, mesh.core);
  }

  async #change(change: CoreChange, before: Core): Promise<void> {
    const { clock, report } = this.#components;
    let barred: string[] = [];
    try {
      await this.#make(change, before);
    } catch (error) {
      const isOver = error instanceof ReelmeshError && ["NOT_COORDINATOR", "ABORTED"].includes(error.code);
      if (!isOver) report("the core could not be changed", { error });
      if (error instanceof NotStarted) barred = error.nodes;
    } finally {
      stepCoreSlots(this.#slots, { kind: "ended", now: clock.now(), barred });
    }
  }

  async #make({ generation, kept, taken }: CoreChange, before: Core): Promise<void> {
    const { port, reign, writer, mesh, report } = this.#components;
    const offered = await all(taken, async ({ slot, node }): Promise<CoreServer> => {
      const { client, route } = await port.offer(node, reign);
      return { slot, nodeId: node.id, client, route };
    });
    const core: Core = { generation, servers: [...kept, ...offered].sort((a, b) => a.slot - b.slot) };
    const starting = taken.filter(({ starts }) => starts);
    for (const { slot, node } of starting)
      report("core slot is given to a node", { slot, node: node.name, generation });
    await all(starting, ({ node }) => port.serve(node, core, reign));
    await writer.append(() => (mesh.core === before ? { kind: "coreChanged", coreChanged: core } : undefined));
  }
}

/** Does it for all at once; NotStarted with those for which it failed. */
async function all<T extends { node: CoreNode }, R>(each: T[], action: (one: T) => Promise<R>): Promise<R[]> {
  const results = await Promise.allSettled(each.map(action));
  const failed = results.flatMap((result, index) =>
    result.status === "rejected" ? [{ node: each[index]?.node, reason: result.reason as unknown }] : [],
  );
  if (failed.length > 0) {
    throw new NotStarted(
      failed.map(({ node }) => node?.id ?? ""),
      failed[0]?.reason,
    );
  }
  return results.map((result) => (result as PromiseFulfilledResult<R>).value);
}
