/** A TCP proxy that does to connections what bad networks do. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Faults {
  /** Each piece of bytes is passed on this much later, in either direction; milliseconds. */
  delayMs: number;
  /** One connection in so many is reset after it has carried some bytes; 0: none. */
  resetOneIn: number;
  /** The answers of the listener behind the proxy do not arrive, while what it is asked does. */
  holdReplies: boolean;
  /** From the first answer on that has this, `holdReplies` is set. */
  holdFrom: RegExp | undefined;
  /** Answers come no faster than this over each connection; 0: as fast as they can. */
  bytesASecond: number;
}

interface Pair {
  client: Socket;
  server: Socket;
}

/** A connection that is to be reset is, after this many bytes. */
const RESET_AFTER_BYTES = 20_000;

export class TcpProxy {
  readonly faults: Faults = { delayMs: 0, resetOneIn: 0, holdReplies: false, holdFrom: undefined, bytesASecond: 0 };
  /** Connections so far, and those that were reset. */
  connections = 0;
  resets = 0;
  /** Bytes of answers that were passed on so far. */
  replied = 0;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  readonly #open = new Set<Socket>();

  private constructor(listener: Server) {
    this.#listener = listener;
  }

  /** Passes what arrives at one host on to the same port of another. */
  static async start(port: number, from: string, to: string): Promise<TcpProxy> {
    const listener = createServer({ allowHalfOpen: true });
    const proxy = new TcpProxy(listener);
    listener.on("connection", (client) => proxy.#carry(client, connect({ port, host: to, allowHalfOpen: true })));
    listener.listen(port, from);
    await once(listener, "listening");
    return proxy;
  }

  /** Ends every connection at once, and with it whatever was held back. */
  resetAll(): void {
    for (const pair of [...this.#pairs]) reset(pair);
  }

  async stop(): Promise<void> {
    this.#listener.close();
    for (const socket of this.#open) socket.destroy();
    await once(this.#listener, "close");
  }

  #carry(client: Socket, server: Socket): void {
    this.connections++;
    const pair = { client, server };
    const { resetOneIn } = this.faults;
    const doomed = resetOneIn > 0 && this.connections % resetOneIn === 0;
    this.#pairs.add(pair);
    for (const socket of [client, server]) {
      this.#open.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => {
        this.#open.delete(socket);
        this.#pairs.delete(pair);
      });
      // Whatever happens to one side, happens to the other.
      socket.on("error", () => reset(pair));
    }
    this.#pump(pair, client, server, doomed, () => false);
    this.#pump(pair, server, client, doomed, (bytes) => this.#isHeld(bytes));
    this.#slowDown(server);
  }

  #isHeld(bytes: Buffer): boolean {
    const { faults } = this;
    faults.holdReplies ||= faults.holdFrom?.test(bytes.toString("latin1")) ?? false;
    return faults.holdReplies;
  }

  /** What is not read here waits at the listener behind the proxy. */
  #slowDown(server: Socket): void {
    let timer: NodeJS.Timeout | undefined;
    server.on("data", (bytes) => {
      this.replied += bytes.length;
      const { bytesASecond } = this.faults;
      if (bytesASecond === 0) return;
      server.pause();
      timer = setTimeout(() => server.resume(), (bytes.length / bytesASecond) * 1000);
    });
    server.once("close", () => clearTimeout(timer));
  }

  #pump(pair: Pair, from: Socket, to: Socket, doomed: boolean, held: (bytes: Buffer) => boolean): void {
    let carried = 0;
    let lost = false;
    let last: Promise<void> = Promise.resolve();
    from.on("data", (bytes) => {
      carried += bytes.length;
      if (doomed && carried > RESET_AFTER_BYTES) {
        this.resets++;
        return reset(pair);
      }
      // What is lost does not come later, and nothing after it does: such a connection ends by a reset.
      lost ||= held(bytes);
      if (lost) return;
      const due = performance.now() + this.faults.delayMs;
      last = last.then(() => pass(bytes, to, due));
    });
    from.once("end", () => {
      if (!lost) void last.then(() => to.end());
    });
  }
}

async function pass(bytes: Buffer, to: Socket, due: number): Promise<void> {
  const wait = due - performance.now();
  if (wait > 0) await delay(wait);
  if (!to.destroyed) to.write(bytes);
}

/**
 * A socket that is closing already keeps its handle when it is reset besides, and so does one that has ended its side:
 * libuv refuses to reset it, Node takes it for closed, and the process spins at its end, waiting for it.
 */
function reset({ client, server }: Pair): void {
  for (const socket of [client, server]) {
    if (socket.writableEnded) socket.destroy();
    else if (!socket.destroyed) socket.resetAndDestroy();
  }
}
