/**
 * How long it takes until four new nodes hold an asset of 1 GB in 700 files that one node has, against the time of one
 * plain HTTP copy of the same files to one place (node:http, four connections, an fsync a file). Everything is on one
 * machine, where four copies take the processors and the disk four times what one takes. So it is measured twice:
 *
 *   links   each node has a link that lets so many megabytes a second out, as machines have, and the processors are not
 *           the limit: the time then shows how well copies feed copies. The node that has the asset needs as long for
 *           giving each file away once as for the plain copy: 1.00 is the least.
 *   bare    as fast as it goes, which shows what a copy costs: processor seconds a gigabyte, of who gives and who gets.
 *
 *   npm run bench:replication -- --megabytes 1000 --files 700 --link 12.5 --nodes 4 --only links
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Made, ToNode } from "./replication/messages.js";
import { NodeProcess } from "./replication/process.js";

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "1000" },
    files: { type: "string", default: "700" },
    link: { type: "string", default: "12.5" },
    nodes: { type: "string", default: "4" },
    only: { type: "string" },
  },
});
const bytes = Number(values.megabytes) * 1e6;
const files = Number(values.files);
const newNodes = Number(values.nodes);

interface Measured {
  seconds: number;
  /** Processor seconds of all nodes. */
  cpu: number;
}

if (values.only !== "bare") await compare(Number(values.link) * 1e6);
if (values.only !== "links") await compare(0);

/** `link`: bytes a second that leave a node; 0: any. */
async function compare(link: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
  const links = new NodeProcess("links", new URL("./replication/link.js", import.meta.url));
  const linked = async (to: string) =>
    link === 0 ? to : (await links.ask({ kind: "link", to, bytesASecond: link }, "linked")).address;
  try {
    const first = new NodeProcess("node-0");
    const make = { files, bytes };
    const { peer, made } = await first.ask(
      { kind: "start", id: first.id, folder: join(folder, first.id), make },
      "started",
    );
    if (made === undefined) throw new Error("nothing was made");
    const address = await linked(peer);
    const plain = await plainCopy(folder, first, address, made);
    const spread = await replicate(folder, first, address, made, linked);
    console.log(`${link === 0 ? "bare" : `links of ${link / 1e6} MB/s`}, ${files} files, ${bytes / 1e6} MB`);
    console.log(`  one plain copy      ${describe(plain, bytes)}`);
    console.log(`  to ${newNodes} new nodes      ${describe(spread, spread.bytes)}`);
    console.log(`  time                ${(spread.seconds / plain.seconds).toFixed(2)} of the plain copy`);
    console.log(`  the first node gave ${spread.served} files, of ${newNodes * files} that came`);
  } finally {
    links.tell({ kind: "stop" });
    await rm(folder, { recursive: true, force: true });
  }
}

function describe({ seconds, cpu }: Measured, carried: number): string {
  return `${seconds.toFixed(1)} s, ${((cpu * 1e9) / carried).toFixed(1)} s of processor time a GB that came`;
}

async function plainCopy(folder: string, first: NodeProcess, from: string, made: Made): Promise<Measured> {
  const copier = new NodeProcess("plain copy");
  const target = join(folder, "plain");
  await lap([first, copier]);
  const started = performance.now();
  await copier.ask({ kind: "copy", from, made, folder: target }, "copied");
  const seconds = (performance.now() - started) / 1000;
  const cpu = await lap([first, copier]);
  await copier.ask({ kind: "stop" }, "stopped");
  await rm(target, { recursive: true });
  return { seconds, cpu };
}

async function replicate(
  folder: string,
  first: NodeProcess,
  peer: string,
  made: Made,
  linked: (address: string) => Promise<string>,
): Promise<Measured & { bytes: number; served: number }> {
  const others = Array.from({ length: newNodes }, (_, index) => new NodeProcess(`node-${index + 1}`));
  const peers: [string, string][] = [[first.id, peer]];
  for (const node of others) {
    const start: ToNode = { kind: "start", id: node.id, folder: join(folder, node.id) };
    peers.push([node.id, await linked((await node.ask(start, "started")).peer)]);
  }
  const all = [first, ...others];
  const finish: ToNode = { kind: "finish", peers, made, holder: first.id };
  await lap(all);
  const started = performance.now();
  await Promise.all(all.map((node) => node.ask(finish, "held")));
  const seconds = (performance.now() - started) / 1000;
  const cpu = await lap(all);
  const ends = await Promise.all(all.map((node) => node.ask({ kind: "stop" }, "stopped")));
  return {
    seconds,
    cpu,
    bytes: ends.reduce((sum, { pulled }) => sum + pulled.bytes, 0),
    // the plain copy asked it for each file once
    served: (ends[0]?.served ?? 0) - files,
  };
}

/** Processor seconds of these since the last lap. */
async function lap(nodes: NodeProcess[]): Promise<number> {
  const laps = await Promise.all(nodes.map((node) => node.ask({ kind: "lap" }, "lapped")));
  return laps.reduce((sum, { cpu }) => sum + cpu, 0);
}
