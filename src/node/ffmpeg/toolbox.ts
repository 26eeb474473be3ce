/** What the installed ffmpeg is and can do. */
import { createHash } from "node:crypto";
import { AUDIO_ENCODERS } from "../../core/audio-plan.js";
import { ReelmeshError } from "../../core/errors.js";
import { EVERYWHERE, SOFTWARE_ENCODERS } from "../../core/video-encoders.js";
import { workingHardware } from "./hardware.js";
import { run } from "./process.js";

/** What a job may ask for beside them. */
const OTHERS = [...Object.values(SOFTWARE_ENCODERS), ...Object.values(AUDIO_ENCODERS)].filter(
  (name) => !EVERYWHERE.includes(name),
);

export interface Toolbox {
  /** For example "5.1.9-0+deb12u1". */
  version: string;
  /** Equal on two machines only when their builds of ffmpeg are: a hash of what the build says of itself. */
  fingerprint: string;
  encoders: { name: string; version: string }[];
  /** Names of the codecs that it can decode. */
  decodable: ReadonlySet<string>;
}

/** Asks ffmpeg. ENVIRONMENT when it is not there or lacks an encoder. */
export async function readToolbox(signal: AbortSignal): Promise<Toolbox> {
  const [about, encoders, codecs] = await Promise.all([
    linesOf("-version", signal),
    linesOf("-encoders", signal),
    linesOf("-codecs", signal),
  ]);
  const version = /^ffmpeg version (\S+)/.exec(about[0] ?? "")?.[1] ?? "unknown";
  const known = new Set(encoders.map((line) => line.trim().split(/\s+/)[1]));
  const missing = EVERYWHERE.filter((name) => !known.has(name));
  if (missing.length > 0) {
    const message = `ffmpeg ${version} lacks ${missing.join(" and ")}: install a full build, or name one in REELMESH_FFMPEG`;
    throw new ReelmeshError("ENVIRONMENT", message);
  }
  const hardware = await workingHardware(known, signal);
  return {
    version,
    fingerprint: createHash("sha256").update(about.join("\n")).digest("hex"),
    encoders: [...EVERYWHERE, ...OTHERS.filter((name) => known.has(name)), ...hardware].map((name) => ({
      name,
      version,
    })),
    decodable: new Set(codecs.flatMap((line) => /^ D[E.][VA]\S+\s+(\S+)/.exec(line)?.[1] ?? [])),
  };
}

async function linesOf(option: string, signal: AbortSignal): Promise<string[]> {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line) > 0;
  await run("ffmpeg", [option], { signal, purpose: `asking ffmpeg for ${option}`, blame: "MEDIA", onLine });
  return lines;
}
