/** The mesh log as it stands on the NATS servers, read past every node. */
import { setTimeout as delay } from "node:timers/promises";
import { connect, type NatsConnection } from "nats";
import type { LogEntry } from "../../src/core/facts.js";
import { applyEntry, emptyMeshState, type MeshState } from "../../src/core/mesh-state.js";
import { decodeSnapshot } from "../../src/core/snapshot.js";
import { logEntryCodec } from "../../src/node/proto.js";

const STREAM = "REELMESH_LOG";
const TIMEOUT_MS = 5_000;
const LEADER_MS = 60_000;
const LOOK_MS = 250;

export interface LedgerRow {
  sequence: number;
  entry: LogEntry;
}

/** Every entry that the log holds now, in order. */
export async function readLedger(servers: string[]): Promise<LedgerRow[]> {
  return withConnection(servers, async (connection) => {
    const manager = await connection.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false });
    const { state } = await manager.streams.info(STREAM);
    const rows: LedgerRow[] = [];
    for (let sequence = Math.max(1, state.first_seq); sequence <= state.last_seq; sequence++) {
      const { data } = await manager.streams.getMessage(STREAM, { seq: sequence });
      rows.push({ sequence, entry: logEntryCodec.decode(data) });
    }
    return rows;
  });
}

/** Has the stream's leader step down until a certain server leads. */
export async function makeStreamLeader(servers: string[], wanted: string): Promise<void> {
  await withConnection(servers, async (connection) => {
    const manager = await connection.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false });
    const leader = async () => (await manager.streams.info(STREAM).catch(() => undefined))?.cluster?.leader;
    const deadline = performance.now() + LEADER_MS;
    for (let now = await leader(); now !== wanted; now = await leader()) {
      if (performance.now() > deadline) throw new Error(`${wanted} did not come to lead the stream, ${now} does`);
      // The next leader is picked by chance among the others.
      if (now !== undefined) await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${STREAM}`).catch(() => {});
      await delay(LOOK_MS);
    }
  });
}

async function withConnection<T>(servers: string[], use: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers, timeout: TIMEOUT_MS, name: "ledger" });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** The state that a log gives. `readBlob`: for the snapshot that it may begin with. */
export async function foldLedger(
  rows: LedgerRow[],
  readBlob: (sha256: string) => Promise<Uint8Array>,
): Promise<MeshState> {
  let state = emptyMeshState();
  const first = rows[0];
  if (first?.entry.kind === "snapshot") {
    state = decodeSnapshot(await readBlob(first.entry.snapshot.state?.sha256 ?? ""), first.sequence);
  }
  for (const { sequence, entry } of rows) applyEntry(state, sequence, entry);
  return state;
}
