import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, describe, it } from "mocha";
import { complaints, decodedFrames } from "../support/assets.js";
import { type AloneAsset, makeAsset } from "../support/make-asset.js";
import { type AssetServer, serveAsset } from "../support/serve-asset.js";
import { clicks, frameDigests, makeSource, picture, soundOnsets } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";
import { type Asked, ask } from "./http.support.js";

const run = promisify(execFile);
const SECONDS = 12;

async function probe(file: string): Promise<Record<string, Record<string, string>>> {
  const entries = "stream=codec_type,codec_name,nb_frames,duration,start_time,width,height:format=duration,format_name";
  const { stdout } = await run("ffprobe", ["-v", "error", "-show_entries", entries, "-of", "json", file]);
  const { streams, format } = JSON.parse(stdout);
  const tracks = streams.map((stream: Record<string, string>) => [stream["codec_type"], stream]);
  return { ...Object.fromEntries(tracks), format };
}

/** Types of the boxes of a file, and whether any says that it is fragmented. */
function boxes(bytes: Buffer): string[] {
  const types: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    types.push(bytes.toString("latin1", at + 4, at + 8));
    const size = bytes.readUInt32BE(at);
    at += size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size;
  }
  return types;
}

describe("a download", function () {
  this.timeout(60_000);
  let asset: AloneAsset;
  let server: AssetServer;

  before(async () => {
    const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];
    const source = [...picture(SECONDS), ...clicks(SECONDS), ...x264, "-c:a", "flac"];
    const options = { preset: "fast", audioCodecs: ["opus"], ladder: [96, 64] };
    asset = await makeAsset(await makeSource("film.mkv", ...source), options);
    server = await serveAsset(asset);
  });

  after(async () => {
    await server?.close();
    await asset?.store.close();
  });

  const get = (query: string, asked: Asked = {}) => ask(server.address, `/assets/film/download.mp4${query}`, asked);

  async function saved(query: string): Promise<{ file: string; bytes: Buffer }> {
    const { status, headers, body } = await get(query);
    assert.equal(status, 200, body.toString().slice(0, 200));
    assert.equal(headers["content-type"], "video/mp4");
    assert.equal(Number(headers["content-length"]), body.length);
    const file = join(await temporaryFolder(), "film.mp4");
    await writeFile(file, body);
    return { file, bytes: body };
  }

  it("is a plain MP4 with its index in front, every frame and the sound in step", async () => {
    for (const [query, codec] of [
      ["?rendition=96p", "aac"],
      ["?rendition=64p&audio=audio-1-opus", "opus"],
    ] as const) {
      const { file, bytes } = await saved(query);
      assert.deepEqual(boxes(bytes), ["ftyp", "moov", "mdat"]);
      const { video, audio, format } = await probe(file);
      assert.equal(video?.["nb_frames"], String(SECONDS * 25));
      assert.equal(video?.["height"], Number(/(\d+)p/.exec(query)?.[1]));
      assert.equal(audio?.["codec_name"], codec);
      for (const track of [video, audio, format]) {
        assert.ok(Math.abs(Number(track?.["duration"]) - SECONDS) < 0.002, JSON.stringify(track));
      }
      assert.equal(Number(video?.["start_time"]), 0);
      assert.equal(await decodedFrames(file), SECONDS * 25);
      assert.equal(await complaints(file), "");
      for (const [place, onset] of (await soundOnsets(file)).entries()) {
        assert.ok(Math.abs(onset - (place * 5 + 1)) < 0.005, `${codec}: a click at ${onset} s`);
      }
    }
  });

  it("has the frames of the stream, whichever way they are read", async () => {
    const { file } = await saved("?rendition=96p&audio=none");
    const folder = await temporaryFolder();
    const joined = join(folder, "joined.mp4");
    const paths = Object.keys(asset.manifest.files).filter((path) => /^video\/96p\/\d+\.m4s$/.test(path));
    const parts = await Promise.all(["video/96p/init.mp4", ...paths.sort()].map((path) => asset.read(path)));
    await writeFile(joined, Buffer.concat(parts));
    assert.deepEqual(await frameDigests("-i", file), await frameDigests("-i", joined));
    const seek = ["-ss", "7.5"];
    assert.deepEqual(
      await frameDigests(...seek, "-i", file, "-frames:v", "3"),
      await frameDigests(...seek, "-i", joined, "-frames:v", "3"),
    );
  });

  it("can be fetched in pieces that are those of the whole, or asked for without its bytes", async () => {
    const { bytes } = await saved("");
    const head = await get("", { method: "HEAD" });
    assert.deepEqual([head.status, Number(head.headers["content-length"]), head.body.length], [200, bytes.length, 0]);
    assert.equal(head.headers["accept-ranges"], "bytes");
    const etag = head.headers["etag"] as string;
    const pieces: Buffer[] = [];
    for (let from = 0; from < bytes.length; from += 50_001) {
      const range = `bytes=${from}-${from + 50_000}`;
      const { status, headers, body } = await get("", { headers: { range, "if-range": etag } });
      assert.equal(status, 206);
      const last = Math.min(from + 50_000, bytes.length - 1);
      assert.equal(headers["content-range"], `bytes ${from}-${last}/${bytes.length}`);
      pieces.push(body);
    }
    assert.ok(Buffer.concat(pieces).equals(bytes));
    assert.ok((await get("", { headers: { range: "bytes=-100" } })).body.equals(bytes.subarray(-100)));
    assert.equal((await get("", { headers: { range: "bytes=5-", "if-range": '"other"' } })).status, 200);
    const beyond = await get("", { headers: { range: `bytes=${bytes.length}-` } });
    assert.deepEqual([beyond.status, beyond.headers["content-range"]], [416, `bytes */${bytes.length}`]);
    assert.equal((await get("", { headers: { "if-none-match": `"other", ${etag}` } })).status, 304);
  });

  it("says what there is where something else is asked for", async () => {
    const unknown = await get("?rendition=8k");
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.toString(), 'the asset "film" has no rendition "8k": there is 96p, 64p\n');
    assert.match(
      (await get("?audio=audio-9")).body.toString(),
      /no audio track "audio-9": there is audio-1, audio-1-opus/,
    );
    const other = await ask(server.address, "/assets/none/download.mp4");
    assert.equal(other.status, 404);
  });
});
