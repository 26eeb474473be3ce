/**
 * The nats-server that a node runs as its child. It is started in a process group of its own and keeps its own log
 * file, so that it outlives a node that is killed: the bus stays, and the node's next life takes it over.
 *
 *   stopped --start(role)--> running (found alive in that role from an earlier life, or started)
 *   running --the process ends by itself--> started again
 *   running --start(another role)--> stopped, then running in that role, on the same ports
 *   running --stop--> stopped
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { memberName } from "../../core/core-seat.js";
import { ReelmeshError } from "../../core/errors.js";
import { roleLine, type ServerPlace, type ServerRole, serverConfiguration, storeName } from "./server-configuration.js";
import { copyEnd, ServerHealth, unheard } from "./server-health.js";
import { natsServerProgram } from "./server-program.js";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const WATCH_MS = 2_000;
const POLL_MS = 50;
const ALONE: ServerRole = { generation: 1, slot: 1 };

export interface NatsServerOptions extends ServerPlace {
  /** 0 picks a free one; a later start in the same folder takes the same again. */
  port: number;
  /** The same, for the other members of a cluster; 0 when absent. */
  routePort?: number;
  report(event: string, details: Record<string, unknown>): void;
}

export class NatsServer {
  readonly #options: NatsServerOptions;
  #child: ChildProcess | undefined;
  #pid = 0;
  #port: number;
  #role: ServerRole | undefined;
  #watch: NodeJS.Timeout | undefined;
  #restarting: Promise<void> | undefined;
  readonly #health = new ServerHealth();
  /** Why it is to be started again though it runs. */
  #doubt: string | undefined;

