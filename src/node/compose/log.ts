/** How a node keeps the mesh log: snapshots, founding, and what it remembers beyond it. */
import type { KeepSnapshot } from "../../coordinator/snapshot-writer.js";
import { ReelmeshError } from "../../core/errors.js";
import type { MeshLog } from "../../core/ports.js";
import { systemClock } from "../clock.js";
import { Founder } from "../founding.js";
import type { LogSource } from "../mesh-tail.js";
import { type CopyContext, copyToPeer } from "../tasks/context.js";
import type { Base } from "./base.js";
import { holdAt, type Shelf } from "./shelf.js";

/** Facts wait for a snapshot's second copy. */
const COPY_MS = 10_000;
/** In whose name a peer holds a snapshot until it has come to the entry that names it; it lets go of it by itself. */
const HELD_FOR = "log-snapshot";

export interface LogKeeping {
  keepSnapshot: KeepSnapshot;
  source: LogSource;
}

/** `fresh`: the NATS servers are this node's own and were empty when it started. */
export function keepLog(base: Base, { members, pull }: Shelf, log: MeshLog, fresh: boolean): LogKeeping {
  const { id: nodeId, tail, clients, report } = base;
  const copies: CopyContext = {
    nodeId,
    copyTargets: (key) => members.copyTargets(key),
    hold: (...wanted) => holdAt(clients, ...wanted),
    report,
  };
  const keep: KeepSnapshot = async (signal) => {
    const reference = await tail.keep();
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(COPY_MS)]);
    return { state: reference, holders: await copyToPeer(copies, [reference], HELD_FOR, bounded) };
  };
  const keepSnapshot: KeepSnapshot = async (signal) => {
    const kept = await keep(signal);
    if (kept.holders.length > 1 || members.peers().length === 0) return kept;
    throw new ReelmeshError("UNAVAILABLE", "no other node took a copy of the snapshot: it is tried again later");
  };
  const founder = new Founder({
    nodeId,
    log,
    state: tail.state,
    snapshot: keep,
    others: () => members.peers().map(({ id, logSequence }) => ({ id, sequence: logSequence })),
    fresh,
    clock: systemClock,
    report,
  });
  const source: LogSource = {
    log,
    fetch: (blob, holders, owner, signal) => pull(blob, members.sources(holders), owner, signal),
    found: (signal) => founder.found(signal),
  };
  return { keepSnapshot, source };
}
