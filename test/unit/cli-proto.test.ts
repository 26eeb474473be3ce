import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ReelmeshError } from "../../src/core/errors.js";
import type { LogEntry } from "../../src/core/facts.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { logEntryCodec, nodeSummaryCodec } from "../../src/node/proto.js";

const sha256 = "ab".repeat(32);

const entry: LogEntry = {
  id: "entry-1",
  term: 3,
  atMs: 1_760_000_000_000,
  history: "",
  kind: "jobSubmitted",
  jobSubmitted: {
    job: "j0123456789ab",
    fileName: "film.mp4",
    name: "film",
    asset: "film-j0123",
    source: { sha256, bytes: 6_000_000_000 },
    holder: "node-1",
    options: { ...DEFAULT_OPTIONS, ladder: [720, 480], segmentSeconds: 4, preset: "fast", crf: 23 },
    priority: -2,
    submittedMs: 0,
  },
};

describe("codecs of the mesh log and the heartbeat", () => {
  it("give back a log entry as it was, numbers beyond 32 bits included", () => {
    assert.deepEqual(logEntryCodec.decode(logEntryCodec.encode(entry)), entry);
  });

  it("fill in what the writer left at its default", () => {
    const decoded = nodeSummaryCodec.decode(nodeSummaryCodec.encode({ id: "a", name: "alpha" } as never));
    assert.equal(decoded.name, "alpha");
    assert.equal(decoded.busy, 0);
    assert.equal(decoded.coordinates, false);
  });

  it("read bytes that lie anywhere in a larger buffer", () => {
    const bytes = logEntryCodec.encode(entry);
    const larger = new Uint8Array(bytes.byteLength + 20).fill(0xff);
    larger.set(bytes, 7);
    assert.deepEqual(logEntryCodec.decode(larger.subarray(7, 7 + bytes.byteLength)), entry);
  });

  it("refuse bytes that are no such message, and kinds from the future, as CORRUPT", () => {
    const corrupt = (error: unknown) => error instanceof ReelmeshError && error.code === "CORRUPT";
    assert.throws(() => logEntryCodec.decode(new Uint8Array([0x0a, 0xff])), corrupt);
    const plain = logEntryCodec.encode({ id: "x", term: 1, atMs: 1 } as never);
    assert.throws(() => logEntryCodec.decode(plain), corrupt);
  });
});
