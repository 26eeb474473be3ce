import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { parseWebVtt } from "../../src/core/webvtt.js";
import { addCaptions, CLEAR, popOn } from "../support/captions.js";
import { type AloneAsset, makeAsset } from "../support/make-asset.js";
import { makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const run = promisify(execFile);
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"];
const SRT = "1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n00:00:03,500 --> 00:00:05,000\nTwo <i>and</i> a half\n";

async function file(name: string, content: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

async function cuesOf({ text }: AloneAsset, track: string): Promise<[number, number, string][]> {
  const cues = parseWebVtt(await text(`subtitles/${track}/subtitles.vtt`));
  return cues.map(({ start, end, text: own }) => [start, end, own]);
}

/** Levels of grey, 0 to 255, of the pixels in a rectangle of a picture, on the average. */
async function greyness(path: string, crop: string): Promise<number> {
  const words = ["-v", "error", "-i", path, "-vf", `crop=${crop},scale=1:1:flags=area,format=gray`];
  const options = { encoding: "buffer" } as const;
  const { stdout } = await run("ffmpeg", [...words, "-f", "rawvideo", "-"], options);
  return stdout[0] as number;
}

describe("subtitles", function () {
  this.timeout(60_000);

  it("come from streams of every kind of text, with their languages and flags, and from files beside", async () => {
    const srt = await file("film.srt", SRT);
    const tracks = ["srt", "ass", "webvtt"].flatMap((codec, place) => [`-c:s:${place}`, codec]);
    const labels = ["-metadata:s:s:0", "language=deu", "-disposition:s:0", "default", "-disposition:s:1", "forced"];
    const maps = ["-map", "0", "-map", "1", "-map", "1", "-map", "1"];
    const source = ["-itsoffset", "0.4", ...picture(6), "-i", srt, ...maps, ...x264, ...tracks, ...labels];
    const asset = await makeAsset(await makeSource("film.mkv", ...source), {}, [
      ["fr", await file("film.fr.sdh.srt", SRT)],
    ]);
    try {
      const planned = asset.plan.subtitles.map(({ language, default: isDefault, forced, hearingImpaired }) => {
        return [language, isDefault, forced, hearingImpaired];
      });
      assert.deepEqual(planned, [
        ["de", true, false, false],
        ["und", false, true, false],
        ["und", false, false, false],
        ["fr", false, false, true],
      ]);
      // the film begins 0.4 s into the source's time
      const inTime = (shift: number) => [
        [1000 - shift, 2000 - shift, "One"],
        [3500 - shift, 5000 - shift, "Two <i>and</i> a half"],
      ];
      for (const place of [1, 2, 3]) assert.deepEqual(await cuesOf(asset, `subtitles-${place}`), inTime(400));
      assert.deepEqual(await cuesOf(asset, "subtitles-4"), inTime(0));
      assert.match(await asset.text("subtitles/subtitles-1/000002.vtt"), /00:00:03.100 --> 00:00:04.600\nTwo/);
      assert.match(await asset.text("master.m3u8"), /TYPE=SUBTITLES.*LANGUAGE="de"/);
    } finally {
      await asset.store.close();
    }
  });

  it("come from mov_text; a track that cannot be read is left out with a note, and the job goes on", async () => {
    const srt = await file("film.srt", SRT);
    const empty = await file("empty.srt", "1\n00:00:50,000 --> 00:00:40,000\n\n");
    const maps = ["-map", "0", "-map", "1"];
    const source = await makeSource("film.mp4", ...picture(6), "-i", srt, ...maps, ...x264, "-c:s", "mov_text");
    const asset = await makeAsset(source, {}, [["en", empty]]);
    try {
      assert.deepEqual(await cuesOf(asset, "subtitles-1"), [
        [1000, 2000, "One"],
        [3500, 5000, "Two <i>and</i> a half"],
      ]);
      assert.match(
        asset.notes.join(),
        /subtitle track subtitles-2 \(en\) could not be made and was left out: .* no cues/,
      );
      assert.equal(asset.manifest.files["subtitles/subtitles-2/subtitles.vtt"], undefined);
      assert.doesNotMatch(await asset.text("master.m3u8"), /subtitles-2/);
    } finally {
      await asset.store.close();
    }
  });

  it("stay where the source must be decoded in one piece", async () => {
    const srt = await file("film.srt", SRT);
    const source = [...picture(6), "-i", srt, "-map", "0", "-map", "1", ...x264, "-c:s", "ass"];
    const labels = ["-metadata:s:s:0", "language=deu"];
    const asset = await makeAsset(await makeSource("film.mkv", ...source, ...labels), {}, [], "nodes differed");
    try {
      assert.match(asset.notes.join(), /was decoded in one piece/);
      assert.equal(asset.plan.subtitles[0]?.language, "de");
      assert.deepEqual(await cuesOf(asset, "subtitles-1"), [
        [1000, 2000, "One"],
        [3500, 5000, "Two <i>and</i> a half"],
      ]);
    } finally {
      await asset.store.close();
    }
  });

  for (const [how, decode] of [
    ["at their times and places", ""],
    ["at their times where its fields are joined in one piece", "nodes differed"],
  ] as const) {
    it(`come from captions in the video, ${how}`, async () => {
      const fields = decode === "" ? [] : ["-flags", "+ildct+ilme", "-x264-params", "tff=1"];
      const plain = await makeSource(
        "plain.h264",
        ...picture(8),
        ...x264,
        "-bf",
        "0",
        "-threads",
        "1",
        ...fields,
        "-f",
        "h264",
      );
      const pairs = new Map<number, number>();
      for (const [shownAt, sent] of [
        [50, popOn("HELLO THERE")],
        [100, CLEAR],
        [150, popOn("AGAIN")],
        [175, CLEAR],
      ] as const) {
        for (const [place, pair] of sent.entries()) pairs.set(shownAt - sent.length + 1 + place, pair);
      }
      const captioned = join(await temporaryFolder(), "captioned: it's [one], two.h264");
      await writeFile(captioned, addCaptions(await readFile(plain), pairs));
      const asset = await makeAsset(
        await makeSource("captioned.ts", "-r", "25", "-i", captioned, "-c", "copy"),
        {},
        [],
        decode,
      );
      try {
        const [track] = asset.plan.subtitles;
        assert.deepEqual(track?.from, { captions: true });
        assert.equal(track.hearingImpaired, true);
        const cues = await cuesOf(asset, "subtitles-1");
        const expected: [number, number, string][] = [
          [2000, 4000, "HELLO THERE"],
          [6000, 7000, "AGAIN"],
        ];
        assert.deepEqual(
          cues.map(([, , text]) => text),
          expected.map(([, , text]) => text),
        );
        for (const [place, [start, end]] of expected.entries()) {
          const off = [Math.abs((cues[place]?.[0] ?? 0) - start), Math.abs((cues[place]?.[1] ?? 0) - end)];
          assert.ok(Math.max(...off) <= 80, `${cues[place]}: ${off} ms off`);
        }
      } finally {
        await asset.store.close();
      }
    });
  }
});

describe("images and chapters", function () {
  this.timeout(60_000);

  /** Black for two seconds, then a grey that is lighter every second. */
  const greys = "color=black:s=96x54:r=25:d=20,geq=lum='if(lt(T,4),16,60+5*floor(T)+(X/10))':cb=128:cr=128";

  for (const [what, gop, keyframes] of [
    ["keyframes", "25", true],
    ["every frame", "500", false],
  ] as const) {
    it(`shows small pictures of the right times from ${what}, and a poster that is not black`, async () => {
      const source = ["-f", "lavfi", "-i", greys, ...x264, "-g", gop, "-keyint_min", gop, "-sc_threshold", "0"];
      const asset = await makeAsset(await makeSource("greys.mp4", ...source), { ladder: [54] });
      try {
        const { images } = asset.plan;
        assert.deepEqual(
          [images?.width, images?.height, images?.interval, images?.count, images?.keyframes],
          [160, 90, 2, 10, keyframes],
        );
        const sheet = join(await temporaryFolder(), "sheet.jpg");
        await writeFile(sheet, await asset.read("thumbnails/000001.jpg"));
        const map = parseWebVtt(await asset.text("thumbnails.vtt"));
        assert.equal(map.length, 10);
        for (const { start, end, text } of map) {
          const [, x, y, w, h] = /^thumbnails\/000001.jpg#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(text) ?? [];
          const grey = await greyness(sheet, `${w}:${h}:${x}:${y}`);
          const [from, to] = [start / 1000, end / 1000 - 1];
          const level = (seconds: number) => (seconds < 4 ? 0 : (60 + 5 * seconds + 4.5 - 16) * (255 / 219));
          assert.ok(grey > level(from) - 6 && grey < level(to) + 6, `${grey} at ${from} s: ${level(from)} expected`);
        }
        const poster = join(await temporaryFolder(), "poster.jpg");
        await writeFile(poster, await asset.read("poster.jpg"));
        const grey = await greyness(poster, "iw:ih:0:0");
        assert.ok(grey > 60, `the poster has ${grey}`);
        assert.equal(asset.manifest.files["poster.jpg"]?.type, "image/jpeg");
      } finally {
        await asset.store.close();
      }
    });
  }

  it("turns and squares small pictures as players do", async () => {
    const turned = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4", ...x264, "-vf", "setsar=2/1"];
    const flat = await makeSource("flat.mp4", ...turned);
    const source = await makeSource("turned.mp4", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90");
    const asset = await makeAsset(source, { ladder: [] });
    try {
      const { width = 0, height = 0 } = asset.plan.images ?? {};
      assert.ok(height > 3 * width, `${width}x${height}`);
    } finally {
      await asset.store.close();
    }
  });

  it("keeps chapters, in the output's time", async () => {
    const chapter = (start: number, end: number, title: string) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=${title}\n`;
    const meta = await file("meta.txt", `;FFMETADATA1\n${chapter(0, 2000, "In & out")}${chapter(2000, 4000, "")}`);
    const source = await makeSource("chapters.mkv", ...picture(4), "-i", meta, "-map_metadata", "1", ...x264);
    const asset = await makeAsset(source);
    try {
      assert.deepEqual(JSON.parse(await asset.text("chapters.json")), [
        { chapter: 1, "start-time": 0, duration: 2, titles: [{ language: "und", title: "In & out" }] },
        { chapter: 2, "start-time": 2, duration: 2, titles: [{ language: "und", title: "Chapter 2" }] },
      ]);
      assert.deepEqual(
        parseWebVtt(await asset.text("chapters.vtt")).map(({ start, text }) => [start, text]),
        [
          [0, "In &amp; out"],
          [2000, "Chapter 2"],
        ],
      );
    } finally {
      await asset.store.close();
    }
  });
});
