/** The servers that stand in front of nodes: Debian's nginx and Varnish, with the files of examples/ as they are written. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { packageRoot } from "../../src/node/paths.js";
import { until } from "./until.js";

export interface FrontServer {
  process: ChildProcess;
  port: number;
  /** host:port. */
  http: string;
  stop(): Promise<void>;
}

/** An example's text with other addresses and folders: each place that is to be replaced must be in it. */
export async function exampleWith(file: string, places: [string | RegExp, string][]): Promise<string> {
  let text = await readFile(join(packageRoot, "examples", file), "utf8");
  for (const [place, instead] of places) {
    const replaced = text.replaceAll(typeof place === "string" ? place : new RegExp(place.source, "g"), instead);
    if (replaced === text) throw new Error(`examples/${file} has no ${place}`);
    text = replaced;
  }
  return text;
}

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** nginx around a file that belongs into its `http` block. */
export async function startNginx(folder: string, port: number, site: string, workers = 1): Promise<FrontServer> {
  await mkdir(folder, { recursive: true });
  const lines = [
    // The folders of tests are their owner's only.
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    `worker_processes ${workers}; worker_rlimit_nofile 8192; daemon off; pid ${folder}/pid;`,
    "events { worker_connections 4096; }",
    "http {",
    "types { application/vnd.apple.mpegurl m3u8; application/dash+xml mpd; video/iso.segment m4s; video/mp4 mp4; }",
    "access_log off; keepalive_requests 1000000000;",
    ...TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`),
    site,
    "}",
  ];
  const configuration = join(folder, "nginx.conf");
  await writeFile(configuration, lines.join("\n"));
  return started("nginx", ["-e", join(folder, "error.log"), "-p", folder, "-c", configuration], port);
}

export async function startVarnish(folder: string, port: number, vcl: string): Promise<FrontServer> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "default.vcl");
  await writeFile(file, vcl);
  const small = ["thread_pools=1", "thread_pool_min=20"].flatMap((parameter) => ["-p", parameter]);
  const storage = ["-s", "malloc,64m", "-n", join(folder, "work")];
  return started("varnishd", ["-F", "-j", "none", "-f", file, "-a", `127.0.0.1:${port}`, ...storage, ...small], port);
}

async function started(program: string, words: string[], port: number): Promise<FrontServer> {
  // Debian keeps both where only root's PATH leads.
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += String(bytes)));
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  const listens = async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    return (await accepts(port)) || undefined;
  };
  try {
    await until(listens, `${program} listens`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { process: child, port, http: `127.0.0.1:${port}`, stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}
