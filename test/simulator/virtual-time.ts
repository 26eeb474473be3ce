/**
 * Virtual time: a queue of events in the order of their time, and of their making where that is equal. Between two
 * events every promise that can settle does, so that a run depends on nothing but its seed.
 */
import type { Clock } from "../../src/core/ports.js";
import type { Random } from "./random.js";

/** After so many steps the event loop turns once: for what the platform does then, such as telling of rejections. */
const TURN_AFTER = 200;
let steps = 0;

/** A tick that is asked for by a promise comes when every promise that can settle has: cheaper than the loop's turn. */
function afterPromises(): Promise<void> {
  steps = (steps + 1) % TURN_AFTER;
  return new Promise((resolve) => (steps === 0 ? setImmediate(resolve) : process.nextTick(resolve)));
}

/** One process: what it waits for goes with it when it dies, and waits with it while it is frozen. */
export class Process {
  alive = true;
  frozen = false;
  readonly deferred: TimedEvent[] = [];
  readonly #mourners = new Set<() => void>();

  /** What it returns takes the listener back. */
  onDeath(listener: () => void): () => void {
    this.#mourners.add(listener);
    return () => this.#mourners.delete(listener);
  }

  get watched(): number {
    return this.#mourners.size;
  }

  die(): void {
    this.alive = false;
    for (const listener of [...this.#mourners]) listener();
    this.#mourners.clear();
  }
}

interface TimedEvent {
  at: number;
  order: number;
  action: () => void;
  process: Process | undefined;
  cancelled: boolean;
}

export class VirtualTime {
  /** Milliseconds since the run began. */
  now = 0;
  #order = 0;
  readonly #heap: TimedEvent[] = [];

  /** Does something later, in the life of a process if it is given; what it returns takes that back. */
  after(ms: number, action: () => void, process?: Process): () => void {
    const event = { at: this.now + Math.max(0, ms), order: this.#order++, action, process, cancelled: false };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** What came due meanwhile happens now, in its order. */
  thaw(process: Process): void {
    process.frozen = false;
    for (const event of process.deferred.splice(0))
      this.#push(Object.assign(event, { at: this.now, order: this.#order++ }));
  }

  /** Runs events until `done` or the end, in milliseconds; `step` follows each, when no promise can settle any more. */
  async run(end: number, step: () => void, done: () => boolean): Promise<void> {
    await afterPromises();
    while (!done()) {
      const event = this.#heap[0];
      if (event === undefined || event.at > end) break;
      this.#pop();
      if (event.cancelled || event.process?.alive === false) continue;
      this.now = event.at;
      if (event.process?.frozen) {
        event.process.deferred.push(event);
        continue;
      }
      event.action();
      await afterPromises();
      step();
    }
    if (!done()) this.now = end;
  }

  #push(event: TimedEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as TimedEvent;
      if (isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as TimedEvent;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as TimedEvent, heap[child] as TimedEvent)) child++;
      const below = heap[child] as TimedEvent;
      if (isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: TimedEvent, b: TimedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

interface ClockComponents {
  time: VirtualTime;
  process: Process;
  random: Random;
  /** Milliseconds by which the machine's wall clock is wrong now. */
  wallError(): number;
  newId(): string;
}

const WALL_START = Date.UTC(2026, 0, 1);

/** The clock of one process: it begins at 0 with the process, and passes while that is frozen. */
export function processClock({ time, process, random, wallError, newId }: ClockComponents): Clock {
  const born = time.now;
  return {
    now: () => time.now - born,
    wallClock: () => Math.round(WALL_START + time.now + wallError()),
    random: () => random.next(),
    newId,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          cancel();
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const cancel = time.after(ms, wake, process);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    every(ms, action) {
      let cancel = () => {};
      let stopped = false;
      const again = () => {
        action();
        if (!stopped) cancel = time.after(ms, again, process);
      };
      cancel = time.after(ms, again, process);
      return () => {
        stopped = true;
        cancel();
      };
    },
  };
}
