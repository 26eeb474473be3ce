import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The command line, as compiled beside this. */
export const reelmesh = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

export const ffmpeg = process.env["REELMESH_FFMPEG"] || "ffmpeg";
export const ffprobe = process.env["REELMESH_FFMPEG"]
  ? join(dirname(process.env["REELMESH_FFMPEG"]), "ffprobe")
  : "ffprobe";

/** Runs a program to its end and returns what it wrote. Fails when its exit code is not 0, with its last words. */
export async function run(program: string, args: string[], signal: AbortSignal): Promise<{ out: string; err: string }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  const [out, err, [code, killedBy]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code === 0) return { out, err };
  throw new Error(`${program} ${args.join(" ")}\nended with ${code ?? killedBy}: ${err.trim()}`);
}

/** Runs a command of reelmesh that prints JSON, and returns what it printed. */
export async function ask<T>(args: string[], signal: AbortSignal): Promise<T> {
  const { out } = await run(process.execPath, [reelmesh, ...args, "--json"], signal);
  return JSON.parse(out);
}

/** Runs a command of reelmesh on this terminal; its exit code. */
export async function show(args: string[], signal: AbortSignal): Promise<number | null> {
  const child = spawn(process.execPath, [reelmesh, ...args], { stdio: "inherit", signal });
  const [code] = await once(child, "close");
  return code;
}
