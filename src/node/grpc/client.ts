import { type ChannelCredentials, type ChannelOptions, Client, type ServiceError } from "@grpc/grpc-js";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import { onAbort } from "../../core/on-abort.js";
import { fromServiceError } from "./errors.js";

/** Largest message that either side takes, in bytes: blobs never travel by gRPC. */
export const MESSAGE_LIMIT = 4 * 1024 * 1024;

/** How soon a dead connection is noticed: a ping when nothing came for 10 s, and 5 s to answer it. */
export const KEEPALIVE: ChannelOptions = { "grpc.keepalive_time_ms": 10_000, "grpc.keepalive_timeout_ms": 5_000 };

const CHANNEL_OPTIONS: ChannelOptions = {
  ...KEEPALIVE,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.max_send_message_length": MESSAGE_LIMIT,
  "grpc.max_receive_message_length": MESSAGE_LIMIT,
  // Peers are asked directly, whatever http_proxy says.
  "grpc.enable_http_proxy": 0,
  // Connections belong to this channel alone, and so go with it.
  "grpc.use_local_subchannel_pool": 1,
};

/** What a call needs of a method; every method of `services` in ../proto.ts is one, with its types. */
export interface Method<Request, Response> {
  path: string;
  requestSerialize(request: Request): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

export interface CallOptions {
  /** The call fails as UNAVAILABLE when it has not ended after this many milliseconds. */
  deadlineMs: number;
  /** Ends the call, which then fails as ABORTED. */
  signal?: AbortSignal;
}

/** Calls to peers by address ("host:port"), over one channel a peer that is opened at the first call. */
export interface PeerClients {
  /**
   * A call with one answer, for example `call(peer, services.Node.GetStatus, {}, { deadlineMs: 2_000 })`.
   * Throws what the handler threw; UNAVAILABLE when the peer cannot be reached or does not answer in time.
   */
  call<Request, Response>(
    address: string,
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response>;
  /** A call with a stream of answers, which is ended when the loop over it is left. Throws like `call`. */
  stream<Request, Response>(
    address: string,
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): AsyncIterable<Response>;
  /** Ends every call and closes every channel; later calls fail as ABORTED. */
  close(): void;
}

export function createPeerClients(credentials: ChannelCredentials): PeerClients {
  const channels = new Map<string, Client>();
  const closing = new AbortController();

  function channelTo(address: string): Client {
    let channel = channels.get(address);
    if (channel === undefined) {
      channel = new Client(address, credentials, CHANNEL_OPTIONS);
      channels.set(address, channel);
    }
    return channel;
  }

  return {
    async call(address, method, request, options) {
      const watch = watchAborts(method.path, closing.signal, options.signal);
      try {
        return await unary(channelTo(address), address, method, request, options.deadlineMs, watch);
      } finally {
        watch.release();
      }
    },
    async *stream(address, method, request, options) {
      const watch = watchAborts(method.path, closing.signal, options.signal);
      try {
        yield* serverStream(channelTo(address), address, method, request, options.deadlineMs, watch);
      } finally {
        watch.release();
      }
    },
    close() {
      closing.abort();
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}

function unary<Request, Response>(
  channel: Client,
  address: string,
  method: Method<Request, Response>,
  request: Request,
  deadlineMs: number,
  watch: AbortWatch,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = method;
    const deadline = Date.now() + deadlineMs;
    const answer = (error: ServiceError | null, response?: Response) => {
      if (error !== null) reject(watch.aborted() ?? fromServiceError(error, address));
      else resolve(response as Response);
    };
    const call = channel.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, answer);
    watch.onAbort(() => call.cancel());
  });
}

async function* serverStream<Request, Response>(
  channel: Client,
  address: string,
  method: Method<Request, Response>,
  request: Request,
  deadlineMs: number,
  watch: AbortWatch,
): AsyncGenerator<Response> {
  const { path, requestSerialize, responseDeserialize } = method;
  const deadline = Date.now() + deadlineMs;
  const call = channel.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, { deadline });
  // The status of a stream that is left early comes when nobody iterates any more.
  call.on("error", () => {});
  watch.onAbort(() => call.cancel());
  try {
    for await (const response of call) yield response;
  } catch (error) {
    throw watch.aborted() ?? (isServiceError(error) ? fromServiceError(error, address) : toReelmeshError(error));
  } finally {
    call.cancel();
  }
}

/** The pool's closing and the caller's signal as one, without listeners left on either after the call. */
interface AbortWatch {
  onAbort(stop: () => void): void;
  aborted(): ReelmeshError | undefined;
  release(): void;
}

/** Throws ABORTED when either signal is aborted already. */
function watchAborts(path: string, closing: AbortSignal, caller: AbortSignal | undefined): AbortWatch {
  const signals = caller === undefined ? [closing] : [closing, caller];
  let stop = () => {};
  const aborted = () =>
    signals.some((signal) => signal.aborted) ? new ReelmeshError("ABORTED", `${path} was stopped`) : undefined;
  const problem = aborted();
  if (problem !== undefined) throw problem;
  const forgets = signals.map((signal) => onAbort(signal, () => stop()));
  return {
    onAbort: (callback) => {
      stop = callback;
    },
    aborted,
    release: () => {
      for (const forget of forgets) forget();
    },
  };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}
