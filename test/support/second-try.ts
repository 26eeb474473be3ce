/**
 * A root hook (mocha --require): a test with real processes and sockets (test/integration) that fails is tried once
 * more, since a machine that stops for seconds is enough to fail one. The reporter names each that needed it, with its
 * first error: it counts as passed, and is to be looked into. What decides purely, the simulator, the contracts and the
 * faults (test/chaos) get no second try.
 */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    if (this.currentTest?.file?.includes("/test/integration/")) this.currentTest.retries(1);
  },
};
