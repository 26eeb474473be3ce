/**
 * gRPC between virtual nodes: the real handlers and the real client's adapters, with a network between them that loses
 * requests and answers, repeats requests, and tells a caller nothing when the way is cut.
 */
import { EventEmitter } from "node:events";
import { ReelmeshError } from "../../src/core/errors.js";
import type { CallOptions, Method, PeerClients } from "../../src/node/grpc/client.js";
import { fromServiceError } from "../../src/node/grpc/errors.js";
import type { GrpcService } from "../../src/node/grpc/server.js";
import type { Network } from "./network.js";
import type { Random } from "./random.js";
import type { Process, VirtualTime } from "./virtual-time.js";

/** A dead connection is found out by its keepalive. */
const KEEPALIVE_MS = 15_000;

interface WireMethod extends Method<unknown, unknown> {
  requestDeserialize(bytes: Buffer): unknown;
  responseSerialize(response: unknown): Buffer;
}

type Handler = (call: unknown, callback: (error: unknown, response?: unknown) => void) => void;

/** What listens at a place at present. */
export interface Listener {
  process: Process;
  services: GrpcService[];
}

interface Components {
  time: VirtualTime;
  network: Network;
  random: Random;
  listeners: Map<string, Listener>;
  /** Told of every answer that a handler gives, before the network has it. */
  answered(place: string, path: string, request: unknown, response: unknown): void;
}

export class VirtualCalls {
  readonly #parts: Components;

  constructor(parts: Components) {
    this.#parts = parts;
  }

  clientsOf(place: string, process: Process): PeerClients {
    return {
      call: (address, method, request, options) =>
        new Promise((resolve, reject) => {
          if (!process.alive) return;
          new Call(this.#parts, place, address, process, options).ask(
            method as unknown as WireMethod,
            request,
            resolve as (response: unknown) => void,
            reject,
          );
        }),
      stream: () => {
        throw new ReelmeshError("INTERNAL", "the simulator has no streams");
      },
      close: () => {},
    };
  }
}

class Call {
  readonly #parts: Components;
  readonly #from: string;
  readonly #to: string;
  readonly #process: Process;
  readonly #options: CallOptions;
  readonly #serverSides = new Set<ServerSide>();
  readonly #watches: (() => void)[] = [];
  #open = true;

  constructor(parts: Components, from: string, to: string, process: Process, options: CallOptions) {
    this.#parts = parts;
    this.#from = from;
    this.#to = to;
    this.#process = process;
    this.#options = options;
  }

  ask(
    method: WireMethod,
    request: unknown,
    resolve: (response: unknown) => void,
    reject: (error: Error) => void,
  ): void {
    const { time, network, random } = this.#parts;
    const { deadlineMs, signal } = this.#options;
    const end = (settle: () => void) => {
      if (!this.#open) return;
      this.#open = false;
      for (const unwatch of this.#watches) unwatch();
      cancelDeadline();
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const giveUp = (error: ReelmeshError) => {
      end(() => reject(error));
      for (const side of this.#serverSides) network.send(this.#from, this.#to, side.process, () => side.cancel());
    };
    const abort = () => giveUp(new ReelmeshError("ABORTED", `${method.path} was stopped`));
    const cancelDeadline = time.after(deadlineMs, () => giveUp(this.#unavailable("no answer in time")), this.#process);
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    const lost = () => {
      const noticed = Math.min(deadlineMs, random.between(0, KEEPALIVE_MS));
      time.after(noticed, () => giveUp(this.#unavailable("the connection is dead")), this.#process);
    };
    const answer = (error: unknown, response?: Buffer) =>
      network.send(
        this.#to,
        this.#from,
        this.#process,
        () => {
          if (error !== null) end(() => reject(fromServiceError(error as never, this.#to)));
          else end(() => resolve(method.responseDeserialize(response as Buffer)));
        },
        lost,
      );
    const bytes = method.requestSerialize(request);
    const deliver = () => this.#arrive(method, bytes, answer, () => giveUp(this.#unavailable("refused")));
    network.send(this.#from, this.#to, undefined, deliver, lost);
    // Claims are not repeated by anybody: a worker asks anew instead.
    if (!method.path.endsWith("Claim") && network.repeats()) network.send(this.#from, this.#to, undefined, deliver);
  }

  /** In the process that listens at the place now, if there is one. */
  #arrive(
    method: WireMethod,
    bytes: Buffer,
    answer: (error: unknown, response?: Buffer) => void,
    refused: () => void,
  ): void {
    const { time, network, listeners, answered } = this.#parts;
    const listener = listeners.get(this.#to);
    if (listener === undefined || !listener.process.alive) {
      network.send(this.#to, this.#from, this.#process, refused);
      return;
    }
    const { process, services } = listener;
    const name = method.path.slice(method.path.lastIndexOf("/") + 1);
    const handler = services.map(({ implementation }) => implementation[name]).find((one) => one !== undefined);
    const act = () => {
      // Who gives up takes the request back; what the network repeats is handled all the same.
      if (!this.#open && name === "Claim") return;
      const request = method.requestDeserialize(bytes);
      const side = new ServerSide(process, method.path, request);
      this.#serverSides.add(side);
      time.after(this.#options.deadlineMs, () => side.cancel(), process);
      (handler as unknown as Handler)(side, (error, response) => {
        side.ended = true;
        if (!process.alive) return;
        if (error === null) answered(this.#to, method.path, request, response);
        answer(error, error === null ? method.responseSerialize(response) : undefined);
      });
    };
    time.after(0, act, process);
    if (this.#open && this.#process.alive && this.#watches.length === 0) this.#watchDeaths(process, refused);
  }

  /** A process that dies takes its connections with it, which its peers hear of when there is a way. */
  #watchDeaths(server: Process, refused: () => void): void {
    const { network } = this.#parts;
    const serverDied = () => network.send(this.#to, this.#from, this.#process, refused);
    const callerDied = () => {
      this.#open = false;
      for (const unwatch of this.#watches) unwatch();
      for (const side of this.#serverSides) network.send(this.#from, this.#to, server, () => side.cancel());
    };
    this.#watches.push(server.onDeath(serverDied), this.#process.onDeath(callerDied));
  }

  #unavailable(why: string): ReelmeshError {
    return new ReelmeshError("UNAVAILABLE", `${this.#to}: ${why}`);
  }
}

/** As much of grpc-js's ServerUnaryCall as `unary` uses. */
class ServerSide extends EventEmitter {
  cancelled = false;
  ended = false;
  readonly request: unknown;
  readonly process: Process;
  readonly #path: string;

  constructor(process: Process, path: string, request: unknown) {
    super();
    this.process = process;
    this.#path = path;
    this.request = request;
  }

  cancel(): void {
    if (this.cancelled || this.ended || !this.process.alive) return;
    this.cancelled = true;
    this.emit("cancelled");
  }

  getPath(): string {
    return this.#path;
  }

  getDeadline(): number {
    return Number.POSITIVE_INFINITY;
  }
}
