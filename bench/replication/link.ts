/** A network link of a node: what leaves through it shares so many bytes a second, over all connections. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Link {
  /** host:port in front of the listener. */
  address: string;
  close(): Promise<void>;
}

export async function openLink(port: number, bytesASecond: number): Promise<Link> {
  let freeAt = performance.now();
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(port, "127.0.0.1");
    for (const socket of [client, behind]) {
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
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
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
