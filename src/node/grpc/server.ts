import { once } from "node:events";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { HealthImplementation, protoPath as healthProtoPath } from "grpc-health-check";
import { ReelmeshError } from "../../core/errors.js";
import { listenProblem } from "../listen-problem.js";
import { packageDefinition } from "../proto.js";
import { KEEPALIVE, MESSAGE_LIMIT } from "./client.js";
import { toStatus } from "./errors.js";
import { addReflection } from "./reflection.js";

/** How long `stop` waits for calls to end by themselves, in milliseconds. */
const GRACE_MS = 2_000;

/** What a handler knows of its call. */
export interface CallContext {
  /** Aborted when the caller has gone or its deadline has passed: nobody hears the answer any more. */
  readonly signal: AbortSignal;
  /** Whether that is so already. */
  readonly gone: boolean;
  /** Milliseconds since 1970; Infinity when the caller set none. */
  readonly deadline: number;
}

export interface GrpcService {
  definition: ServiceDefinition;
  /** Handlers wrapped by `unary` and `serverStream`; the generated *Handlers types say which there must be. */
  implementation: UntypedServiceImplementation;
}

export interface GrpcServerOptions {
  /** Address to listen on, for example "127.0.0.1". */
  host: string;
  /** 0 picks a free one. */
  port: number;
  credentials: ServerCredentials;
  services: GrpcService[];
}

export interface GrpcServer {
  /** "host:port" with the port that was bound. */
  address: string;
  /** Takes no new calls, lets those at work end for up to 2 s, then ends them. Safe to call twice. */
  stop(): Promise<void>;
}

/** A handler with one answer; whatever it throws reaches the caller as the same ReelmeshError. */
export function unary<Request, Response>(
  handler: (request: Request, context: CallContext) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await handler(call.request, new Context(call)));
    } catch (thrown) {
      callback(toStatus(thrown));
    }
  };
}

/** A handler with a stream of answers, asked for the next one only when the caller can take it. */
export function serverStream<Request, Response>(
  handler: (request: Request, context: CallContext) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return async (call) => {
    const context = new Context(call);
    try {
      for await (const response of handler(call.request, context)) {
        if (context.signal.aborted) return;
        if (!call.write(response)) await once(call, "drain", { signal: context.signal });
      }
      call.end();
    } catch (thrown) {
      // The way to end a stream with a status in grpc-js: its own listener takes the error and sends it.
      if (!context.signal.aborted) call.emit("error", toStatus(thrown));
    }
  };
}

/**
 * Listens, with the standard health service (grpc.health.v1, for "" and each service) and server reflection
 * (v1 and v1alpha) beside the given services. ENVIRONMENT when the port cannot be bound.
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server({
    ...KEEPALIVE,
    // Counters of every call for a debugging service that is not offered.
    "grpc.enable_channelz": 0,
    "grpc.max_send_message_length": MESSAGE_LIMIT,
    "grpc.max_receive_message_length": MESSAGE_LIMIT,
  });
  for (const { definition, implementation } of options.services) server.addService(definition, implementation);
  const names = ["", ...options.services.map(({ definition }) => serviceName(definition))];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, "SERVING"])));
  health.addToServer(server);
  addReflection(server, () => ({ ...packageDefinition, ...loadSync(healthProtoPath) }));

  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const port = await bind(server, `${host}:${options.port}`, options.credentials);
  let stopped: Promise<void> | undefined;
  return {
    address: `${host}:${port}`,
    stop() {
      stopped ??= shutDown(server, () => {
        for (const name of names) health.setStatus(name, "NOT_SERVING");
      });
      return stopped;
    },
  };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause === null) return resolve(port);
      const problem = `cannot listen on ${address} for gRPC: ${listenProblem(cause)}`;
      reject(new ReelmeshError("ENVIRONMENT", problem, { cause }));
    });
  });
}

function shutDown(server: Server, announce: () => void): Promise<void> {
  return new Promise((resolve) => {
    announce();
    const impatience = setTimeout(() => server.forceShutdown(), GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(impatience);
      resolve();
    });
  });
}

/** One for all calls: it is given at the end of each, and hardly ever looked at. */
const CALLER_GONE = new ReelmeshError("ABORTED", "the caller has gone");

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

class Context implements CallContext {
  readonly #call: AnyCall;
  #signal: AbortSignal | undefined;

  constructor(call: AnyCall) {
    this.#call = call;
  }

  get gone(): boolean {
    return this.#call.cancelled;
  }

  get deadline(): number {
    return Number(this.#call.getDeadline());
  }

  /** Made for the calls that look at it only: most are answered at once, hundreds a second. */
  get signal(): AbortSignal {
    this.#signal ??= this.#watch();
    return this.#signal;
  }

  #watch(): AbortSignal {
    const controller = new AbortController();
    const abort = () => controller.abort(CALLER_GONE);
    // Also emitted when the call has ended in good order, where nobody listens to the signal any more.
    this.#call.once("cancelled", abort);
    if (this.#call.cancelled) abort();
    return controller.signal;
  }
}

/** "reelmesh.v1.Node", from the path of any of its methods. */
function serviceName(definition: ServiceDefinition): string {
  return Object.values(definition)[0]?.path.split("/")[1] ?? "";
}
