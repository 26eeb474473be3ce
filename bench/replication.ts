/**
 * How long it takes until four new nodes hold an asset of 1 GB in 700 files that one node has, against the time of one
 * plain HTTP copy of the same files to one place (node:http, four connections, an fsync a file). Everything is on one
 * machine: once as fast as that goes, which its processors and its one disk bound, since four times the bytes are
 * hashed and written; and once with a link a node that lets so many megabytes a second out, as machines have, where
 * copies must feed copies.
 *
 *   npm run bench:replication -- --megabytes 1000 --files 700 --link 25
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Made, ToNode } from "./replication/messages.js";
import { NodeProcess } from "./replication/process.js";

const NEW_NODES = 4;

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "1000" },
    files: { type: "string", default: "700" },
    link: { type: "string", default: "25" },
  },
});
const bytes = Number(values.megabytes) * 1e6;
const files = Number(values.files);

for (const link of [0, Number(values.link) * 1e6]) await compare(link);

async function compare(link: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
  try {
    const first = new NodeProcess("node-0");
    const make = { files, bytes };
    const { peer, made } = await first.ask(
      { kind: "start", id: first.id, folder: join(folder, first.id), link, make },
      "started",
    );
    if (made === undefined) throw new Error("nothing was made");
    const plain = await plainCopy(folder, peer, made);
    const spread = await replicate(folder, link, first, peer, made);
    const how = link === 0 ? "as fast as it goes" : `links of ${link / 1e6} MB/s`;
    console.log(`${how}, ${files} files, ${bytes / 1e6} MB`);
    console.log(`  one plain copy      ${plain.seconds.toFixed(1)} s, ${plain.cpu.toFixed(1)} s of processor time`);
    console.log(
      `  to ${NEW_NODES} new nodes      ${spread.seconds.toFixed(1)} s, ${spread.cpu.toFixed(1)} s of processor time in all; ` +
        `${(spread.seconds / plain.seconds).toFixed(2)} of the plain copy`,
    );
    console.log(
      `  the first node gave ${spread.served} files, of ${NEW_NODES * files} that came; ${(spread.bytes / bytes).toFixed(2)} times the asset was carried`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function plainCopy(folder: string, from: string, made: Made): Promise<{ seconds: number; cpu: number }> {
  const copier = new NodeProcess("plain copy");
  const target = join(folder, "plain");
  const started = performance.now();
  await copier.ask({ kind: "copy", from, made, folder: target }, "copied");
  const seconds = (performance.now() - started) / 1000;
  const { cpu } = await copier.ask({ kind: "stop" }, "stopped");
  await rm(target, { recursive: true });
  return { seconds, cpu };
}

async function replicate(folder: string, link: number, first: NodeProcess, peer: string, made: Made) {
  const others = Array.from({ length: NEW_NODES }, (_, index) => new NodeProcess(`node-${index + 1}`));
  const starting = others.map(async (node): Promise<[string, string]> => {
    const start: ToNode = { kind: "start", id: node.id, folder: join(folder, node.id), link };
    return [node.id, (await node.ask(start, "started")).peer];
  });
  const peers: [string, string][] = [[first.id, peer], ...(await Promise.all(starting))];
  const finish: ToNode = { kind: "finish", peers, made, holder: first.id };
  const started = performance.now();
  await Promise.all([first, ...others].map((node) => node.ask(finish, "held")));
  const seconds = (performance.now() - started) / 1000;
  const ends = await Promise.all([first, ...others].map((node) => node.ask({ kind: "stop" }, "stopped")));
  return {
    seconds,
    cpu: ends.reduce((sum, { cpu }) => sum + cpu, 0),
    bytes: ends.reduce((sum, { pulled }) => sum + pulled.bytes, 0),
    // the plain copy asked it for each file once
    served: (ends[0]?.served ?? 0) - files,
  };
}
