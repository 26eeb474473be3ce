import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  /** Resolves when the text has been printed to stdout; rejects when the program ends before. */
  printed(wanted: string): Promise<void>;
  interrupt(): void;
  ended: Promise<CliResult>;
}

/** Starts the real command line as a child, with no REELMESH_ variables but the given ones. */
export function startCli(args: string[], variables: Record<string, string> = {}): RunningCli {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("REELMESH_"));
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...Object.fromEntries(inherited), ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  let seen = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    seen += piece;
  });
  const output = Promise.all([text(child.stderr), closed]);
  return {
    async printed(wanted) {
      await new Promise<void>((resolve, reject) => {
        const look = () => seen.includes(wanted) && resolve();
        child.stdout.on("data", look);
        child.once("close", () => reject(new Error(`ended without printing "${wanted}": ${seen}`)));
        look();
      });
    },
    interrupt: () => child.kill("SIGINT"),
    ended: output.then(([stderr, code]) => ({ code, stdout: seen, stderr })),
  };
}

export function runCli(args: string[], variables: Record<string, string> = {}): Promise<CliResult> {
  return startCli(args, variables).ended;
}
