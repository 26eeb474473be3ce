/** Row 23: a thousand viewers who keep their connections and do next to nothing with them. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { TestNode } from "../../support/node.js";
import { until } from "../../support/until.js";
import { endsWell, holdings, servesTheManifest, wentBack } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

const CLIENTS = 1_000;
/** Answers that one who reads nothing has asked for: some megabytes, more than sockets hold for it. */
const ASKED = 16;
const DRIP_MS = 1_000;
/** What the node may take for them: a buffer of some kilobytes each, and what the heap keeps. */
const BYTES_A_CLIENT = 256 * 1024;

type Kind = "idle" | "dripping" | "deaf";

/** Whoever is cut off comes again, until `stop`. */
class Clients {
  readonly #sockets = new Set<Socket>();
  readonly #node: TestNode;
  readonly #path: string;
  #stopped = false;

  constructor(node: TestNode, path: string) {
    this.#node = node;
    this.#path = path;
    const kinds: Kind[] = ["idle", "dripping", "deaf"];
    for (let number = 0; number < CLIENTS; number++) this.#come(kinds[number % kinds.length] as Kind);
  }

  /** How many are connected. */
  get count(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === "open").length;
  }

  stop(): void {
    this.#stopped = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #come(kind: Kind): void {
    if (this.#stopped) return;
    const [host, port] = this.#node.http.split(":");
    const socket = connect(Number(port), host);
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    if (kind === "deaf") {
      socket.pause();
      socket.write(`GET ${this.#path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(ASKED));
    } else socket.resume();
    const drip = kind === "dripping" ? this.#drip(socket) : undefined;
    socket.on("close", () => {
      clearInterval(drip);
      this.#sockets.delete(socket);
      this.#come(kind);
    });
  }

  #drip(socket: Socket): NodeJS.Timeout {
    socket.write("GET /assets HTTP/1.1\r\nX: ");
    return setInterval(() => socket.write("a"), DRIP_MS);
  }
}

/** The largest script of the page that plays the asset, once there is something to be played. */
async function largeFile(node: TestNode, { asset }: TestJob): Promise<string> {
  const page = async () => {
    const response = await fetch(`http://${node.http}/watch/${asset}`);
    return response.ok ? response.text() : undefined;
  };
  const scripts = (await until(page, "the beginning can be played", 120_000)).matchAll(/<script[^>]* src="([^"]+)"/g);
  const sizes = new Map<string, number>();
  for (const [, path = ""] of scripts) {
    const { headers } = await fetch(`http://${node.http}${path}`, {
      method: "HEAD",
      headers: { "Accept-Encoding": "" },
    });
    sizes.set(path, Number(headers.get("content-length")));
  }
  const [path, bytes] = [...sizes].sort(([, one], [, other]) => other - one)[0] ?? ["", 0];
  assert.ok(bytes * ASKED > 4 * 2 ** 20, `${path} has ${bytes} bytes only`);
  return path;
}

/** Others are served by that node, and the mesh goes on. */
async function goesOnBeside(scene: Scene, node: TestNode, job: TestJob): Promise<void> {
  for (const path of ["/healthz", "/assets", `/assets/${job.asset}/master.m3u8`]) {
    assert.equal((await fetch(`http://${node.http}${path}`)).status, 200, path);
  }
  await scene.status(node);
}

export const slowClients: Row = {
  number: 23,
  title: "a thousand idle or very slow HTTP clients",
  play: (full) =>
    inScene({ nodes: 2, chunkSeconds: 3 }, async (scene) => {
      const job = await scene.submit();
      const node = scene.coordinator();
      const path = await largeFile(node, job);
      const held = await holdings(scene);
      const clients = new Clients(node, path);
      try {
        await until(async () => clients.count >= CLIENTS * 0.9 || undefined, "the clients are connected");
        await goesOnBeside(scene, node, job);
        await endsWell(scene, job, node);
        if (full) await delay(60_000);
        await goesOnBeside(scene, node, job);
        await servesTheManifest(scene, job);
        const before = held.get(node)?.before.resident ?? 0;
        const taken = (await node.resources()).resident - before;
        assert.ok(taken < CLIENTS * BYTES_A_CLIENT, `G: ${taken} bytes for ${CLIENTS} clients`);
      } finally {
        clients.stop();
      }
      await wentBack(scene, held);
    }),
};
