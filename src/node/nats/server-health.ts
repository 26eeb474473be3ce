/** Notices a member of a cluster that has lost touch with the others' JetStream and does not find back by itself. */

const ASK_MS = 1_000;
/** A member that starts is behind for a second or two. */
const STUCK_MS = 20_000;
const BEHIND = "not current with the meta leader";

export class ServerHealth {
  #behindSince: number | undefined;

  /**
   * True when the server has been behind its cluster's leader for so long that it should be started again. Having no
   * leader is something else, and no restart helps. `url`: of its monitoring.
   */
  async isStuck(url: string | undefined): Promise<boolean> {
    if (url === undefined || !(await isBehind(url))) {
      this.#behindSince = undefined;
      return false;
    }
    this.#behindSince ??= performance.now();
    if (performance.now() - this.#behindSince < STUCK_MS) return false;
    this.#behindSince = undefined;
    return true;
  }
}

/**
 * Sequence of the last entry in a server's own copy of a stream; undefined when it has none or does not answer.
 * https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#jetstream-information
 */
export async function copyEnd(url: string, stream: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/jsz?accounts=true&streams=true`, { signal: AbortSignal.timeout(ASK_MS) });
    const { account_details = [] } = (await answer.json()) as Accounts;
    const copies = account_details.flatMap(({ stream_detail = [] }) => stream_detail);
    return copies.find(({ name }) => name === stream)?.state.last_seq;
  } catch {
    return undefined;
  }
}

interface Accounts {
  account_details?: { stream_detail?: { name: string; state: { last_seq: number } }[] }[];
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
