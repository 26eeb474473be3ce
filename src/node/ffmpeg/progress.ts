/** Reads what `-progress pipe:1` writes: `key=value` lines, in blocks that end with `progress=`. */

export interface EncodeProgress {
  /** Video frames written so far, those of the lead included. */
  frames: number;
  /** Frames a second at present. */
  framesPerSecond: number;
  /** Media written so far in milliseconds, on the output's time line. */
  outTimeMs: number;
}

export const PROGRESS_ARGUMENTS = ["-progress", "pipe:1", "-nostats"];

/** A reader of lines: calls back with each block, and returns true when a block shows more done than the one before. */
export function progressReader(onProgress: (progress: EncodeProgress) => void): (line: string) => boolean {
  const fields = new Map<string, string>();
  let done = "";
  return (line) => {
    const [key = "", value = ""] = line.split("=", 2);
    fields.set(key, value.trim());
    if (key !== "progress") return false;
    const progress = readBlock(fields);
    onProgress(progress);
    const now = `${progress.frames} ${progress.outTimeMs} ${fields.get("total_size")}`;
    const isMore = now !== done;
    done = now;
    return isMore;
  };
}

function readBlock(fields: Map<string, string>): EncodeProgress {
  const read = (key: string) => Math.max(0, Number(fields.get(key)) || 0);
  return {
    frames: read("frame"),
    framesPerSecond: read("fps"),
    outTimeMs: Math.round(read("out_time_us") / 1000),
  };
}
