/**
 * The network links of nodes, in a process of their own so that their work is not the nodes': what leaves through one
 * shares so many bytes a second, over all connections.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FromNode, ToNode } from "./messages.js";

process.on("message", (message: ToNode) => void hear(message));

async function hear(message: ToNode): Promise<void> {
  if (message.kind === "link") {
    process.send?.({ kind: "linked", address: await openLink(message.to, message.bytesASecond) } satisfies FromNode);
  } else if (message.kind === "stop") process.exit();
}

/** Returns the host:port in front of a listener. */
async function openLink(to: string, bytesASecond: number): Promise<string> {
  let freeAt = performance.now();
  const server = createServer((client) => {
    const behind = connect(Number(to.split(":")[1]), "127.0.0.1");
    for (const socket of [client, behind]) {
      socket.once("close", () => {
        client.destroy();
        behind.destroy();
      });
      socket.on("error", () => undefined);
    }
    client.pipe(behind);
    void carry(behind, client).catch(() => client.destroy());
  });

  /** Each piece takes its time on the link, behind those of the other connections. */
  async function carry(from: Socket, to: Socket): Promise<void> {
    for await (const piece of from) {
      const now = performance.now();
      freeAt = Math.max(freeAt, now) + ((piece as Buffer).length / bytesASecond) * 1000;
      if (freeAt - now > 1) await delay(freeAt - now);
      if (!to.write(piece)) await once(to, "drain");
    }
    to.end();
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
