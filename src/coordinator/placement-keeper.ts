/** Puts into the log on which nodes blobs are placed, while this node leads. */
import { ReelmeshError } from "../core/errors.js";
import type { Fact } from "../core/facts.js";
import type { Placement } from "../core/placement.js";
import type { Clock } from "../core/ports.js";
import { newPlacementMembers, type PlacementNode, stepPlacement } from "./placement-members.js";

interface Components {
  /** Every node that this one has heard, itself included. */
  nodes(): PlacementNode[];
  /** Milliseconds that a member may be away. */
  patienceMs: number;
  mesh: { readonly placement: Placement | null };
  writer: { append(make: () => Fact | undefined): Promise<void> };
  clock: Pick<Clock, "now">;
  report(event: string, details: Record<string, unknown>): void;
}

export class PlacementKeeper {
  readonly #components: Components;
  readonly #members;
  #writing = false;

  constructor(components: Components) {
    this.#components = components;
    this.#members = newPlacementMembers(components.patienceMs);
  }

  /** To be called every moment while this node leads. */
  look(): void {
    const { nodes, mesh, clock, report } = this.#components;
    if (this.#writing) return;
    const before = mesh.placement;
    const next = stepPlacement(this.#members, clock.now(), before, nodes());
    if (next === undefined) return;
    this.#writing = true;
    report("blobs are placed anew", { nodes: next.nodes.length, replicas: next.replicas });
    this.#write(before, next)
      .catch((error: unknown) => {
        const isOver = error instanceof ReelmeshError && ["NOT_COORDINATOR", "ABORTED"].includes(error.code);
        if (!isOver) report("the placement could not be recorded", { error });
      })
      .finally(() => {
        this.#writing = false;
      });
  }

  #write(before: Placement | null, next: Placement): Promise<void> {
    const { writer, mesh } = this.#components;
    const fact: Fact = { kind: "placementChanged", placementChanged: next };
    return writer.append(() => (mesh.placement === before ? fact : undefined));
  }
}
