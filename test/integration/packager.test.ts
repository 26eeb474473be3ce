/** What the manifests say against what Shaka Packager and ffprobe make of the same files, and as others' parsers read it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ParsedGroup, type ParsedPlaylist, parseMpd, parsePlaylist } from "../support/manifest-parsers.js";
import { writeAsset } from "../support/packaged.js";
import { audioTrack, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";
import { temporaryFolder } from "../support/temporary.js";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

const SECONDS = 10;
const HEIGHTS = [180, 90];

describe("the manifests of an asset", function () {
  this.timeout(60_000);
  let asset = "";
  /** The same files as Shaka Packager packages them. */
  let oracle = "";

  before(async () => {
    const languages = ["en", "de"].map((language, index) => audioTrack(index + 1, { language, stream: index + 1 }));
    const plan = planOf(
      videoPlan(
        SECONDS * 25,
        HEIGHTS.map((height) => videoRendition(height)),
      ),
      languages,
    );
    const picture = (size: string) => `testsrc2=size=${size}:rate=25:duration=${SECONDS},noise=alls=12:allf=t`;
    asset = await writeAsset({ ...plan, subtitles: [subtitleTrack(1)] }, { picture });
    oracle = await packageAgain(asset);
  });

  function both<T>(read: (folder: string) => Promise<T>): Promise<[T, T]> {
    return Promise.all([read(asset), read(oracle)]);
  }

  it("say of each variant and its pictures what Shaka Packager says", async () => {
    const [ours, theirs] = await both((folder) => parsePlaylist(join(folder, "master.m3u8")));
    for (const kind of ["playlists", "iFramePlaylists"] as const) {
      const expected = byHeight(theirs[kind]);
      assert.deepEqual(
        ours[kind].map(({ attributes }) => attributes.RESOLUTION.height),
        HEIGHTS,
      );
      for (const { attributes: said } of ours[kind]) {
        const { attributes: other } = expected.get(said.RESOLUTION.height) as ParsedPlaylist;
        assert.deepEqual(said.RESOLUTION, other.RESOLUTION);
        assert.equal(said.CODECS, other.CODECS);
        assert.equal(said["FRAME-RATE"], other["FRAME-RATE"]);
        near(said.BANDWIDTH, other.BANDWIDTH);
        near(Number(said["AVERAGE-BANDWIDTH"]), Number(other["AVERAGE-BANDWIDTH"]));
      }
    }
  });

  it("say of each representation and its segments what Shaka Packager says", async () => {
    const [ours, theirs] = await both((folder) => parseMpd(join(folder, "manifest.mpd")));
    assert.equal(ours.duration, theirs.duration);
    const expected = byHeight(theirs.playlists);
    assert.equal(ours.playlists.length, HEIGHTS.length);
    for (const { attributes: said, segments } of ours.playlists) {
      const { attributes: other, segments: otherSegments } = expected.get(said.RESOLUTION.height) as ParsedPlaylist;
      assert.equal(said.CODECS, other.CODECS);
      near(said.BANDWIDTH, other.BANDWIDTH);
      assert.deepEqual(timesOf(segments), timesOf(otherSegments));
    }
    const tracks = (of: typeof ours) =>
      Object.values(of.mediaGroups["AUDIO"]?.["audio"] ?? {}).flatMap(({ playlists }) => playlists ?? []);
    const [own, others] = [tracks(ours), tracks(theirs)];
    assert.equal(own.length, 2);
    for (const track of own) {
      assert.equal(track.attributes.CODECS, others[0]?.attributes.CODECS);
      near(track.attributes.BANDWIDTH, others[0]?.attributes.BANDWIDTH as number);
      // Ours end at the frame nearest to the video's boundary, theirs after it.
      assert.deepEqual(lengthOf(track.segments), lengthOf(others[0]?.segments ?? []));
    }
  });

  it("name the sound and the subtitles so that others' parsers find them", async () => {
    const hls = await parsePlaylist(join(asset, "master.m3u8"));
    const languages = (groups: Record<string, ParsedGroup> = {}) =>
      Object.values(groups).map(({ language, uri }) => `${language} ${uri}`);
    assert.deepEqual(languages(hls.mediaGroups["AUDIO"]?.["aac-2"]), [
      "en audio/audio-1/media.m3u8",
      "de audio/audio-2/media.m3u8",
    ]);
    assert.deepEqual(languages(hls.mediaGroups["SUBTITLES"]?.["subtitles"]), ["en subtitles/subtitles-1/media.m3u8"]);
    const dash = await parseMpd(join(asset, "manifest.mpd"));
    const text = Object.values(dash.mediaGroups["SUBTITLES"]?.["subs"] ?? {});
    assert.deepEqual(
      text.map(({ language }) => language),
      ["en"],
    );
  });

  it("say what the files are: codec, size and rate as ffprobe finds them", async () => {
    const { playlists } = await parsePlaylist(join(asset, "master.m3u8"));
    for (const { attributes: said } of playlists) {
      const { profile, level, width, height, frames } = await probe(join(oracle, `${said.RESOLUTION.height}p.mp4`));
      assert.deepEqual(said.RESOLUTION, { width, height });
      // High and no constraint: 0x6400, then the level times ten (ISO/IEC 14496-10, A.3)
      assert.equal(profile, "High");
      assert.equal(said.CODECS, `avc1.6400${level.toString(16).padStart(2, "0")},mp4a.40.2`);
      assert.equal(said["FRAME-RATE"], frames / SECONDS);
    }
  });

  it("lists I-frames that decode alone", async () => {
    const folder = join(asset, "video/180p");
    const playlist = await readFile(join(folder, "iframes.m3u8"), "utf8");
    const rows = [...playlist.matchAll(/BYTERANGE:(\d+)@0\n(.*)/g)];
    assert.equal(rows.length, SECONDS / 2);
    for (const [, bytes, name] of rows) {
      const init = await readFile(join(folder, "init.mp4"));
      const start = (await readFile(join(folder, name ?? ""))).subarray(0, Number(bytes));
      const file = join(await temporaryFolder(), "key.mp4");
      await writeFile(file, Buffer.concat([init, start]));
      const words = ["-v", "error", "-show_entries", "frame=pict_type,key_frame", "-of", "csv=p=0", file];
      const { stdout } = await run("ffprobe", words).catch((error: { stdout: string }) => error);
      assert.match(stdout.trim(), /^1,I/, `${name}: ${stdout}`);
    }
  });
});

