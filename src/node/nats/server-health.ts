/** Notices a server that runs and is of no use any more, and does not find back by itself: see also src/core/mute-watch.ts. */

const ASK_MS = 1_000;
/** A member that starts is behind for a second or two. */
const STUCK_MS = 20_000;
const BEHIND = "not current with the meta leader";
/** It is asked this often, and waited for this long when it is about its streams; then a machine is more than busy. */
const LOOK_MS = 5_000;
const ANSWER_MS = 3_000;
const SILENT_MS = 15_000;
/** A cluster's leader hears the others every second, and takes in a server that has just been linked in one or two. */
const LINKED_MS = 5_000;
/** Without a leader somebody asks for votes after 4 to 9 s: https://github.com/nats-io/nats-server/blob/v2.10.27/server/raft.go */
const ELECTED_MS = 12_000;

export class ServerHealth {
  readonly #behind = new Spell(STUCK_MS);
  readonly #silent = new Spell(SILENT_MS);
  #lookAt = 0;

  /**
   * Why the server should be started again: it has been behind its cluster's leader for long, or its JetStream has not
   * answered for long. Having no leader is something else. `url`: of its monitoring. To be called again and again.
   */
  async problem(url: string | undefined): Promise<string | undefined> {
    if (url === undefined) {
      this.#behind.end();
      this.#silent.end();
      return undefined;
    }
    const now = performance.now();
    if (now < this.#lookAt) return undefined;
    this.#lookAt = now + LOOK_MS;
    if (this.#behind.isOver(await isBehind(url), now)) return "it does not keep up with its cluster";
    return this.#silent.isOver(!(await answers(url)), now) ? "its JetStream does not answer" : undefined;
  }
}

/** For how long something has been so. */
class Spell {
  readonly #ms: number;
  #since: number | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Whether it has been so for as long as it may, since a call at `at`; told once, then it begins anew. */
  isOver(isSo: boolean, at: number): boolean {
    if (isSo) this.#since ??= at;
    else this.end();
    if (this.#since === undefined || performance.now() - this.#since < this.#ms) return false;
    this.end();
    return true;
  }

  end(): void {
    this.#since = undefined;
  }
}

/**
 * Whether a server can say how each of its streams is, and each reader of them: for that it takes the locks that it writes
 * and delivers with. One (2.10.27) was seen to take heartbeats on while its stream took nothing for eight minutes, and
 * nobody could read it or lead: goroutines that wait for each other's locks (nats-server's pull request 6933 mends one such
 * pair, of a purge and a new reader) wait for ever.
 */
async function answers(url: string): Promise<boolean> {
  try {
    const everything = `${url}/jsz?accounts=true&streams=true&consumers=true`;
    const answer = await fetch(everything, { signal: AbortSignal.timeout(ANSWER_MS) });
    // It has been asked when the answer begins; of a thousand readers it would be long.
    await answer.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/**
 * Names of the servers that are linked with this one, of that name, for some time and that it has not heard since then: as
 * their leader, or in the groups of its streams that have no leader as their cluster has none, where each asks for votes or
 * gives its own. None when another leads, or when nobody answers. A leader that hears none of several is in doubt itself.
 * https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#route-information
 */
export async function unheard(url: string, name: string): Promise<string[]> {
  try {
    const { meta_cluster: meta } = await ask<Jetstream>(`${url}/jsz`);
    const leads = meta?.leader === name;
    if (meta?.leader && !leads) return [];
    const groups = leads ? [meta] : await leaderlessGroups(url);
    const peers = groups.flatMap(({ replicas = [] }) => replicas);
    const { now, routes = [] } = await ask<Routes>(`${url}/routez`);
    const links = routes.map(({ remote_name: other, start }) => ({ other, ms: Date.parse(now) - Date.parse(start) }));
    const isHeard = ({ other, ms }: Link) =>
      peers.some((peer) => peer.name === other && peer.active > 0 && peer.active / 1e6 < ms);
    if (leads && links.length > 1 && !links.some(isHeard)) return [];
    const isDue = ({ other, ms }: Link) =>
      leads ? ms > LINKED_MS : ms > ELECTED_MS && peers.some((peer) => peer.name === other);
    return links.filter((link) => isDue(link) && !isHeard(link)).map(({ other }) => other);
  } catch {
    return [];
  }
}

async function leaderlessGroups(url: string): Promise<Group[]> {
  return (await streamsOf(url)).flatMap(({ cluster }) => (cluster === undefined || cluster.leader ? [] : [cluster]));
}

/** Sequence of the last entry in a server's own copy of a stream; undefined when it has none or does not answer. */
export async function copyEnd(url: string, stream: string): Promise<number | undefined> {
  try {
    return (await streamsOf(url)).find(({ name }) => name === stream)?.state.last_seq;
  } catch {
    return undefined;
  }
}

/** https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#jetstream-information */
interface Jetstream {
  meta_cluster?: Group;
  account_details?: { stream_detail?: Stream[] }[];
}

interface Stream {
  name: string;
  state: { last_seq: number };
  cluster?: Group;
}

interface Group {
  leader?: string;
  /** `active`: nanoseconds since the peer was heard; 0: never. */
  replicas?: { name: string; active: number }[];
}

interface Routes {
  now: string;
  routes?: { remote_name: string; start: string }[];
}

/** To a server, and for how long. */
interface Link {
  other: string;
  ms: number;
}

/** The copies of streams that a server holds. */
async function streamsOf(url: string): Promise<Stream[]> {
  const { account_details = [] } = await ask<Jetstream>(`${url}/jsz?accounts=true&streams=true`);
  return account_details.flatMap(({ stream_detail = [] }) => stream_detail);
}

async function ask<T>(url: string): Promise<T> {
  return (await (await fetch(url, { signal: AbortSignal.timeout(ASK_MS) })).json()) as T;
}

/** https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#health */
async function isBehind(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ASK_MS) });
    return !answer.ok && (await answer.text()).includes(BEHIND);
  } catch {
    return false;
  }
}
