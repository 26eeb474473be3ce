/**
 * Publishing to JetStream with its acknowledgement, as the library's own `publish` does, for hundreds a second: the
 * library makes an Error with its stack and several promises for each request, and writes each to the socket by itself.
 */
import { createInbox, type Msg, type MsgHdrs, type NatsConnection, NatsError } from "nats";

interface Acknowledgement {
  seq: number;
}

interface Answer extends Acknowledgement {
  error?: { code: number; err_code: number; description: string };
}

interface Outgoing {
  subject: string;
  bytes: Uint8Array;
  headers: MsgHdrs;
  /** Last word of the subject that the answer comes to. */
  place: string;
}

interface Waiting {
  resolve(acknowledgement: Acknowledgement): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
}

const NO_RESPONDERS = 503;

export class Publisher {
  readonly #connection: NatsConnection;
  readonly #inbox = createInbox();
  /** By the last word of the subject that the answer comes to. */
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;
  /** What goes out together, when this turn of the event loop is over. */
  readonly #outgoing: Outgoing[] = [];

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message);
      },
    });
    void connection.closed().then(() => {
      for (const place of [...this.#waiting.keys()]) this.#end(place)?.reject(new Error("the connection was closed"));
    });
  }

  /** NatsError, with JetStream's own where it refuses; an Error when there is no answer in time. */
  publish(subject: string, bytes: Uint8Array, headers: MsgHdrs, timeoutMs: number): Promise<Acknowledgement> {
    return new Promise((resolve, reject) => {
      const place = `${++this.#count}`;
      if (this.#outgoing.push({ subject, bytes, headers, place }) === 1) setImmediate(() => this.#send());
      const late = () => this.#end(place)?.reject(new Error("no answer in time"));
      this.#waiting.set(place, { resolve, reject, timer: setTimeout(late, timeoutMs) });
    });
  }

  /** One that cannot be sent is not answered either. */
  #send(): void {
    for (const { subject, bytes, headers, place } of this.#outgoing.splice(0)) {
      try {
        this.#connection.publish(subject, bytes, { headers, reply: `${this.#inbox}.${place}` });
      } catch (error) {
        this.#end(place)?.reject(error);
      }
    }
  }

  #answered({ subject, data, headers }: Msg): void {
    const waiting = this.#end(subject.slice(this.#inbox.length + 1));
    const answer = headers?.code === NO_RESPONDERS ? new NatsError("no responders", "503") : read(data);
    if (answer instanceof Error) waiting?.reject(answer);
    else waiting?.resolve(answer);
  }

  #end(place: string): Waiting | undefined {
    const waiting = this.#waiting.get(place);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(place);
    return waiting;
  }
}

/** What JetStream says of a message: that it has it, or why not. */
function read(data: Uint8Array): Acknowledgement | Error {
  try {
    const { error, seq } = JSON.parse(Buffer.from(data).toString()) as Answer;
    if (error === undefined) return { seq };
    return Object.assign(new NatsError(error.description, `${error.code}`), { api_error: error });
  } catch (cause) {
    return new Error("JetStream's answer cannot be read", { cause });
  }
}
