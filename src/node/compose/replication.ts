/** Copies of finished assets: the replicator, and what nodes tell each other of what they hold. */
import { ReelmeshError } from "../../core/errors.js";
import { systemClock } from "../clock.js";
import type { PeerClients } from "../grpc/client.js";
import type { BlobClient } from "../http/blob-client.js";
import type { Members } from "../members.js";
import { services } from "../proto.js";
import { Holdings } from "../replication/holdings.js";
import { Replicator } from "../replication/replicator.js";
import { Surveyor } from "../replication/survey.js";
import type { Base } from "./base.js";

/** A node looks through a thousand blobs in this time, in milliseconds. */
const HOLDS_MS = 10_000;
/** A node that does not say at once what it holds is counted as silent. */
const SURVEY_MS = 1_500;

export interface Replication {
  replicator: Replicator;
  holdings: Holdings;
  surveyor: Surveyor;
}

/** Whether this node's state is the mesh's: what a node remembers beyond the log may come back. */
export function knowsMesh({ tail }: Pick<Base, "tail">, members: Members): boolean {
  return tail.caughtUp && tail.remembered.length === 0 && members.remembered() === 0;
}

export function openReplication(base: Base, members: Members, { pull, arriving }: BlobClient): Replication {
  const { id: self, config, tail, clients, report, lifecycle } = base;
  const store = base.store.blobs;
  const mesh = tail.state;
  const replicator = new Replicator({
    self,
    store,
    mesh,
    caughtUp: () => knowsMesh(base, members),
    hasRoom: () => !base.admission.full,
    pull,
    arriving,
    sources: (nodes) => members.sources(nodes),
    live: () => members.live(),
    askHolder: (node, placement, asset, blobs) => askHolder(clients, members, node, { placement, asset, blobs }),
    clock: systemClock,
    report,
  });
  lifecycle.onStop("replicator", () => replicator.stop());
  replicator.wake();
  const { source } = replicator;
  const holdings = new Holdings({ store, mesh, source, isSettled: (asset) => replicator.isComplete(asset) });
  const surveyor = new Surveyor({
    self,
    mesh,
    source,
    own: () => holdings.unsettled(),
    ask: async (node) => {
      const { ListUnsettled } = services.Node;
      const asked = { logSequence: mesh.sequence };
      return clients.call(addressOf(members, node), ListUnsettled, asked, { deadlineMs: SURVEY_MS });
    },
    known: () => members.known(config.copyPatience * 1000, config.replicas),
    clock: systemClock,
  });
  return { replicator, holdings, surveyor };
}

async function askHolder(
  clients: PeerClients,
  members: Members,
  node: string,
  asked: { placement: string; asset: string; blobs: string[] },
): Promise<boolean[]> {
  const { held } = await clients.call(addressOf(members, node), services.Node.Holds, asked, { deadlineMs: HOLDS_MS });
  return held;
}

/** Of a node that is there. UNAVAILABLE. */
function addressOf(members: Members, node: string): string {
  const grpc = members.live().has(node) ? members.find(node)?.grpc : undefined;
  if (grpc !== undefined) return grpc;
  throw new ReelmeshError("UNAVAILABLE", `node ${members.nameOf(node)} is not heard now`);
}
