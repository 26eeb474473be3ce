/**
 * The nats-server that a node runs as its child. It is started in a process group of its own and keeps its own log
 * file, so that it outlives a node that is killed: the bus stays, and the node's next life takes it over.
 *
 *   stopped --start--> running (found alive from an earlier life, or started)
 *   running --the process ends by itself--> started again --stop--> stopped
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError } from "../../core/errors.js";
import { packageRoot } from "../paths.js";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const WATCH_MS = 2_000;
const POLL_MS = 50;

export interface NatsServerOptions {
  /** Folder for its store, configuration, log and pid. */
  folder: string;
  name: string;
  host: string;
  /** 0 picks a free one; a later start in the same folder takes the same again. */
  port: number;
  report(event: string, details: Record<string, unknown>): void;
}

/** The program to run: REELMESH_NATS_SERVER, else what set-up put into .tools, else the one on PATH. */
async function findNatsServer(): Promise<string> {
  const named = process.env["REELMESH_NATS_SERVER"];
  if (named !== undefined && named !== "") {
    if (await isExecutable(named)) return named;
    throw new ReelmeshError("ENVIRONMENT", `REELMESH_NATS_SERVER names ${named}, which is not a program that can run`);
  }
  const folders = [join(packageRoot, ".tools"), ...(process.env["PATH"] ?? "").split(delimiter)];
  for (const folder of [...folders, "/usr/sbin"]) {
    const candidate = join(folder, "nats-server");
    if (await isExecutable(candidate)) return candidate;
  }
  throw new ReelmeshError(
    "ENVIRONMENT",
    "nats-server was not found: run scripts/setup.sh, or name one of version 2.10 or newer in REELMESH_NATS_SERVER",
  );
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

export class NatsServer {
  readonly #options: NatsServerOptions;
  #child: ChildProcess | undefined;
  #pid = 0;
  #port: number;
  #watch: NodeJS.Timeout | undefined;
  #restarting: Promise<void> | undefined;
  #stopping = false;

  constructor(options: NatsServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** The port that it listens on; ENVIRONMENT when the server does not come up. */
  async start(): Promise<number> {
    await mkdir(this.#options.folder, { recursive: true });
    if (!(await this.#takeOver())) await this.#spawn();
    this.#watch = setInterval(() => this.#restartIfGone(), WATCH_MS);
    this.#watch.unref();
    return this.#port;
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#watch);
    await this.#restarting;
    await this.#end();
  }

  /** Ends the process and waits until it is gone. */
  async #end(): Promise<void> {
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    signalProcess(this.#pid, "SIGTERM");
    while (await this.#isOurs(this.#pid)) {
      if (Date.now() > deadline) signalProcess(this.#pid, "SIGKILL");
      await delay(POLL_MS);
    }
    await rm(this.#file("pid"), { force: true });
  }

  #file(name: string): string {
    return join(this.#options.folder, name);
  }

  /** Finds the server that an earlier life of this node left running. */
  async #takeOver(): Promise<boolean> {
    const pid = Number(await readFile(this.#file("pid"), "utf8").catch(() => "0"));
    if (!(await this.#isOurs(pid))) return false;
    this.#pid = pid;
    const port = await this.#awaitPort(() => this.#isOurs(pid));
    if (port === undefined) {
      await this.#end();
      return false;
    }
    this.#port = port;
    this.#options.report("nats-server taken over", { pid, port });
    return true;
  }

  /** Whether the process lives and is a nats-server with this folder's configuration. */
  async #isOurs(pid: number): Promise<boolean> {
    if (!Number.isInteger(pid) || pid <= 0) return false;
    if (this.#child?.pid === pid) return this.#child.exitCode === null && this.#child.signalCode === null;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.split("\0").includes(this.#file("nats.conf"));
  }

  async #spawn(): Promise<void> {
    const program = await findNatsServer();
    await this.#forgetPorts();
    // What an earlier run complained of is not what this one does.
    await rename(this.#file("nats-server.log"), this.#file("nats-server.log.previous")).catch(() => {});
    const remembered = Number(await readFile(this.#file("port"), "utf8").catch(() => "0"));
    const port = this.#port === 0 && remembered > 0 ? remembered : this.#port;
    await writeFile(this.#file("nats.conf"), this.#configuration(port));
    const child = spawn(program, ["-c", this.#file("nats.conf")], { detached: true, stdio: "ignore" });
    this.#child = child;
    await Promise.race([once(child, "spawn"), once(child, "error").then(([error]) => Promise.reject(error))]).catch(
      (cause: unknown) => {
        throw new ReelmeshError("ENVIRONMENT", `nats-server could not be started from ${program}`, { cause });
      },
    );
    this.#pid = child.pid ?? 0;
    child.unref();
    // The server writes the same when it is up; until then, a next life of this node must find it too.
    await writeFile(this.#file("pid"), String(this.#pid));
    const bound = await this.#waitForPort(child);
    this.#port = bound;
    await writeFile(this.#file("port"), String(bound));
  }

  async #waitForPort(child: ChildProcess): Promise<number> {
    const bound = await this.#awaitPort(async () => child.exitCode === null && child.signalCode === null);
    if (bound !== undefined) return bound;
    await this.#end();
    throw new ReelmeshError(
      "ENVIRONMENT",
      `nats-server did not come up on ${this.#options.host}:${this.#port}: ${await this.#lastWords()}; ` +
        "choose another port with --nats-port or address with --listen, or use a server of yours with --nats",
    );
  }

  async #awaitPort(alive: () => Promise<boolean>): Promise<number | undefined> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline && (await alive())) {
      const port = await this.#readPort(this.#pid);
      if (port !== undefined) return port;
      await delay(POLL_MS);
    }
    return undefined;
  }

  /** The ports file that nats-server writes when it listens. */
  async #readPort(pid: number): Promise<number | undefined> {
    const text = await readFile(this.#file(`nats-server_${pid}.ports`), "utf8").catch(() => "");
    const port = /"nats":\s*\[\s*"nats:\/\/[^"]*:(\d+)"/.exec(text)?.[1];
    return port === undefined ? undefined : Number(port);
  }

  async #forgetPorts(): Promise<void> {
    for (const name of await readdir(this.#options.folder)) {
      if (name.endsWith(".ports")) await rm(this.#file(name), { force: true });
    }
  }

  async #lastWords(): Promise<string> {
    const log = await readFile(this.#file("nats-server.log"), "utf8").catch(() => "");
    const errors = log.split("\n").filter((line) => /\[(ERR|FTL)\]/.test(line));
    return errors.at(-1)?.replace(/^.*\[(ERR|FTL)\]\s*/, "") ?? "it said nothing";
  }

  #configuration(port: number): string {
    const quote = (text: string) => JSON.stringify(text);
    return [
      `server_name: ${quote(this.#options.name)}`,
      `host: ${quote(this.#options.host)}`,
      `port: ${port === 0 ? -1 : port}`,
      `ports_file_dir: ${quote(this.#options.folder)}`,
      `pid_file: ${quote(this.#file("pid"))}`,
      `log_file: ${quote(this.#file("nats-server.log"))}`,
      "logfile_size_limit: 10MB",
      "logfile_max_num: 3",
      "jetstream {",
      `  store_dir: ${quote(this.#file("jetstream"))}`,
      "  sync_interval: always",
      "}",
      "",
    ].join("\n");
  }

  #restartIfGone(): void {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #restart(): Promise<void> {
    try {
      if (this.#stopping || (await this.#isOurs(this.#pid))) return;
      this.#options.report("nats-server is gone, starting it again", { pid: this.#pid });
      await this.#spawn();
    } catch (error) {
      this.#options.report("nats-server did not start", { error });
    }
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
