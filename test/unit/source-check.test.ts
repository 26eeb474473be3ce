import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ReelmeshError } from "../../src/core/errors.js";
import { sniff } from "../../src/core/source-check.js";

function head(...parts: (string | number[])[]): Uint8Array {
  const bytes = new Uint8Array(1024);
  let at = 0;
  for (const part of parts) {
    const added = typeof part === "string" ? Buffer.from(part, "latin1") : Uint8Array.from(part);
    bytes.set(added, at);
    at += added.length;
  }
  return bytes;
}

function packets(size: number, first: number): Uint8Array {
  const bytes = new Uint8Array(1024);
  for (let at = first; at < bytes.length; at += size) bytes[at] = 0x47;
  return bytes;
}

describe("sniffing a source", () => {
  const known: [string, Uint8Array][] = [
    ["mov", head([0, 0, 0, 24], "ftypisom")],
    ["mov", head([0, 0, 0, 8], "wide")],
    ["matroska", head([0x1a, 0x45, 0xdf, 0xa3])],
    ["mpegts", packets(188, 0)],
    ["mpegts", packets(192, 4)],
    ["mpeg", head([0, 0, 1, 0xba])],
    ["avi", head("RIFF", [1, 2, 3, 4], "AVI ")],
    ["wav", head("RIFF", [1, 2, 3, 4], "WAVE")],
    ["wav", head("RF64", [255, 255, 255, 255], "WAVE")],
    ["flv", head("FLV", [1])],
    ["ogg", head("OggS")],
    ["flac", head("fLaC")],
    ["mp3", head("ID3")],
    ["mp3", head([0xff, 0xfb, 0x90])],
    ["aac", head([0xff, 0xf1, 0x50])],
    ["mxf", head([0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0d, 0x01, 0x02])],
  ];
  for (const [demuxer, bytes] of known) {
    it(`knows ${demuxer} by ${Buffer.from(bytes.subarray(0, 12)).toString("hex")}`, () => {
      assert.equal(sniff(bytes), demuxer);
    });
  }

  const refused: [string, Uint8Array, RegExp][] = [
    ["nothing", new Uint8Array(), /film.mp4 is empty/],
    ["text", Buffer.from("Dear diary,\nGGG\n"), /is text/],
    ["a playlist", Buffer.from("#EXTM3U\n#EXTINF:4,\nhttp://10.0.0.1/a.ts\n"), /is a playlist/],
    ["a list of files", Buffer.from("ffconcat version 1.0\nfile /etc/passwd\n"), /is a list of other files/],
    ["an image", head([0x89], "PNG"), /is an image/],
    ["an archive", head("PK", [3, 4]), /is a ZIP archive/],
    ["noise", head([1, 2, 3, 4, 5]), /does not know: give MP4/],
  ];
  for (const [what, bytes, message] of refused) {
    it(`refuses ${what} and says so`, () => {
      assert.throws(
        () => sniff(bytes, "film.mp4"),
        (error: unknown) =>
          error instanceof ReelmeshError && error.code === "INVALID_INPUT" && message.test(error.message),
      );
    });
  }
});
