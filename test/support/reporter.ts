import Mocha from "mocha";

/**
 * mocha's spec reporter, and after everything else the tests that were tried a second time (second-try.ts) with their
 * first error, and one line for programs: `N passed, N failed`, with `, N skipped` when there are any. A failed
 * hook, the check for leaks included, counts as a failure.
 */
export default class Reporter extends Mocha.reporters.Spec {
  readonly #triedAgain: { title: string; error: string }[] = [];

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on("retry", (test: Mocha.Test, error: Error) => {
      this.#triedAgain.push({ title: test.fullTitle(), error: error.stack ?? error.message });
    });
  }

  /** mocha calls this once the run and all its listeners have ended. */
  override done(failures: number, exit?: (failures: number) => void): void {
    const { passes, pending } = this.stats;
    for (const { title, error } of this.#triedAgain) console.log(`tried a second time: ${title}\n${error}\n`);
    console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}`);
    exit?.(failures);
  }
}
