/**
 * The history of the mesh log: one short digest of the ids of its entries, from the newest snapshot on. Every entry says
 * which one its writer had read. So whoever has read entries that the log has lost finds out at the next entry, however far
 * the log has grown again: theirs is another history.
 */
import { shortDigest } from "./digest.js";
import { ReelmeshError } from "./errors.js";
import type { LogEntry } from "./facts.js";

/** Empty where it is not known: before a snapshot that was not read up to, and behind what is no entry. */
export type History = string;

/** Of a log without entries. */
export const NO_ENTRIES: History = shortDigest([]);

/** Whether an entry can stand behind that history. What a snapshot stands behind it says by its content. */
export function isBehind(history: History, { kind, history: said }: LogEntry): boolean {
  return kind === "snapshot" || history === "" || said === "" || said === history;
}

/** With one more entry. */
export function historyWith(history: History, { kind, id, history: said }: LogEntry): History {
  if (kind === "snapshot") return shortDigest([id]);
  const before = history === "" ? said : history;
  return before === "" ? "" : shortDigest([before, id]);
}

/** CONFLICT: the log has another entry where somebody has read one. */
export function notAsRead(sequence: number): ReelmeshError {
  return new ReelmeshError("CONFLICT", `entry ${sequence} of the mesh log is not the one that this node has read`);
}
