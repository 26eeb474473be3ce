import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { HARDWARE, hardwareArguments, hardwareEncoder, hardwareOf } from "../../src/core/hardware.js";
import { buildLadder } from "../../src/core/ladder.js";
import { checkEncoders, checkOptions, DEFAULT_OPTIONS } from "../../src/core/options.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";

const run = promisify(execFile);
const { signal } = new AbortController();

describe("hardware encoders", function () {
  this.timeout(180_000);

  it("are told of only where they encode a picture, beside the software ones", async () => {
    const names = (await createMediaTools().encoders(signal)).map(({ name }) => name);
    for (const name of ["libx264", "aac", "libx265", "libsvtav1", "libvpx-vp9"]) assert.ok(names.includes(name), name);
    const listed = (await run("ffmpeg", ["-v", "error", "-encoders"])).stdout;
    for (const hardware of HARDWARE) {
      const encoder = hardwareEncoder("h264", hardware);
      if (!listed.includes(encoder)) assert.ok(!names.includes(encoder), encoder);
    }
    // No card, no encoder: whatever the build lists.
    const cards = await run("ls", ["/dev/dri"]).catch(() => undefined);
    if (cards === undefined)
      assert.deepEqual(
        names.filter((name) => name.endsWith("_vaapi")),
        [],
      );
  });

  it("know the options that they are told", async () => {
    const source = { stream: 0, codec: "h264", width: 640, height: 360, sampleAspect: { num: 1, den: 1 } };
    const about = { rotation: 0, interlaced: false, pixelFormat: "yuv420p", colour: {}, frameRates: [] } as const;
    const video = { ...source, ...about, frameRates: [], timeBase: { num: 1, den: 25 } };
    for (const hardware of HARDWARE) {
      const options = { ...DEFAULT_OPTIONS, ladder: [240], codecs: ["h264", "hevc"], hardware };
      for (const rendition of buildLadder(video, options, { num: 25, den: 1 })) {
        assert.equal(hardwareOf(rendition.encoder), hardware);
        const { stdout } = await run("ffmpeg", ["-v", "error", "-h", `encoder=${rendition.encoder}`]);
        if (!stdout.includes("AVOptions")) continue;
        const names = hardwareArguments(rendition).filter((word) => /^-[a-z]/.test(word));
        const own = names.map((name) => name.replace(/:v$/, "")).filter((name) => !COMMON.includes(name));
        for (const name of own) assert.match(stdout, new RegExp(`^ +${name} `, "m"), `${rendition.encoder} ${name}`);
      }
    }
  });

  it("are refused where no live node has them", () => {
    const asked = { ...DEFAULT_OPTIONS, codecs: ["hevc"], hardware: "vaapi" };
    const nodes = new Map([["a", ["libx265"]]]);
    checkOptions(asked);
    assert.throws(
      () => checkEncoders(asked, nodes),
      /no live node can encode hevc with vaapi: its ffmpeg would need hevc_vaapi/,
    );
    checkEncoders(asked, new Map([...nodes, ["b", ["hevc_vaapi"]]]));
    checkEncoders({ ...asked, hardware: "" }, nodes);
    checkEncoders(DEFAULT_OPTIONS, new Map());
    assert.throws(
      () => checkEncoders({ ...asked, codecs: ["av1"], hardware: "" }, nodes),
      /its ffmpeg would need libsvtav1/,
    );
    const opus = { ...DEFAULT_OPTIONS, audioCodecs: ["opus"] };
    assert.throws(() => checkEncoders(opus, nodes), /its ffmpeg would need libopus/);
    checkEncoders(opus, new Map([["a", ["libopus"]]]));
    assert.throws(
      () => checkOptions({ ...asked, hardware: "abacus" }),
      /"abacus" is not known: use one of vaapi, nvenc, qsv/,
    );
  });
});

/** Every encoder knows these; ffmpeg lists them elsewhere. QSV takes its level from the common ones. */
const COMMON = ["-b", "-maxrate", "-bufsize", "-g", "-bf", "-tag", "-level"];
