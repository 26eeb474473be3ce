/**
 * Command lines that keep a program which reads hostile bytes in its place (MEDIA.md, 5). Two ways:
 *
 *   bubblewrap   no network, no other process to be seen, the whole file system read-only but for the folder that is
 *                written to
 *   limits       what any system has: the size of files, the number of open ones, no core dumps
 *
 * Both run at a low priority, with the limits.
 */

export interface Confinement {
  /** "bubblewrap", "limits" (util-linux prlimit is there), or "none". */
  kind: "bubblewrap" | "limits" | "none";
  /** Why it is not bubblewrap, for the operator; "" when it is. */
  reason: string;
  /** The program `nice` is there. */
  nice: boolean;
  prlimit: boolean;
}

export interface Confined {
  /** Absolute paths: files that are read, and folders that are written to. */
  reads: string[];
  writes: string[];
  /** Bytes that a file may grow to. */
  mostBytes: number;
  /** Added to the priority's number: the higher, the lower the priority. */
  niceness: number;
}

const OPEN_FILES = 512;
const FILE_URL = "file:/";

/** Graphics devices, for encoders in hardware: those that are there. */
const DEVICES = ["/dev/dri", "/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-modeset"];

/** The words that go before a program's path. Each of those programs becomes the next, but bubblewrap, which has it as a child. */
export function confine({ kind, nice, prlimit }: Confinement, confined: Confined): string[] {
  const limits = ["--core=0", `--nofile=${OPEN_FILES}`, `--fsize=${confined.mostBytes}`];
  return [
    ...(nice ? ["nice", "-n", String(confined.niceness)] : []),
    ...(prlimit ? ["prlimit", ...limits] : []),
    ...(kind === "bubblewrap" ? ["bwrap", ...bubblewrap(confined), "--"] : []),
  ];
}

function bubblewrap({ reads, writes }: Confined): string[] {
  return [
    ...["--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--proc", "/proc"],
    ...["--dev", "/dev", ...DEVICES.flatMap((device) => ["--dev-bind-try", device, device])],
    ...writes.flatMap((folder) => ["--bind", folder, folder]),
    // a source may lie in the folder that is written to
    ...reads.flatMap((file) => ["--ro-bind", file, file]),
    ...["--chdir", "/"],
  ];
}

/** What the arguments of ffmpeg or ffprobe name as file URLs: inputs are read, and the folders of outputs are written to. */
export function filesOf(program: "ffmpeg" | "ffprobe", args: string[]): { reads: string[]; writes: string[] } {
  const reads = new Set<string>();
  const writes = new Set<string>();
  for (const [place, word] of args.entries()) {
    if (!word.startsWith(FILE_URL)) continue;
    const path = word.slice(FILE_URL.length - 1);
    if (program === "ffprobe" || args[place - 1] === "-i") reads.add(path);
    else writes.add(path.slice(0, Math.max(1, path.lastIndexOf("/"))));
  }
  return { reads: [...reads], writes: [...writes] };
}
