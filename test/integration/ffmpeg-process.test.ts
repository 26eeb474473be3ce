import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { ReelmeshError } from "../../src/core/errors.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { run } from "../../src/node/ffmpeg/process.js";
import { clicks, makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const { signal } = new AbortController();
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];
const endless = ["-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"];

function isError(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ReelmeshError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

/** A stand-in for ffmpeg that ignores SIGTERM, writes its process id to a file beside it and never ends. */
async function stubborn(): Promise<{ program: string; pidFile: string; folder: string }> {
  const folder = await temporaryFolder();
  const [program, pidFile] = [join(folder, "ffmpeg"), join(folder, "pid")];
  // The file is there when all of it is.
  const script = `#!/bin/bash
trap "" TERM
echo $$ >${pidFile}.new
mv ${pidFile}.new ${pidFile}
exec sleep infinity
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return { program, pidFile, folder };
}

async function withFfmpeg<Result>(program: string, use: () => Promise<Result>): Promise<Result> {
  const before = process.env["REELMESH_FFMPEG"];
  process.env["REELMESH_FFMPEG"] = program;
  // these scripts write to places of their own
  process.env["REELMESH_SANDBOX"] = "off";
  try {
    return await use();
  } finally {
    delete process.env["REELMESH_SANDBOX"];
    if (before === undefined) delete process.env["REELMESH_FFMPEG"];
    else process.env["REELMESH_FFMPEG"] = before;
  }
}

/** True also for a process that has ended and that nobody has asked about yet; proc(5): pid (command) state ... */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

describe("running ffmpeg", function () {
  this.timeout(180_000);
  const options = { signal, purpose: "testing", blame: "MEDIA" as const, onLine: () => true };

  it("settles an aborted run only when the process is gone", async () => {
    const abort = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      abort.abort();
      return true;
    };
    const running = run("ffmpeg", ["-progress", "pipe:1", ...endless], { ...options, signal: abort.signal, onLine });
    await assert.rejects(running, isError("ABORTED", /testing was stopped on request/));
    assert.ok(lines.length > 0);
    await assert.rejects(run("ffmpeg", endless, { ...options, signal: abort.signal }), isError("ABORTED", /stopped/));
  });

  it("ends a process that shows no progress, by force where it must", async () => {
    const { program, pidFile } = await stubborn();
    await withFfmpeg(program, async () => {
      // On a busy machine it may be ended before it has begun.
      for (const stallSeconds of [1, 5, 30]) {
        if (existsSync(pidFile)) break;
        const hung = run("ffmpeg", [], { ...options, stallSeconds });
        await assert.rejects(hung, isError("MEDIA", /testing hung: ffmpeg made no progress/));
      }
    });
    assert.ok(isGone(Number(await readFile(pidFile, "utf8"))));
  });

  it("leaves no process behind when the node ends", async () => {
    const { program, pidFile, folder } = await stubborn();
    const module = new URL("../../src/node/ffmpeg/process.js", import.meta.url).href;
    const code = `import { run } from ${JSON.stringify(module)};
import { existsSync, watch } from "node:fs";
const end = () => existsSync(${JSON.stringify(pidFile)}) && process.exit(0);
watch(${JSON.stringify(folder)}, end);
run("ffmpeg", [], { signal: new AbortController().signal, purpose: "", blame: "MEDIA", onLine: () => true });
end();`;
    const env = { ...process.env, REELMESH_FFMPEG: program, REELMESH_SANDBOX: "off" };
    await once(execFile(process.execPath, ["--input-type=module", "-e", code], { env }), "exit");
    const pid = Number(await readFile(pidFile, "utf8"));
    while (!isGone(pid)) await new Promise((resolve) => setImmediate(resolve));
  });

  it("says what to do when ffmpeg is not there", async () => {
    await withFfmpeg("/nowhere/ffmpeg", async () => {
      const failed = createMediaTools().encoders(signal);
      await assert.rejects(failed, isError("ENVIRONMENT", /\/nowhere\/ffmpeg cannot be started: install ffmpeg/));
    });
  });

  it("knows the encoders that plans ask for", async () => {
    const media = createMediaTools();
    const encoders = await media.encoders(signal);
    assert.deepEqual(
      encoders.slice(0, 3).map(({ name }) => name),
      ["libx264", "aac", "mjpeg"],
    );
    for (const name of ["libopus", "ac3", "eac3"])
      assert.ok(
        encoders.some((one) => one.name === name),
        name,
      );
    assert.match(encoders[0]?.version ?? "", /^\S+$/);
    assert.match(await media.fingerprint(signal), /^[0-9a-f]{64}$/);
  });
});

describe("refusing a source", function () {
  this.timeout(180_000);
  const media = createMediaTools();

  async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
    const file = join(await temporaryFolder(), name);
    await writeFile(file, content);
    return file;
  }

  it("names what is empty, text or a playlist", async () => {
    const empty = await fileOf("a.mp4", "");
    await assert.rejects(media.probe(empty, "a.mp4", signal), isError("INVALID_INPUT", /^a.mp4 is empty/));
    const text = await fileOf("b.mp4", "not a film\n");
    await assert.rejects(media.probe(text, "b.mp4", signal), isError("INVALID_INPUT", /^b.mp4 is text/));
    const list = await fileOf("c.mp4", "#EXTM3U\nhttp://127.0.0.1:1/secret\n");
    await assert.rejects(media.probe(list, "c.mp4", signal), isError("INVALID_INPUT", /^c.mp4 is a playlist/));
  });

  it("explains a film whose index is missing", async () => {
    const film = await makeSource("film.mp4", ...picture(2), ...x264);
    await truncate(film, 20_000);
    const expected = /reading film.mp4 failed: its index \(moov\) is missing, so it is cut off or was never finished/;
    await assert.rejects(media.probe(film, "film.mp4", signal), isError("INVALID_INPUT", expected));
  });

  it("explains a film that is cut off behind its index", async () => {
    const film = await makeSource("film.mp4", ...picture(10), ...x264, "-movflags", "+faststart");
    await truncate(film, 100_000);
    const expected = /film.mp4 cannot be used: it is cut off before its end/;
    const prepared = media.prepare(film, "film.mp4", await temporaryFolder(), signal);
    await assert.rejects(prepared, isError("INVALID_INPUT", expected));
  });

  it("does not take a cover for a video", async () => {
    const cover = await makeSource("cover.png", ...picture(1), "-frames:v", "1");
    const tagged = ["-i", cover, ...clicks(2), "-map", "1:a", "-map", "0:v", "-disposition:v", "attached_pic"];
    const song = await makeSource("song.m4a", ...tagged, "-c:v", "copy", "-c:a", "aac", "-f", "mp4");
    const summary = await media.probe(song, "song.m4a", signal);
    assert.equal(summary.video, null);
    assert.equal(summary.audio.length, 1);
  });
});
