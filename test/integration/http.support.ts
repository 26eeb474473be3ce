/** What the HTTP tests share: raw requests, and servers that misbehave. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Listener } from "../../src/node/http/listen.js";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A request whose path goes out exactly as it is written, over a connection of its own. */
export async function ask(
  address: string,
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answer> {
  const sent = request(`http://${address}`, { path, method, headers, agent: false });
  // A server that has answered may end the connection over the rest of a body.
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Sends bytes over a bare socket, closes the sending side and gives all that comes back. */
export async function askRaw(address: string, text: string): Promise<string> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connect(Number(port), hostname);
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** A server that answers as the test says. */
export async function rogue(listener: RequestListener): Promise<Listener> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { address: `127.0.0.1:${port}`, port, close };
}
