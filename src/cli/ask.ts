import { meshCredentials } from "../node/credentials.js";
import { createPeerClients, type Method, type PeerClients } from "../node/grpc/client.js";

/** How long a node has for a plain question, in milliseconds: it may have to ask the coordinator. */
export const ANSWER_MS = 15_000;

/** Gives the work clients that are closed when it ends, however it ends. */
export async function withClients<T>(work: (clients: PeerClients) => Promise<T>): Promise<T> {
  const clients = createPeerClients(meshCredentials().grpcChannel);
  try {
    return await work(clients);
  } finally {
    clients.close();
  }
}

/** One question to one node. */
export function ask<Request, Response>(
  node: string,
  method: Method<Request, Response>,
  request: Request,
): Promise<Response> {
  return withClients((clients) => clients.call(node, method, request, { deadlineMs: ANSWER_MS }));
}
