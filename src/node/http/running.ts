/** Counts what is under way, for whoever waits until nothing is. */
export class Running {
  #count = 0;
  #waiting: (() => void)[] = [];

  begin(count = 1): void {
    this.#count += count;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
