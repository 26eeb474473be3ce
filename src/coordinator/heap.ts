/**
 * A binary heap whose items can be moved and removed: first in O(1), the rest in O(log n). An item stands in it at most
 * once. Whoever changes what an item is compared by calls `set` for it at once.
 */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  /** `before`: whether the first item must come out before the second. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  first(): T | undefined {
    return this.#items[0];
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** Puts an item in, or to its new place. */
  set(item: T): void {
    let place = this.#places.get(item);
    if (place === undefined) {
      place = this.#items.length;
      this.#items.push(item);
      this.#places.set(item, place);
    }
    this.#sink(this.#rise(place));
  }

  delete(item: T): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop() as T;
    if (last !== item) {
      this.#put(last, place);
      this.#sink(this.#rise(place));
    }
    return true;
  }

  /** The first item that suits, in order; the items before it are looked at once each. */
  find(suits: (item: T) => boolean): T | undefined {
    const passed: T[] = [];
    let found = this.first();
    while (found !== undefined && !suits(found)) {
      this.delete(found);
      passed.push(found);
      found = this.first();
    }
    for (const item of passed) this.set(item);
    return found;
  }

  #rise(from: number): number {
    let place = from;
    const item = this.#items[place] as T;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#items[parent] as T;
      if (!this.#before(item, above)) break;
      this.#put(above, place);
      place = parent;
    }
    this.#put(item, place);
    return place;
  }

  #sink(from: number): void {
    let place = from;
    const item = this.#items[place] as T;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#items.length) break;
      const right = child + 1;
      if (right < this.#items.length && this.#before(this.#items[right] as T, this.#items[child] as T)) child = right;
      const below = this.#items[child] as T;
      if (!this.#before(below, item)) break;
      this.#put(below, place);
      place = child;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }
}
