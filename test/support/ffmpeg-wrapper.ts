/** The real ffmpeg behind a script that changes how its encodes go: slower, failing, or giving something else. */
import { execFile } from "node:child_process";
import { chmod, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary.js";

const run = promisify(execFile);

export interface Encode {
  /** The place in the film where its chunk starts, lead included, in frames. */
  frame: number;
  /** Milliseconds of the wall clock. */
  atMs: number;
}

export interface FfmpegWrapper {
  /** The environment that makes a node use it; it writes to a folder of its own. */
  env: { REELMESH_FFMPEG: string; REELMESH_SANDBOX: "off" };
  /** Seconds of media an encode reads a second, from the next encode on. */
  pace(speed: number): Promise<void>;
  /** Lets the encodes of sound go on to their end. */
  release(): Promise<void>;
  /** The encodes of video that were begun, in order. */
  encodes(): Promise<Encode[]>;
}

/**
 * Encodes of video read their source at a pace, so that they last as long on a busy machine as on an idle one; the
 * script then becomes ffmpeg, under the same process id. `twist` is Bash that may change the array `words`, the
 * arguments of an encode of video, or end it. `hold`: encodes of sound to AAC get this share of what they read within some
 * seconds, and the rest when they are released.
 */
export async function wrapFfmpeg(speed: number, twist = ":", hold?: number): Promise<FfmpegWrapper> {
  const folder = await temporaryFolder("run");
  const script = join(folder, "ffmpeg");
  const [ffmpeg, ffprobe] = await Promise.all([whichProgram("ffmpeg"), whichProgram("ffprobe")]);
  // Whoever begins meanwhile reads the old one or the new one, and never nothing.
  const pace = async (value: number) => {
    await writeFile(join(folder, "pace.new"), `${value}\n`);
    await rename(join(folder, "pace.new"), join(folder, "pace"));
  };
  await pace(speed);
  const lines = [
    "#!/bin/bash",
    // What it says of itself to each node that starts is asked once: a start of ffmpeg takes a tenth of a second of a processor.
    `if [[ "\${!#}" =~ ^-(version|encoders|codecs)$ ]]; then`,
    `  said=${folder}/said\${!#}`,
    `  [ -e "$said" ] || { ${ffmpeg} "$@" >"$said.$$" && mv "$said.$$" "$said"; } || exit`,
    `  exec cat "$said"`,
    "fi",
    `words=("$@")`,
    `if [[ " $* " == *" libx264 "* ]]; then`,
    // The planner's one frame is no encode of a chunk.
    `  if [[ " $* " != *" -frames:v "* ]]; then`,
    `    read -r pace <${folder}/pace`,
    `    [[ " $* " =~ setpts=\\(N\\+([0-9]+)\\) ]] && echo "\${BASH_REMATCH[1]} \${EPOCHREALTIME/[.,]/}" >>${folder}/encodes`,
    "    words=()",
    `    for word in "$@"; do`,
    `      if [ "$word" = -i ]; then words+=(-readrate "$pace"); fi`,
    `      words+=("$word")`,
    "    done",
    "  fi",
    `  ${twist}`,
    "fi",
    ...(hold === undefined ? [] : held(folder, ffmpeg, hold)),
    `exec ${ffmpeg} "\${words[@]}"`,
    "",
  ];
  await writeFile(script, lines.join("\n"));
  await chmod(script, 0o755);
  await symlink(ffprobe, join(folder, "ffprobe"));
  const encodes = async () => {
    const text = await readFile(join(folder, "encodes"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((row) => row !== "")
      .map((row) => {
        const [frame, micros] = row.split(" ").map(Number);
        return { frame: frame as number, atMs: Number(micros) / 1000 };
      });
  };
  const release = () => writeFile(join(folder, "released"), "");
  return { env: { REELMESH_FFMPEG: script, REELMESH_SANDBOX: "off" }, pace, release, encodes };
}

/** An encode of sound reads from a pipe: a hundredth of its file ten times a second, then a trickle, which shows progress. */
function held(folder: string, ffmpeg: string, share: number): string[] {
  return [
    `if [[ " $* " == *" -c:a aac "* ]]; then`,
    "  words=()",
    `  for word in "$@"; do`,
    `    if [ "\${words[-1]:-}" = -i ]; then cut=\${word#file:}; word=pipe:0; fi`,
    `    words+=("$word")`,
    "  done",
    `  encode=$$ bytes=$(stat -c %s "$cut")`,
    "  feed() {",
    `    exec 3<"$cut"`,
    `    for ((piece = 0; piece < ${Math.round(share * 100)}; piece++)); do`,
    `      head -c $((bytes / 100)) <&3 || return`,
    "      sleep 0.1",
    "    done",
    `    while [ ! -e ${folder}/released ]; do`,
    `      kill -0 "$encode" 2>/dev/null && head -c $((bytes / 1000 + 1)) <&3 || return`,
    "      sleep 0.3",
    "    done",
    "    cat <&3",
    "  }",
    `  exec ${ffmpeg} "\${words[@]}" < <(feed)`,
    "fi",
  ];
}

async function whichProgram(program: "ffmpeg" | "ffprobe"): Promise<string> {
  const { stdout } = await run("which", [program]);
  return stdout.trim();
}
