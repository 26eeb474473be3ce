import assert from "node:assert/strict";
import { onAbort } from "../../src/core/on-abort.js";

describe("onAbort", () => {
  it("tells each of those that wait, once, and nobody who took it back", () => {
    const controller = new AbortController();
    const told: string[] = [];
    const wait = (name: string) => onAbort(controller.signal, () => told.push(name));
    wait("first");
    const forget = wait("second");
    forget();
    // A second time takes back nothing of whoever has its place by now.
    wait("third");
    forget();
    wait("fourth");
    controller.abort();
    controller.abort();
    assert.deepEqual(told.sort(), ["first", "fourth", "third"]);
    forget();
  });

  it("tells at once when the signal has fired, and never without a signal", () => {
    const controller = new AbortController();
    controller.abort();
    let told = 0;
    onAbort(controller.signal, () => told++)();
    assert.equal(told, 1);
    onAbort(undefined, () => told++)();
    assert.equal(told, 1);
  });

  it("gives the same function a place for each time that it waits", () => {
    const controller = new AbortController();
    let told = 0;
    const count = () => told++;
    const forget = onAbort(controller.signal, count);
    onAbort(controller.signal, count);
    forget();
    controller.abort();
    assert.equal(told, 1);
  });
});
