/** The servers that are compared: a real node with a real asset, and nginx. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { ReadyLine } from "../../src/node/main.js";
import { packageRoot } from "../../src/node/paths.js";

const run = promisify(execFile);
const PROGRAM = join(packageRoot, "dist/src/cli/main.js");

export interface RunningServer {
  process: ChildProcess;
  /** host:port that is asked. */
  http: string;
}

export interface RunningNode extends RunningServer {
  grpc: string;
}

export async function startNode(data: string, words: string[] = []): Promise<RunningNode> {
  const ports = ["grpc", "http", "peer", "nats", "route"].flatMap((which) => [`--${which}-port`, "0"]);
  const up = [PROGRAM, "up", "--data", data, "--name", "bench", "--log", "json", ...ports, ...words];
  const child = spawn(process.execPath, up, { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { grpc, http } = JSON.parse(line as string) as ReadyLine;
  return { process: child, http, grpc };
}

export async function stop({ process: child }: RunningServer): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGINT");
  await exited;
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

/** nginx with a number of workers that serves a folder, or, with `site`, what that file of `examples/` says. */
export async function startNginx(
  folder: string,
  port: number,
  { workers, root, site }: { workers: number; root?: string; site?: string },
): Promise<RunningServer> {
  await mkdir(folder, { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const lines = [
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    `worker_processes ${workers}; worker_rlimit_nofile 8192; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;`,
    "events { worker_connections 4096; }",
    "http {",
    "types { application/vnd.apple.mpegurl m3u8; application/dash+xml mpd; video/iso.segment m4s; video/mp4 mp4; }",
    "access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=1000;",
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    site ?? `server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }`,
    "}",
  ];
  await writeFile(join(folder, "nginx.conf"), lines.join("\n"));
  const words = ["-e", `${folder}/error.log`, "-p", folder, "-c", join(folder, "nginx.conf")];
  const child = spawn("nginx", words, { stdio: ["ignore", "ignore", "inherit"] });
  child.once("exit", (code) => code && console.error(`nginx ended with ${code}`));
  const server = { process: child, http: `127.0.0.1:${port}` };
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 100) throw new Error(`nginx does not listen: see ${folder}/error.log`);
    await delay(50);
  }
  return server;
}

/** The example's own text with this machine's addresses. */
export async function sendFileSite(port: number, node: string, data: string): Promise<string> {
  const text = await readFile(join(packageRoot, "examples/nginx/send-file.conf"), "utf8");
  return text
    .replace("127.0.0.1:7480", node)
    .replace("listen 80;", `listen 127.0.0.1:${port} backlog=4096;`)
    .replace("/var/lib/reelmesh/blobs/", `${data}/blobs/`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