  constructor(options: NatsServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** What it runs as; undefined while it is stopped. */
  get role(): ServerRole | undefined {
    return this.#role;
  }

  /**
   * Starts it, with the store that it has in that generation, or none; the port that clients use. ENVIRONMENT when it
   * does not come up.
   */
  async start(role: ServerRole = ALONE, { empty = false } = {}): Promise<number> {
    await this.#pause();
    await mkdir(this.#options.folder, { recursive: true });
    if (empty || !(await this.takeOver(role))) {
      await this.#end();
      if (empty) await rm(this.#file(storeName(role.generation)), { recursive: true, force: true });
      await this.#spawn(role);
    }
    this.#keep(role);
    return this.#port;
  }

  async stop(): Promise<void> {
    await this.#pause();
    await this.#end();
  }

  /** The ports that it listens on, or would: picked here where they are left to it, and the same from then on. */
  async ports(): Promise<{ client: number; route: number }> {
    await mkdir(this.#options.folder, { recursive: true });
    return {
      client: this.#port > 0 ? this.#port : await this.#picked("port"),
      route: this.#options.routePort || (await this.#picked("route-port")),
    };
  }

  /** Removes the stores of all generations but one. */
  async forgetStores(generation?: number): Promise<void> {
    const kept = generation === undefined ? "" : storeName(generation);
    for (const name of await readdir(this.#options.folder).catch(() => [])) {
      if (name.startsWith("jetstream") && name !== kept) await rm(this.#file(name), { recursive: true, force: true });
    }
  }

  /** Sequence of the last entry in its own copy of a stream; undefined when it has none or does not answer. */
  async copyEnd(stream: string): Promise<number | undefined> {
    const url = await this.#monitoring();
    return url === undefined ? undefined : copyEnd(url, stream);
  }

  /** Names of the servers that are linked with it and that it, as their leader or without one, does not hear. */
  async unheard(): Promise<string[]> {
    const url = await this.#monitoring();
    return url === undefined || this.#role === undefined ? [] : unheard(url, memberName(this.#role.slot));
  }

  /** Starts it again within seconds, as what it is and with what it has; `reason`: for the log. */
  startAgain(reason: string): void {
    this.#doubt = reason;
  }

  /** Takes over the server that an earlier life of this node left running in that role; false when there is none. */
  async takeOver(role: ServerRole): Promise<boolean> {
    const pid = Number(await readFile(this.#file("pid"), "utf8").catch(() => "0"));
    if (!(await this.#isOurs(pid))) return false;
    this.#pid = pid;
    const configuration = await readFile(this.#file("nats.conf"), "utf8").catch(() => "");
    if (configuration.split("\n")[0] !== roleLine(role)) return false;
    const port = await this.#awaitPort(() => this.#isOurs(pid));
    if (port === undefined) return false;
    this.#port = port;
    this.#keep(role);
    this.#options.report("nats-server taken over", { pid, port });
    return true;
  }

  /** From here on it is started again when it ends. */
  #keep(role: ServerRole): void {
    this.#role = role;
    this.#doubt = undefined;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#restartIfGone(), WATCH_MS);
    this.#watch.unref();
  }

  /** From here on it is not. */
  async #pause(): Promise<void> {
    this.#role = undefined;
    clearInterval(this.#watch);
    await this.#restarting;
  }

  /** Ends the process and waits until it is gone. */
  async #end(): Promise<void> {
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    if (!(await this.#isOurs(this.#pid))) return;
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

  async #picked(name: string): Promise<number> {
    const remembered = Number(await readFile(this.#file(name), "utf8").catch(() => "0"));
    if (remembered > 0) return remembered;
    const free = await freePort(this.#options.host);
    await writeFile(this.#file(name), String(free));
    return free;
  }

  /** Whether the process lives and is a nats-server with this folder's configuration. */
  async #isOurs(pid: number): Promise<boolean> {
    if (!Number.isInteger(pid) || pid <= 0) return false;
    if (this.#child?.pid === pid) return this.#child.exitCode === null && this.#child.signalCode === null;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.split("\0").includes(this.#file("nats.conf"));
  }

  async #spawn(role: ServerRole): Promise<void> {
    const program = await natsServerProgram();
    await this.#forgetPorts();
    // What an earlier run complained of is not what this one does.
    await rename(this.#file("nats-server.log"), this.#file("nats-server.log.previous")).catch(() => {});
    const ports = role.routes === undefined ? await this.#portsAlone() : await this.ports();
    await writeFile(this.#file("nats.conf"), serverConfiguration(this.#options, role, ports));
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

  /** The server itself can pick the port that it binds, where no other server has to be told before. */
  async #portsAlone(): Promise<{ client: number; route: number }> {
    const remembered = Number(await readFile(this.#file("port"), "utf8").catch(() => "0"));
    return { client: this.#port > 0 ? this.#port : remembered, route: 0 };
  }

  async #waitForPort(child: ChildProcess): Promise<number> {
    const bound = await this.#awaitPort(async () => child.exitCode === null && child.signalCode === null);
    if (bound !== undefined) return bound;
    await this.#end();
    throw new ReelmeshError(
      "ENVIRONMENT",
      `nats-server did not come up on ${this.#options.host}:${this.#port}: ${await this.#lastWords()}; ` +
        "choose other ports with --nats-port and --route-port or another address with --listen, or use a server of yours with --nats",
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

  /** URL of its monitoring. */
  async #monitoring(): Promise<string | undefined> {
    const text = await readFile(this.#file(`nats-server_${this.#pid}.ports`), "utf8").catch(() => "");
    return /"monitoring":\s*\[\s*"([^"]*)"/.exec(text)?.[1];
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

  #restartIfGone(): void {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #restart(): Promise<void> {
    try {
      const role = this.#role;
      if (role === undefined) return;
      if (await this.#isOurs(this.#pid)) {
        const reason = (await this.#health.problem(await this.#monitoring())) ?? this.#doubt;
        if (reason === undefined) return;
        this.#options.report("nats-server is started again", { pid: this.#pid, reason });
        await this.#end();
      } else this.#options.report("nats-server is gone, starting it again", { pid: this.#pid });
      this.#doubt = undefined;
      await this.#spawn(role);
    } catch (error) {
      this.#options.report("nats-server did not start", { error });
    }
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
