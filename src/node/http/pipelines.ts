/**
 * Requests of a connection of HTTP/1.1 are answered in turn. A client may send one before it has the last one's answer
 * (RFC 9112, section 9.3.2); if all were begun at once, each would hold its part of a file for one who may never read.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests that may wait for their turn: browsers and caches send one at a time. */
const MOST = 32;

interface Turn {
  response: ServerResponse;
  begin(): void;
}

const lines = new WeakMap<Socket, Turn[]>();

/** Begins the answer when those before it have been given, and never when the connection has gone before. */
export function inTurn(socket: Socket, response: ServerResponse, begin: () => void): void {
  const line = lines.get(socket) ?? lineOn(socket);
  if (line.length >= MOST || socket.destroyed) {
    socket.destroy();
    return;
  }
  line.push({ response, begin });
  response.once("close", () => {
    line.shift();
    if (!socket.destroyed) line[0]?.begin();
  });
  if (line.length === 1) begin();
}

function lineOn(socket: Socket): Turn[] {
  const line: Turn[] = [];
  lines.set(socket, line);
  socket.once("close", () => {
    // node:http tells only the answer that has the connection that it is gone; one may have begun that has it not yet.
    const [current] = line.splice(0);
    current?.response.destroy();
    current?.response.emit("close");
  });
  return line;
}
