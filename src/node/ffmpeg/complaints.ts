/** Says in plain sentences what ffmpeg complains of. */
import { type ErrorCode, ReelmeshError } from "../../core/errors.js";

/** The most telling first. */
const MEANINGS: [RegExp, string][] = [
  [
    /moov atom not found/,
    "its index (moov) is missing, so it is cut off or was never finished: copy it again from where it comes from",
  ],
  [
    /partial file|File ended prematurely|truncat/i,
    "it is cut off before its end: copy it again from where it comes from",
  ],
  [
    /decoder not found|Decoder \(codec .*\) not found|no decoder|Could not find codec parameters/i,
    "this ffmpeg has no decoder for it, or cannot make out its streams",
  ],
  [
    /EBML header parsing failed|Invalid data found|Error while opening|invalid as first byte/i,
    "its bytes are damaged, or are not what its first ones promise",
  ],
  [/Cannot allocate memory/, "it asks for more memory than a picture may take"],
  [/Unknown encoder/, "this ffmpeg was built without the encoder: install a full build"],
];

interface Failed {
  purpose: string;
  blame: ErrorCode;
}

/** The error for a program that ended with a code other than 0; null: ended by a signal from elsewhere. */
export function failure(program: string, failed: Failed, complaints: string[], code: number | null): ReelmeshError {
  const said = complaints.map(withoutPrefix).filter(isComplaint);
  const text = said.join("\n");
  if (/No space left on device/.test(text)) {
    const cause = Object.assign(new Error(text), { code: "ENOSPC" });
    return new ReelmeshError("ENVIRONMENT", `${failed.purpose} failed: the disk is full; make room and try again`, {
      cause,
    });
  }
  const last = said.at(-1);
  if (code === null && last === undefined) {
    return new ReelmeshError("MEDIA", `${failed.purpose} failed: ${program} was ended from outside`);
  }
  return new ReelmeshError(failed.blame, `${failed.purpose} failed: ${explain(said)}`);
}

/** The plain meaning of what was said, with the words themselves. */
export function explain(complaints: string[]): string {
  const said = complaints.map(withoutPrefix).filter(isComplaint);
  const known = MEANINGS.find(([pattern]) => said.some((line) => pattern.test(line)));
  const line = known && said.findLast((one) => known[0].test(one));
  const words = line ?? said.at(-1) ?? "ffmpeg gave no reason";
  return known === undefined ? words : `${known[1]} (ffmpeg: ${words})`;
}

/** SVT-AV1 tells how it is set on the same channel. */
function isComplaint(line: string): boolean {
  return line !== "" && !/^Svt\[(info|warn)\]/.test(line);
}

/** Drops "[h264 @ 0x5581]" and the path of the file, which nobody can act on. */
function withoutPrefix(line: string): string {
  return line
    .replace(/^(\[[^\]]*\]\s*)+/, "")
    .replace(/^(file:)?\/\S+:\s+/, "")
    .trim();
}
