import { ReelmeshError } from "../core/errors.js";
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import type { NodeStatus__Output as NodeStatus } from "../gen/reelmesh/v1/NodeStatus.js";
import type { PeerClients } from "../node/grpc/client.js";
import { services } from "../node/proto.js";
import { ANSWER_MS } from "./ask.js";
import type { Display } from "./display.js";
import { formatSeconds } from "./format.js";
import { hasEnded, type JobOutcome, playlistOf, siteOf } from "./job-text.js";
import { suggest } from "./options.js";
import { EXIT, printJson, printLines } from "./output.js";
import { createPatience } from "./patience.js";

/** One stream lasts at most this long; then another one goes on, in milliseconds. */
const WATCH_MS = 3_600_000;

/** A node that can tell of a job at "host:port", and serve what comes of it at "http://host:port". */
export interface Place {
  grpc: string;
  site: string;
}

/** The node asked, and behind it those to turn to when it goes away. `status` is the answer of the node asked. */
export async function findPlaces(
  clients: PeerClients,
  node: string,
  status: NodeStatus,
  signal: AbortSignal,
): Promise<Place[]> {
  const { nodes } = await clients.call(node, services.Node.ListNodes, {}, { deadlineMs: ANSWER_MS, signal });
  const away = ["stopped", "lost", "unknown"];
  const others = nodes.filter(({ id, state }) => id !== status.node?.id && !away.includes(state));
  return [{ grpc: node, site: siteOf(status.node) }, ...others.map((row) => ({ grpc: row.grpc, site: siteOf(row) }))];
}

/**
 * Shows a job until it has ended, and returns its last state with the node that told it. When a node goes away or the
 * coordinator changes, another node is asked, for up to 30 s.
 */
export async function follow(
  clients: PeerClients,
  places: Place[],
  job: string,
  signal: AbortSignal,
  display: Display<Job>,
): Promise<{ job: Job; site: string }> {
  const patience = createPatience();
  let seen = false;
  let told = false;
  try {
    for (let turn = 0; ; turn++) {
      const place = places[turn % places.length] as Place;
      try {
        const options = { deadlineMs: WATCH_MS, signal };
        for await (const update of clients.stream(place.grpc, services.Jobs.Watch, { job }, options)) {
          seen = true;
          patience.succeeded();
          display.show(update);
          if (hasEnded(update)) return { job: update, site: place.site };
          if (!told && update.playableSeconds > 0)
            display.say(`can be played from now on: ${playlistOf(update, place.site)}`);
          told ||= update.playableSeconds > 0;
        }
        throw new ReelmeshError("UNAVAILABLE", `the node at ${place.grpc} stopped telling of job ${job}`);
      } catch (failure) {
        await patience.afterFailure(seen ? asPassing(failure) : failure, signal);
      }
    }
  } finally {
    display.stop();
  }
}

/** What Ctrl-C says to somebody who only stops watching. */
export function goesOn(job: string, node: string): string {
  return `stopped watching; job ${job} goes on, cancel it with: ${suggest(`cancel ${job}`, node)}`;
}

/** Says how a job came out; one that is not done sets the exit code. */
export function reportOutcome(job: Job, outcome: JobOutcome, json: boolean): void {
  if (job.state !== "done") process.exitCode = EXIT.failed;
  if (json) printJson(outcome);
  else if (job.state === "done") printLines(describeAsset(job, outcome));
  else process.stderr.write(`reelmesh: ${describeFailure(job)}\n`);
}

function describeAsset(job: Job, { seconds, nodes, watch, hls, dash }: JobOutcome): string[] {
  const who = nodes.length === 0 ? "" : ` on ${nodes.join(", ")}`;
  return [
    `${job.name} is done in ${formatSeconds(seconds)}${who}`,
    `watch  ${watch}`,
    `HLS    ${hls}`,
    `DASH   ${dash}`,
  ];
}

function describeFailure({ id, state, reason }: Job): string {
  return `job ${id} ${state === "failed" ? "failed" : "was cancelled"}${reason === "" ? "" : `: ${reason}`}`;
}

/** A job that was told of exists: a node that does not know it has only not read as far yet. */
function asPassing(failure: unknown): unknown {
  if (!(failure instanceof ReelmeshError) || failure.code !== "NOT_FOUND") return failure;
  return new ReelmeshError("UNAVAILABLE", failure.message, { cause: failure });
}
