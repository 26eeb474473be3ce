/**
 * Whether the copy of the mesh log on this node's own NATS server is cut off from the others without knowing it. Of one
 * that is mute (mute-watch.ts) the copy gets every entry, and its acknowledgements get nowhere, or no copy is placed on
 * the server at all. The log then stands with the next server that goes. The other way round, a server may
 * acknowledge what its copy does not get, as with a condition that each copy judges for itself (docs/adr/0005), come to lead
 * one day, and cut the log off where its copy ends. So its copy is also compared with what this node has read of the log.
 * The links are made anew, and the copy is fetched again, when the server starts again.
 *
 *   well --behind and not catching up, or without a copy, for 30 s--> stuck
 *   well --the stream has no leader, though JetStream answers, for a minute and 15 s more a slot: a mute server would
 *          have been found out by then, and something else is wrong--> stuck
 *   stuck --(told once)--> well, with twice the patience, up to 16 times, until it was well in between
 */

/** What the leader, or JetStream while there is none, says of the stream; undefined when nobody answers. */
export interface StreamSight {
  leader: string;
  replicas: { server: string; current: boolean; lag: number }[];
}

/** What the leader says, and what the server itself holds: up to `end`, where the log reached `read` a while ago. */
export function withOwnCopy(
  stream: StreamSight | undefined,
  server: string,
  end: number | undefined,
  read: number,
): StreamSight | undefined {
  if (stream === undefined || end === undefined || end >= read) return stream;
  const replicas = stream.replicas.map((copy) =>
    copy.server === server ? { server, current: false, lag: Math.max(copy.lag, read - end) } : copy,
  );
  return { ...stream, replicas };
}

const BEHIND_MS = 30_000;
/** One server after another: the first that starts again may be the one that was lacking. */
const LEADERLESS_MS = 60_000;
const SLOT_MS = 15_000;
const MOST_PATIENCE = 16;

export class CopyWatch {
  /** Since when nothing has got better, in milliseconds of the caller's clock, and the entries that were lacking then. */
  #worse: { since: number; lag: number; led: boolean } | undefined;

  /** By how much longer it waits, since starting again has not helped. */
  #patience = 1;

  /** Looks at the stream; true when the server in that slot, of that name, should be started again. */
  isStuck(now: number, stream: StreamSight | undefined, { slot, server }: { slot: number; server: string }): boolean {
    const own = stream?.replicas.find((copy) => copy.server === server);
    const led = stream !== undefined && stream.leader !== "";
    if (stream === undefined || (led && own?.current)) {
      if (led) this.#patience = 1;
      this.#worse = undefined;
      return false;
    }
    const lag = own?.lag ?? Number.MAX_SAFE_INTEGER;
    const worse = this.#worse;
    const isNews = worse === undefined || worse.led !== led || (led && lag < worse.lag);
    if (isNews) this.#worse = { since: now, lag, led };
    else if (now - worse.since >= (led ? BEHIND_MS : LEADERLESS_MS + slot * SLOT_MS) * this.#patience) {
      this.#worse = undefined;
      this.#patience = Math.min(MOST_PATIENCE, 2 * this.#patience);
      return true;
    }
    return false;
  }
}
