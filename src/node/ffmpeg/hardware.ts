/** Which hardware encoders really work on this machine: a build of ffmpeg lists them on any. */
import { existsSync } from "node:fs";
import { DEVICES, HARDWARE, type Hardware, hardwareEncoder, trialArguments } from "../../core/hardware.js";
import { VIDEO_CODECS } from "../../core/video-encoders.js";
import { run } from "./process.js";

/** A driver that hangs is as good as none. */
const TRIAL_SECONDS = 5;

/** By ffmpeg's names. `known`: the encoders that the build lists. ABORTED when the signal fires. */
export async function workingHardware(known: ReadonlySet<string | undefined>, signal: AbortSignal): Promise<string[]> {
  const present = HARDWARE.filter((hardware) => DEVICES[hardware].some((path) => existsSync(path)));
  const found = await Promise.all(present.map((hardware) => workingOf(hardware, known, signal)));
  signal.throwIfAborted();
  return found.flat();
}

/** H.264 first: a card that has not even that has none of the others, and is asked no more. */
async function workingOf(hardware: Hardware, known: ReadonlySet<string | undefined>, signal: AbortSignal) {
  const working: string[] = [];
  for (const codec of VIDEO_CODECS) {
    const encoder = hardwareEncoder(codec, hardware);
    if (known.has(encoder) && (await works(encoder, signal))) working.push(encoder);
    else if (codec === "h264") break;
  }
  return working;
}

async function works(encoder: string, signal: AbortSignal): Promise<boolean> {
  const options = { signal, purpose: `trying ${encoder}`, blame: "MEDIA" as const, stallSeconds: TRIAL_SECONDS };
  try {
    await run("ffmpeg", trialArguments(encoder), { ...options, onLine: () => false });
    return true;
  } catch {
    return false;
  }
}
