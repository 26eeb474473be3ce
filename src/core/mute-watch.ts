/**
 * Whether this node's own NATS server is mute: linked with the others, and not heard by the leader of their cluster. One
 * that starts on a busy machine is so one time in fifty (nats-server 2.10.27, measured with three bare servers: 14 of 850
 * starts): it hears everything and knows who listens, and what its own groups answer is sent to nobody, for as long as
 * it runs. The cluster then does without it: a log of three copies cannot be made, or the copy here counts for nothing.
 * When it starts again it is heard.
 *
 *   heard --the leader's node has said for 3 s that it is not--> mute
 *   mute --(told once)--> heard, and what is said in the next 20 s is of its start
 */
const SAID_MS = 3_000;
/** Nodes speak once a second. */
const GONE_MS = 2_500;
const REST_MS = 20_000;

export class MuteWatch {
  /** Since when it has been said again and again, and when last, in milliseconds of the caller's clock. */
  #said: { since: number; last: number } | undefined;
  #restUntil = 0;

  /** To be called each time the leader's node says that it does not hear the server; true when it should be started again. */
  isMute(now: number): boolean {
    if (now < this.#restUntil) return false;
    const since = this.#said !== undefined && now - this.#said.last < GONE_MS ? this.#said.since : now;
    this.#said = { since, last: now };
    if (now - since < SAID_MS) return false;
    this.#said = undefined;
    this.#restUntil = now + REST_MS;
    return true;
  }
}
