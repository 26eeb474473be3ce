/** The servers that are compared: a real node with a real asset, and nginx. */
import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../src/node/paths.js";
import { exampleWith, startNginx } from "../../test/support/front-servers.js";
import { PROGRAM, type RunningNode, startNode } from "../support/node.js";
import type { LoopDelay } from "./loop-delay.js";

const run = promisify(execFile);

export interface RunningServer {
  process: ChildProcess;
  /** host:port that is asked. */
  http: string;
  stop(): Promise<void>;
}

/** A node that tells of its event loop. */
export interface WatchedNode extends RunningNode {
  /** How late its event loop was since this was asked last. */
  loopDelay(): Promise<LoopDelay>;
}

export async function startWatchedNode(data: string, words: string[] = []): Promise<WatchedNode> {
  const inside = join(packageRoot, "dist/bench/delivery/loop-delay.js");
  const node = await startNode({ data, words, inside });
  const loopDelay = async () => {
    node.process.send("delay");
    const [told] = await once(node.process, "message");
    return told as LoopDelay;
  };
  return { ...node, loopDelay };
}

/** A noisy clip as an asset whose video segments have about 1.5 MB. Returns the asset's name. */
export async function makeAsset(node: RunningNode, folder: string): Promise<string> {
  const clip = join(folder, "noise.mp4");
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=24,noise=alls=60:allf=t"];
  const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=24"];
  const encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "4M", "-g", "100", "-c:a", "aac"];
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...picture, ...tone, ...encoders, "-shortest", clip]);
  const options = ["--ladder", "360", "--preset", "ultrafast", "--bitrate", "3M", "--wait", "--json"];
  const words = [PROGRAM, "submit", clip, "--node", node.grpc, ...options];
  const { stdout } = await run(process.execPath, words);
  return (JSON.parse(stdout.trim().split("\n").at(-1) as string) as { asset: string }).asset;
}

/** nginx with one worker that serves a folder, with the settings that the example has for files. */
export function plainNginx(folder: string, port: number, root: string): Promise<RunningServer> {
  const files = "open_file_cache max=10000 inactive=60s; open_file_cache_valid 1s;";
  const settings = `root ${root}; sendfile on; tcp_nopush on; ${files}`;
  return startNginx(folder, port, `server { listen 127.0.0.1:${port} backlog=4096; ${settings} }`);
}

/** nginx as the example has it, in front of a node. */
export async function nginxInFront(folder: string, port: number, node: string, data: string): Promise<RunningServer> {
  const site = await exampleWith("nginx/send-file.conf", [
    ["127.0.0.1:7480", node],
    ["listen 80;", `listen 127.0.0.1:${port} backlog=4096;`],
    ["/var/lib/reelmesh/blobs/", `${data}/blobs/`],
  ]);
  return startNginx(folder, port, site);
}

/** nginx as the other example has it: it keeps what a node gave it. */
export async function nginxCache(folder: string, port: number, node: string): Promise<RunningServer> {
  const site = await exampleWith("nginx/cache.conf", [
    ["10.0.0.1:7480", node],
    ["    server 10.0.0.2:7480 max_fails=1 fail_timeout=5s;\n", ""],
    ["    server 10.0.0.3:7480 max_fails=1 fail_timeout=5s;\n", ""],
    ["listen 80;", `listen 127.0.0.1:${port} backlog=4096;`],
    ["/var/cache/nginx/reelmesh", join(folder, "kept")],
  ]);
  return startNginx(folder, port, site);
}
