/** A process of bench/replication/node.ts or link.ts, and the talk with it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { FromNode, ToNode } from "./messages.js";

export class NodeProcess {
  readonly id: string;
  readonly #child: ChildProcess;

  constructor(id: string, program = new URL("./node.js", import.meta.url)) {
    this.id = id;
    this.#child = fork(program);
  }

  tell(message: ToNode): void {
    this.#child.send(message);
  }

  /** Says something and waits for the answer of that kind. */
  async ask<Kind extends FromNode["kind"]>(message: ToNode, kind: Kind): Promise<FromNode & { kind: Kind }> {
    const answer = this.hear(kind);
    this.#child.send(message);
    return answer;
  }

  async hear<Kind extends FromNode["kind"]>(kind: Kind): Promise<FromNode & { kind: Kind }> {
    for (;;) {
      const ended = once(this.#child, "exit").then(([code]) => {
        throw new Error(`the process of ${this.id} ended with ${code}`);
      });
      const [message] = (await Promise.race([once(this.#child, "message"), ended])) as [FromNode];
      if (message.kind === kind) return message as FromNode & { kind: Kind };
    }
  }
}
