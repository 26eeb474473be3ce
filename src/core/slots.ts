/**
 * How many encodes a node runs at once. An encode of a whole ladder keeps about two cores busy, but not always: the
 * decoder of a heavy source, a small ladder or a slow disk leave some idle. So a node begins with one slot for two cores
 * and takes another whenever a third of the processor was idle although all slots were at work; memory has the last word.
 */

/** Measured: a ladder of 1080p, 720p and 480p by x264's preset "fast" on two cores took 661 MiB at its peak. */
const FIRST_TASK_BYTES = 704 * 1024 * 1024;
/** A slot that would find this share of the processor idle pays. */
const IDLE_SHARE = 1 / 3;
/** Below this share of one encode's need, the machine is about to swap or to kill. */
const PRESSURE_SHARE = 1 / 4;

export interface Machine {
  /** Cores that the node may use. */
  cores: number;
  /** Memory that can be had without swapping, in bytes. */
  availableBytes: number;
}

export function firstSlots(cores: number): number {
  return Math.max(1, Math.floor(cores / 2));
}

/**
 * One more, one fewer or as many. `idle`: share of the processor that was idle while all slots were at work, from 0 to 1;
 * undefined when they were not all at work. `peakBytes`: peak memory of an encode, 0 when none was measured.
 */
export function nextSlots(slots: number, machine: Machine, peakBytes: number, idle: number | undefined): number {
  const { cores, availableBytes } = machine;
  const need = peakBytes || FIRST_TASK_BYTES;
  if (availableBytes < need * PRESSURE_SHARE) return Math.max(1, slots - 1);
  const pays = idle !== undefined && idle >= IDLE_SHARE;
  return pays && slots < cores && availableBytes >= need ? slots + 1 : slots;
}

/**
 * Encodes that fit into memory together with those that run. `young`: of these, the ones that began so lately that they
 * have not taken their memory yet. A need that is only guessed keeps no node from its first encode.
 */
export function encodesInMemory(
  { availableBytes }: Machine,
  peakBytes: number,
  running: number,
  young: number,
): number {
  const more = Math.floor(availableBytes / (peakBytes || FIRST_TASK_BYTES)) - young;
  return Math.max(running + Math.max(0, more), peakBytes === 0 ? 1 : 0);
}
