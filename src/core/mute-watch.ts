/**
 * Whether this node's own NATS server is mute: linked with the others, and not heard by them. One that starts on a busy
 * machine is so one time in fifty to a hundred: nats-server before 2.11 starts the sender of its Raft groups before it has
 * stored the account to send in (`newSendQ` in setSystemAccount, server/server.go). A sender that is quicker than that has
 * none, and sends to nobody for as long as the server runs: it hears everything and knows who listens, and no answer or
 * vote of it gets anywhere. Of three, the cluster does without it: a log of three copies cannot be made, or the copy here
 * counts for nothing; of two, nobody is elected. When it starts again it is heard.
 *
 *   heard --another server's node has said for 5 s that it is not--> mute
 *   mute --(told once)--> heard; what is said in the next 20 s is of its start. Where starting again does not help, it is
 *                         told after twice as long each time, up to 16 times, until nothing was said for five minutes
 */
/** Longer than a node repeats what it has seen once. */
const SAID_MS = 5_000;
/** Nodes speak once a second, and ask their servers every other; an answer may be missed. */
const GONE_MS = 5_000;
const REST_MS = 20_000;
const MOST_RESTS = 16;
const FORGIVEN_MS = 300_000;

export class MuteWatch {
  /** Since when it has been said again and again, and when last, in milliseconds of the caller's clock. */
  #said: { since: number; last: number } | undefined;
  #restUntil = 0;
  #rests = 1;

  /** To be called each time a node says that its own server does not hear this one; true when it should be started again. */
  isMute(now: number): boolean {
    if (now < this.#restUntil) return false;
    const since = this.#said !== undefined && now - this.#said.last < GONE_MS ? this.#said.since : now;
    this.#said = { since, last: now };
    if (now - since < SAID_MS) return false;
    if (now - this.#restUntil > FORGIVEN_MS) this.#rests = 1;
    this.#said = undefined;
    this.#restUntil = now + REST_MS * this.#rests;
    this.#rests = Math.min(MOST_RESTS, 2 * this.#rests);
    return true;
  }
}
