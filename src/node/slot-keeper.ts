/**
 * Keeps the worker's slots: how many there are, by src/core/slots.ts, and how many may be filled now, by memory and by
 * whether the node takes work at all.
 */
import type { Clock } from "../core/ports.js";
import { encodesInMemory, firstSlots, type Machine, nextSlots } from "../core/slots.js";
import type { Admission } from "./admission.js";
import type { ProcessorTime } from "./machine.js";

const LOOK_MS = 1_000;
/** The processor is judged over this many looks. */
const WINDOW = 10;
/** An encode has taken its memory after this long. */
const YOUNG_MS = 5_000;

interface Components {
  /** "auto", or how many for good. */
  slots: number | "auto";
  admission: Pick<Admission, "open" | "onChange">;
  worker: { admit(slots: number, light: boolean): void; slotAges(): number[] };
  machine(): Machine;
  processor(): ProcessorTime;
  /** Largest memory of the last encodes, in bytes; 0 before the first. */
  peakBytes(): number;
  clock: Pick<Clock, "every">;
  report(event: string, details: Record<string, unknown>): void;
}

export class SlotKeeper {
  readonly #components: Components;
  #slots: number;
  #looks = 0;
  #busyLooks = 0;
  #before: ProcessorTime;
  #stop = () => {};

  constructor(components: Components) {
    this.#components = components;
    this.#slots = components.slots === "auto" ? firstSlots(components.machine().cores) : components.slots;
    this.#before = components.processor();
  }

  /** Encodes at once, when memory allows. */
  get slots(): number {
    return this.#slots;
  }

  start(): void {
    const { admission, clock } = this.#components;
    admission.onChange(() => this.#admit());
    this.#stop = clock.every(LOOK_MS, () => this.#look());
    this.#admit();
  }

  stop(): void {
    this.#stop();
  }

  #look(): void {
    if (this.#components.slots === "auto") this.#judge();
    this.#admit();
  }

  #judge(): void {
    this.#looks++;
    if (this.#components.worker.slotAges().length >= this.#slots) this.#busyLooks++;
    if (this.#looks < WINDOW) return;
    const idle = this.#idleShare();
    const slots = nextSlots(
      this.#slots,
      this.#components.machine(),
      this.#components.peakBytes(),
      this.#busyLooks === this.#looks ? idle : undefined,
    );
    if (slots !== this.#slots) this.#components.report("slots changed", { from: this.#slots, to: slots, idle });
    this.#slots = slots;
    this.#looks = 0;
    this.#busyLooks = 0;
  }

  /** Since the window before. */
  #idleShare(): number {
    const { total, idle } = this.#components.processor();
    const share = (idle - this.#before.idle) / Math.max(0.001, total - this.#before.total);
    this.#before = { total, idle };
    return Math.max(0, Math.min(1, share));
  }

  #admit(): void {
    const { admission, worker, machine, peakBytes } = this.#components;
    const ages = worker.slotAges();
    const young = ages.filter((age) => age < YOUNG_MS).length;
    const fitting = Math.min(this.#slots, encodesInMemory(machine(), peakBytes(), ages.length, young));
    worker.admit(admission.open ? fitting : 0, admission.open);
  }
}
