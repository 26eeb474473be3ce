/**
 * gRPC calls with one answer, straight over HTTP/2: a session for each simulated node, and nothing of a client library
 * beside it, so that one processor plays a thousand nodes. What goes over the wire is the same
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 */
import { type ClientHttp2Session, connect, constants } from "node:http2";
import type { Method } from "../../src/node/grpc/client.js";

/** A message's frame: one byte for its compression, four for its length. */
const FRAME = 5;
const PEER_GONE = "the coordinator is gone";

export class LeanClient {
  readonly #address: () => string | undefined;
  #session: ClientHttp2Session | undefined;
  #to = "";

  /** `address`: host:port of whoever coordinates now. */
  constructor(address: () => string | undefined) {
    this.#address = address;
  }

  /** Throws what the status says. */
  call<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const stream = this.#open().request({
        ":method": "POST",
        ":path": method.path,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const parts: Buffer[] = [];
      let status: string | undefined;
      const read = (headers: Record<string, unknown>) => {
        const code = headers["grpc-status"];
        if (code !== undefined)
          status = code === "0" ? "" : `${code}: ${decodeURIComponent(`${headers["grpc-message"]}`)}`;
      };
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("error", () => {});
      stream.on("close", () => {
        if (status === "") resolve(method.responseDeserialize(Buffer.concat(parts).subarray(FRAME)));
        else reject(new Error(status ?? PEER_GONE));
      });
      stream.end(framed(method.requestSerialize(request)));
    });
  }

  /** To whoever coordinates now; calls to another one end with an error. */
  #open(): ClientHttp2Session {
    const address = this.#address();
    if (address === undefined) throw new Error(PEER_GONE);
    const usable = this.#session !== undefined && !this.#session.closed && !this.#session.destroyed;
    if (usable && address === this.#to) return this.#session as ClientHttp2Session;
    this.#session?.destroy(undefined, constants.NGHTTP2_CANCEL);
    const session = connect(`http://${address}`);
    session.on("error", () => {});
    this.#session = session;
    this.#to = address;
    return session;
  }
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(FRAME + message.length);
  frame.writeUInt8(0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, FRAME);
  return frame;
}
