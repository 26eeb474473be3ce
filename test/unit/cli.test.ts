import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseAddress } from "../../src/cli/address.js";
import { formatBytes, formatFields, formatSeconds, formatTable } from "../../src/cli/format.js";
import { createPatience } from "../../src/cli/patience.js";
import { nodeConfig, type UpOptions } from "../../src/cli/up.js";
import { ReelmeshError } from "../../src/core/errors.js";

describe("addresses on the command line", () => {
  const good: [string, string][] = [
    ["127.0.0.1", "127.0.0.1:7400"],
    ["host.example:1", "host.example:1"],
    ["[::1]:7000", "[::1]:7000"],
    ["[fe80::1]", "[fe80::1]:7400"],
    ["2001:db8::7", "[2001:db8::7]:7400"],
  ];
  for (const [text, address] of good) {
    it(`${text} is ${address}`, () => assert.equal(parseAddress(text), address));
  }
  for (const text of ["", ":7400", "host:", "host:0", "host:65536", "host:x", "a b", "http://host", "[::1", "x::y"]) {
    it(`"${text}" is none`, () => assert.throws(() => parseAddress(text), { code: "INVALID_INPUT" }));
  }
});

describe("numbers and rows on the command line", () => {
  it("bytes", () => {
    const sizes = [0, 812, 1024, 1536, 31_500_000, 2 ** 41];
    assert.deepEqual(sizes.map(formatBytes), ["0 B", "812 B", "1.0 KiB", "1.5 KiB", "30.0 MiB", "2.0 TiB"]);
  });

  it("seconds", () => {
    const times = [0, 9.4, 59.6, 185, 7620, 273_600];
    assert.deepEqual(times.map(formatSeconds), ["0s", "9s", "1m00s", "3m05s", "2h07m", "3d04h"]);
  });

  it("tables: text to the left, numbers to the right", () => {
    const rows = [
      ["alpha", 5],
      ["b", 1200],
    ];
    assert.deepEqual(formatTable(["NODE", "BLOBS"], rows), ["NODE   BLOBS", "alpha      5", "b       1200"]);
    assert.deepEqual(formatTable(["NODE", "BLOBS"], []), ["NODE  BLOBS"]);
  });

  it("fields: those without a value are left out", () => {
    const lines = formatFields([
      ["job", "j1"],
      ["reason", ""],
      ["state", "done"],
    ]);
    assert.deepEqual(lines, ["job    j1", "state  done"]);
  });
});

describe("the options of up", () => {
  const options: UpOptions = {
    ...{ data: "/data", name: "alpha", grpcPort: 7400, httpPort: 7480, natsPort: 7422 },
    ...{ routePort: 7424, corePatience: 300, replicas: 3, copyPatience: 300 },
    ...{ quota: Number.POSITIVE_INFINITY, scrubRate: 10, scrubEvery: 168 },
    ...{ slots: "auto", grace: 10, log: "json" },
  };

  it("put the peers' port beside the viewers', and leave it free where that one is", () => {
    assert.equal(nodeConfig(options).peerPort, 7580);
    assert.equal(nodeConfig({ ...options, httpPort: 0 }).peerPort, 0);
    assert.equal(nodeConfig({ ...options, peerPort: 9 }).peerPort, 9);
    assert.throws(() => nodeConfig({ ...options, httpPort: 65500 }), { code: "INVALID_INPUT" });
  });
});

describe("patience with failures that pass", () => {
  const { signal } = new AbortController();
  const gone = new ReelmeshError("UNAVAILABLE", "gone");

  it("has none with other failures, nor after Ctrl-C", async () => {
    const wrong = new ReelmeshError("INVALID_INPUT", "wrong");
    await assert.rejects(createPatience().afterFailure(wrong, signal), wrong);
    await assert.rejects(createPatience().afterFailure(gone, AbortSignal.abort()), gone);
  });

  it("ends after its time, counted from the first failure since the last success", async () => {
    const patience = createPatience(100);
    await patience.afterFailure(gone, signal);
    patience.succeeded();
    await patience.afterFailure(gone, signal);
    await assert.rejects(patience.afterFailure(gone, signal), gone);
  });
});
