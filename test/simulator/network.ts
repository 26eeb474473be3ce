/**
 * The virtual network between places (machines, and servers that are no node's). Each direction of a pair can be cut;
 * what is sent is delayed, and so reordered, and may be lost.
 */
import type { Random } from "./random.js";
import type { Process, VirtualTime } from "./virtual-time.js";

/** How bad the network is at the moment. */
export interface Weather {
  /** Milliseconds of delay, in one direction; one message in twenty takes ten times as long. */
  delay: number;
  /** Shares of the messages. */
  loss: number;
  repeats: number;
}

export const CALM: Weather = { delay: 2, loss: 0, repeats: 0 };

export class Network {
  weather: Weather = CALM;
  readonly #cuts = new Map<string, number>();
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #changed: (() => void)[] = [];

  constructor(time: VirtualTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  onChange(listener: () => void): void {
    this.#changed.push(listener);
  }

  changed(): void {
    for (const listener of this.#changed) listener();
  }

  /** Cuts one direction; cuts add up, and each is taken back by itself. */
  cut(from: string, to: string): () => void {
    const key = `${from}>${to}`;
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
    let healed = false;
    return () => {
      if (healed) return;
      healed = true;
      const left = (this.#cuts.get(key) ?? 1) - 1;
      if (left > 0) this.#cuts.set(key, left);
      else this.#cuts.delete(key);
    };
  }

  passes(from: string, to: string): boolean {
    return from === to || !this.#cuts.has(`${from}>${to}`);
  }

  passesBoth(one: string, other: string): boolean {
    return this.passes(one, other) && this.passes(other, one);
  }

  delay(): number {
    const { delay } = this.weather;
    const usual = this.#random.between(delay / 4, delay);
    return this.#random.chance(0.05) ? usual * 10 : usual;
  }

  loses(): boolean {
    return this.weather.loss > 0 && this.#random.chance(this.weather.loss);
  }

  repeats(): boolean {
    return this.weather.repeats > 0 && this.#random.chance(this.weather.repeats);
  }

  /** One message: `arrive` when it got there, `lost` at the time at which it did not. */
  send(from: string, to: string, process: Process | undefined, arrive: () => void, lost = () => {}): void {
    const local = from === to;
    const arriveOrLose = () => (this.passes(from, to) ? arrive() : lost());
    if (!local && (!this.passes(from, to) || this.loses())) lost();
    else this.#time.after(local ? 0 : this.delay(), arriveOrLose, process);
  }
}
