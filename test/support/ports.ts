/** Ports that a node keeps over its lives: below those that the system gives to outgoing connections. */
import { once } from "node:events";
import { createServer } from "node:net";

/** So many test processes may run at once (.mocharc.json), each with ports of its own: those of a node that is down look free. */
export const PROCESSES = 8;
const COUNT = 2_750;
const FIRST = 10_240 + (Number(process.env["MOCHA_WORKER_ID"] ?? 0) % PROCESSES) * COUNT;

let next = (process.pid * 64) % COUNT;

/** Ports that nobody listens on, at any address of this machine. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "0.0.0.0");
  try {
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}
