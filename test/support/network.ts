/**
 * Machines with a network of their own on this one: network namespaces, each with one end of a veth pair whose other end
 * is on a bridge. Needs root. What is made is removed with the network, and at the latest when this process ends.
 */
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import type { NodeHost } from "./node.js";

const run = promisify(execFile);
const ip = (...words: string[]) => run("ip", words);

/** Start of the name of everything that this process makes; at most 15 characters remain for a device's name. */
export const networkPrefix = `rmc${process.pid.toString(36)}-`;
/** Frames for this address arrive nowhere. */
const NOBODY = "02:00:00:00:de:ad";

/** Whether this process may make namespaces. */
export const canMakeNetworks = process.getuid?.() === 0;

let count = 0;
const namespaces = new Set<string>();
const bridges = new Set<string>();

process.once("exit", () => {
  for (const name of namespaces) removeNow("netns", "del", name);
  for (const name of bridges) removeNow("link", "del", name);
});

function removeNow(...words: string[]): void {
  try {
    execFileSync("ip", words, { stdio: "ignore" });
  } catch {
    // It is gone already.
  }
}

/** One machine. A cut loses frames silently, as a pulled plug does. */
export class Host implements NodeHost {
  readonly address: string;
  readonly command: string[];
  readonly #namespace: string;
  readonly #device: string;
  readonly #bridge: string;

  constructor(namespace: string, bridge: string, address: string) {
    this.#namespace = namespace;
    this.#device = `${namespace}v`;
    this.#bridge = bridge;
    this.address = address;
    this.command = ["ip", "netns", "exec", namespace];
  }

  async make(): Promise<void> {
    await ip("netns", "add", this.#namespace);
    namespaces.add(this.#namespace);
    await ip("link", "add", this.#device, "type", "veth", "peer", "name", "eth0", "netns", this.#namespace);
    await this.#inside("addr", "add", `${this.address}/24`, "dev", "eth0");
    await this.#inside("link", "set", "lo", "up");
    await this.#inside("link", "set", "eth0", "up");
    await ip("link", "set", this.#device, "up");
    await this.heal();
  }

  #inside(...words: string[]): Promise<unknown> {
    return ip("-n", this.#namespace, ...words);
  }

  /** Nobody hears it, and it hears nobody. */
  async cut(): Promise<void> {
    await ip("link", "set", this.#device, "nomaster");
  }

  async heal(): Promise<void> {
    await ip("link", "set", this.#device, "master", this.#bridge);
  }

  /** What it says does not reach the other; what the other says reaches it. */
  async loseWordsTo(other: Host): Promise<void> {
    const words = [other.address, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent"];
    await this.#inside("neigh", "replace", ...words);
  }

  async findWordsTo(other: Host): Promise<void> {
    await this.#inside("neigh", "del", other.address, "dev", "eth0");
  }

  async remove(): Promise<void> {
    // The kernel takes a namespace down some time after it was deleted: the cable goes at once.
    await ip("link", "del", this.#device);
    await ip("netns", "del", this.#namespace);
    namespaces.delete(this.#namespace);
  }
}

export class Network {
  /** Where this process itself is found by the machines. */
  readonly address: string;
  readonly #bridge: string;
  readonly #subnet: string;
  readonly #hosts: Host[] = [];

  private constructor(number: number) {
    this.#bridge = `${networkPrefix}b${number}`;
    // A range of private addresses for each process, and one of its networks in each.
    this.#subnet = `10.${64 + (process.pid % 160)}.${((process.pid >> 7) * 7 + number) % 250}`;
    this.address = `${this.#subnet}.254`;
  }

  static async make(): Promise<Network> {
    const network = new Network(count++);
    const bridge = network.#bridge;
    await ip("link", "add", bridge, "type", "bridge");
    bridges.add(bridge);
    await ip("addr", "add", `${network.address}/24`, "dev", bridge);
    await ip("link", "set", bridge, "up");
    return network;
  }

  async host(): Promise<Host> {
    const number = this.#hosts.length + 1;
    const host = new Host(`${networkPrefix}${count++}`, this.#bridge, `${this.#subnet}.${number}`);
    this.#hosts.push(host);
    await host.make();
    return host;
  }

  async remove(): Promise<void> {
    for (const host of this.#hosts.splice(0)) await host.remove();
    await ip("link", "del", this.#bridge);
    bridges.delete(this.#bridge);
  }
}
