import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, it } from "mocha";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { run } from "../../src/node/ffmpeg/process.js";
import { makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const media = createMediaTools();
const { signal } = new AbortController();
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];

/** A server on this machine that must hear nothing. */
interface Trap {
  url: string;
  port: number;
  heard(): number;
  close(): Promise<void>;
}

async function openTrap(): Promise<Trap> {
  let heard = 0;
  const server: Server = createServer((socket) => {
    heard++;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const close = async () => {
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}/secret.ts`, port, heard: () => heard, close };
}

async function saved(name: string, content: Uint8Array | string): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, content);
  return file;
}

/** A PNG of one colour whose few bytes unpack to a picture of 100,000 x 100,000. */
function pngBomb(): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(100_000, 0);
  header.writeUInt32BE(100_000, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc(1 << 20));
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", header), chunk("IDAT", pixels)]);
}

async function hugePicture(): Promise<string> {
  const file = await makeSource("huge.avi", ...picture(1), "-frames:v", "1", "-pix_fmt", "yuv422p", "-c:v", "huffyuv");
  const bytes = await readFile(file);
  const format = bytes.indexOf("strf") + 8;
  bytes.writeUInt32LE(100_000, format + 4);
  bytes.writeUInt32LE(100_000, format + 8);
  return saved("huge.avi", bytes);
}

async function tenYears(): Promise<string> {
  const bytes = await readFile(await makeSource("long.mkv", ...picture(1), ...x264));
  // Segment\Info\Duration (RFC 9559, 5.1.2.10), a double of milliseconds
  bytes.writeDoubleBE(10 * 365 * 24 * 3600 * 1000, bytes.indexOf(Buffer.from("448988", "hex")) + 3);
  return saved("long.mkv", bytes);
}

const refusals: Record<string, [make: (trap: Trap) => Promise<string>, expected: RegExp]> = {
  "a playlist": [({ url }) => saved("a.mp4", `#EXTM3U\n#EXTINF:2,\n${url}\n`), /is a playlist, not a video/],
  "a list of files": [({ url }) => saved("a.mp4", `ffconcat version 1.0\nfile '${url}'\n`), /is a list of other files/],
  "a playlist behind the first bytes of an MP4": [
    ({ url }) => saved("a.mp4", `\0\0\0\x08ftyp#EXTM3U\n#EXTINF:2,\n${url}\n`),
    /its bytes are damaged, or are not what its first ones promise|its index \(moov\) is missing/,
  ],
  "an image that unpacks to ten billion pixels": [() => saved("a.mp4", pngBomb()), /is an image, not a video/],
  "a picture of 100,000 x 100,000": [hugePicture, /picture of 100000x100000 pixels|reading film failed/],
  "no bytes": [() => saved("a.mp4", ""), /is empty/],
  text: [() => saved("a.mp4", "the quick brown fox\n"), /is text, not a video/],
  "a film without its index": [
    async () => {
      const bytes = await readFile(await makeSource("film.mp4", ...picture(2), ...x264));
      return saved("film.mp4", bytes.subarray(0, bytes.length / 2));
    },
    /its index \(moov\) is missing/,
  ],
  "300 streams": [
    () => {
      const maps = Array.from({ length: 300 }, () => ["-map", "0:a"]).flat();
      const silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=0.1"];
      return makeSource("many.mkv", ...silence, ...maps, "-c:a", "pcm_s16le");
    },
    /has 300 streams; 64 are accepted/,
  ],
  "a track without a sample": [
    () => makeSource("none.wav", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "0"),
    /has sound that lasts 0 seconds/,
  ],
  "a duration of ten years": [tenYears, /says that it lasts 87600 hours; 240 are accepted/],
};

describe("hostile sources", function () {
  this.timeout(60_000);

  for (const [kind, [make, expected]] of Object.entries(refusals)) {
    it(`refuses ${kind}, asks nobody for anything, and leaves nothing behind`, async () => {
      const trap = await openTrap();
      const folder = await temporaryFolder();
      try {
        const file = await make(trap);
        const prepared = media.prepare(file, "film", folder, signal);
        await assert.rejects(prepared, { code: "INVALID_INPUT", message: expected });
        assert.equal(trap.heard(), 0);
        assert.deepEqual(await readdir(folder), []);
      } finally {
        await trap.close();
      }
    });
  }

  for (const name of ["-i", "a\nb.mp4", `quo"te's.mp4`, "file:x|y.mp4", "%d.mp4"]) {
    it(`reads a file of the name ${JSON.stringify(name)} as a film`, async () => {
      const folder = await temporaryFolder();
      const file = join(folder, name);
      await rename(await makeSource("film.mp4", ...picture(1), ...x264), file);
      const { index } = await media.prepare(file, name, folder, signal);
      assert.equal(index?.pts.length, 25);
    });
  }
});

describe("a confined ffmpeg", function () {
  this.timeout(60_000);

  it("reaches no network, and writes to nothing but its folder", async function () {
    if ((await media.confinement()).kind !== "bubblewrap") this.skip();
    const trap = await openTrap();
    const [inside, outside] = [await temporaryFolder(), await temporaryFolder()];
    const script = join(outside, "ffmpeg");
    const lines = [
      "#!/bin/bash",
      `target=\${@: -1}; target=\${target#file:}`,
      `echo made > "$target"`,
      `echo made > ${outside}/elsewhere || echo "no writing" >> "$target"`,
      `(exec 3<>/dev/tcp/127.0.0.1/${trap.port}) || echo "no network" >> "$target"`,
      `[ -d /proc/${process.pid} ] || echo "no processes" >> "$target"`,
    ];
    await writeFile(script, lines.join("\n"));
    await chmod(script, 0o755);
    const before = process.env["REELMESH_FFMPEG"];
    process.env["REELMESH_FFMPEG"] = script;
    try {
      const target = join(inside, "out");
      const options = { signal, purpose: "testing", blame: "MEDIA" as const, onLine: () => true };
      await run("ffmpeg", [`file:${target}`], options);
      assert.equal(await readFile(target, "utf8"), "made\nno writing\nno network\nno processes\n");
      assert.equal(trap.heard(), 0);
      assert.deepEqual(await readdir(outside), ["ffmpeg"]);
    } finally {
      if (before === undefined) delete process.env["REELMESH_FFMPEG"];
      else process.env["REELMESH_FFMPEG"] = before;
      await trap.close();
    }
  });
});
