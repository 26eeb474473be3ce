import Mocha from "mocha";

/**
 * mocha's spec reporter, and after everything else one line for programs: `N passed, N failed`, with `, N skipped`
 * when there are any. A failed hook, the check for leaks included, counts as a failure.
 */
export default class Reporter extends Mocha.reporters.Spec {
  /** mocha calls this once the run and all its listeners have ended. */
  override done(failures: number, exit?: (failures: number) => void): void {
    const { passes, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}`);
    exit?.(failures);
  }
}
