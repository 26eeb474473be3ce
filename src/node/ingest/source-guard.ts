/**
 * Which addresses a source may be fetched from, so that nobody makes a node ask its own network (server-side request
 * forgery). Names are resolved here, and only what was checked is connected to: see guarded-get.ts.
 */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { ReelmeshError } from "../../core/errors.js";
import { showRemote } from "../../core/remote-source.js";

/** IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast (RFC 5771) and what is reserved (RFC 1112). */
const SPECIAL_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];
/** What is global unicast (RFC 4291), without what the IPv6 registry takes out of it: tunnels lead to IPv4. */
const GLOBAL_V6 = "2000::/3";
const SPECIAL_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"];
const DEFAULT_PORTS: Record<string, string> = { "https:": "443", "http:": "80" };

export interface Target {
  address: string;
  family: 4 | 6;
}

export class SourceGuard {
  readonly #names = new Set<string>();
  readonly #allowed = new BlockList();
  readonly #special = blockList([...SPECIAL_V4, ...SPECIAL_V6]);
  readonly #global = blockList([GLOBAL_V6]);

  /** `allowed`: names, addresses and networks (10.0.0.0/8) that may be asked whatever they are. INVALID_INPUT. */
  constructor(allowed: string[]) {
    for (const one of allowed) {
      if (one.includes("/") || isIP(one) !== 0) add(this.#allowed, one);
      else this.#names.add(one.toLowerCase());
    }
  }

  /** Where to connect to for this address. INVALID_INPUT when it must not be asked, UNAVAILABLE when it is not known. */
  async resolve(url: URL): Promise<Target[]> {
    const { protocol, port, hostname } = url;
    const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
    const targets = await find(host, url);
    const allowed = this.#names.has(host) || targets.every((target) => this.#isAllowed(target));
    if (allowed) return targets;
    const shown = showRemote(url);
    if (protocol !== "https:") throw refused(shown, host, "only https is");
    if (port !== "" && port !== DEFAULT_PORTS[protocol]) throw refused(shown, host, `port ${port} is not`);
    if (targets.every((target) => this.#isPublic(target) || this.#isAllowed(target))) return targets;
    throw refused(shown, host, "its address is not a public one, which is not");
  }

  #isAllowed({ address, family }: Target): boolean {
    return this.#allowed.check(address, family === 4 ? "ipv4" : "ipv6");
  }

  #isPublic({ address, family }: Target): boolean {
    if (family === 4) return !this.#special.check(address, "ipv4");
    return this.#global.check(address, "ipv6") && !this.#special.check(address, "ipv6");
  }
}

async function find(host: string, url: URL): Promise<Target[]> {
  try {
    const found = await lookup(host, { all: true });
    if (found.length > 0) return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ReelmeshError("UNAVAILABLE", `the host of ${showRemote(url)} cannot be found (${code})`, { cause });
  }
  throw new ReelmeshError("UNAVAILABLE", `the host of ${showRemote(url)} has no address`);
}

function refused(shown: string, host: string, reason: string): ReelmeshError {
  const next = `start the node with --allow-source ${host} where it is meant to`;
  return new ReelmeshError("INVALID_INPUT", `${shown} is not fetched: ${reason} allowed; ${next}`);
}

function blockList(networks: string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) add(list, network);
  return list;
}

function add(list: BlockList, network: string): void {
  const [address = "", prefix] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  try {
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN, family);
  } catch (cause) {
    const message = `"${network}" is neither a host nor a network such as 10.0.0.0/8`;
    throw new ReelmeshError("INVALID_INPUT", message, { cause });
  }
}