function near(said: number, expected: number): void {
  assert.ok(Math.abs(said - expected) <= 0.01 * expected, `${said} where ${expected} is expected`);
}

function byHeight(playlists: ParsedPlaylist[]): Map<number, ParsedPlaylist> {
  return new Map(playlists.map((playlist) => [playlist.attributes.RESOLUTION.height, playlist]));
}

/** Start and duration in whole microseconds. */
function timesOf(segments: ParsedPlaylist["segments"]): number[][] {
  return segments.map(({ presentationTime, duration }) =>
    [presentationTime, duration].map((one) => Math.round(1e6 * one)),
  );
}

/** How many, and where they end. */
function lengthOf(segments: ParsedPlaylist["segments"]): (number | undefined)[] {
  const [start = 0, duration = 0] = timesOf(segments).at(-1) ?? [];
  return [segments.length, start + duration];
}

/** Has Shaka Packager package every rendition of an asset anew, with segments of the same length. */
async function packageAgain(asset: string): Promise<string> {
  const folder = await temporaryFolder();
  const streams: string[] = [];
  for (const kind of ["video", "audio"]) {
    for (const name of (await readdir(join(asset, kind))).sort().reverse()) {
      const whole = join(folder, `${name}.mp4`);
      await writeFile(whole, await joined(join(asset, kind, name)));
      const files = `init_segment=${name}/init.mp4,segment_template=${name}/$Number$.m4s,playlist_name=${name}/media.m3u8`;
      const iframes =
        kind === "video" ? `,iframe_playlist_name=${name}/iframes.m3u8` : `,hls_group_id=audio,hls_name=${name}`;
      streams.push(`in=${whole},stream=${kind},${files}${iframes}`);
    }
  }
  const outputs = ["--hls_master_playlist_output", "master.m3u8", "--mpd_output", "manifest.mpd"];
  const words = [...streams, "--segment_duration", "2", "--generate_static_live_mpd", "--quiet", ...outputs];
  await run(process.execPath, [require.resolve("shaka-packager"), ...words], { cwd: folder });
  return folder;
}

/** A rendition as one file. */
async function joined(folder: string): Promise<Buffer> {
  const segments = (await readdir(folder)).filter((name) => name.endsWith(".m4s")).sort();
  return Buffer.concat(await Promise.all(["init.mp4", ...segments].map((name) => readFile(join(folder, name)))));
}

async function probe(file: string) {
  const entries = "stream=profile,level,width,height,nb_read_packets";
  const { stdout } = await run("ffprobe", [
    "-v",
    "error",
    "-count_packets",
    "-show_entries",
    entries,
    "-of",
    "json",
    file,
  ]);
  const [stream] = JSON.parse(stdout).streams;
  return { ...stream, frames: Number(stream.nb_read_packets) };
}
