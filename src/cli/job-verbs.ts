/** What a person does with jobs that are there: cancel, pause, resume, retry, remove, priority. */
import { type Command, InvalidArgumentError } from "commander";
import { toReelmeshError } from "../core/errors.js";
import { PRIORITY } from "../core/options.js";
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import type { PeerClients } from "../node/grpc/client.js";
import { services } from "../node/proto.js";
import { ANSWER_MS, withClients } from "./ask.js";
import { stateAndNextText } from "./job-text.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { exitCodeOf, printJson, printLines } from "./output.js";

const { Cancel, Adjust, Retry, Remove } = services.Jobs;

/** Asks a node to do something with a job, and answers how it is then. */
type Verb = (clients: PeerClients, node: string, job: string) => Promise<Job>;

const soon = { deadlineMs: ANSWER_MS };

const cancel: Verb = (clients, node, job) => clients.call(node, Cancel, { job, forwarded: false }, soon);
const retry: Verb = (clients, node, job) => clients.call(node, Retry, { job, forwarded: false }, soon);
const remove: Verb = (clients, node, job) => clients.call(node, Remove, { job, forwarded: false }, soon);

function adjust(change: { change: "priority"; priority: number } | { change: "paused"; paused: boolean }): Verb {
  return (clients, node, job) => clients.call(node, Adjust, { job, ...change, forwarded: false }, soon);
}

export function addJobVerbs(program: Command): void {
  const is = (job: Job) => `job ${job.id} is ${stateAndNextText(job)}`;
  add(program, "cancel", "stop jobs for good", cancel, is);
  const pause = adjust({ change: "paused", paused: true });
  add(program, "pause", "start nothing more of jobs; what runs already ends and counts", pause, ({ id }) => {
    return `job ${id} is paused; go on with: reelmesh resume ${id}`;
  });
  const resume = adjust({ change: "paused", paused: false });
  add(program, "resume", "go on with paused jobs", resume, ({ id }) => `job ${id} goes on`);
  add(program, "retry", "go on with failed jobs from what they had finished", retry, is);
  const removed = ({ id, asset, state }: Job) =>
    state === "done" ? `job ${id} and its asset ${asset} are removed` : `job ${id} is removed`;
  add(program, "remove", "forget jobs that have ended, and remove their assets from every node", remove, removed);
  addPriority(program);
}

function add(program: Command, name: string, description: string, verb: Verb, say: (job: Job) => string): void {
  program
    .command(name)
    .description(description)
    .argument("<job...>", "ids of the jobs")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example(`reelmesh ${name} j4f9zk20xw1ab`))
    .action((ids: string[], options: AskOptions) => (ids.length === 1 ? one : each)(ids, options, verb, say));
}

function addPriority(program: Command): void {
  program
    .command("priority")
    .description("let a job go before others, or after them")
    .argument("<job>", "id of the job")
    .argument(
      "<n>",
      `${PRIORITY.least} to ${PRIORITY.most}; the higher goes first, jobs begin with 0`,
      priorityArgument,
    )
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh priority j4f9zk20xw1ab 10"))
    .action((id: string, priority: number, options: AskOptions) =>
      one(
        [id],
        options,
        adjust({ change: "priority", priority }),
        (job) => `job ${job.id} has priority ${job.priority}`,
      ),
    );
}

/** A parser for commander, here and of submit --priority. */
export function priorityArgument(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= PRIORITY.least && value <= PRIORITY.most) return value;
  throw new InvalidArgumentError(`Write a whole number from ${PRIORITY.least} to ${PRIORITY.most}.`);
}

async function one([id = ""]: string[], options: AskOptions, verb: Verb, say: (job: Job) => string): Promise<void> {
  const job = await withClients((clients) => verb(clients, options.node, id));
  if (options.json) printJson(row(job));
  else printLines([say(job)]);
}

/** One after the other; what cannot be done is said, and the others are done all the same. */
async function each(ids: string[], options: AskOptions, verb: Verb, say: (job: Job) => string): Promise<void> {
  const rows: object[] = [];
  await withClients(async (clients) => {
    for (const id of ids) {
      try {
        const job = await verb(clients, options.node, id);
        rows.push(row(job));
        if (!options.json) printLines([say(job)]);
      } catch (thrown) {
        const error = toReelmeshError(thrown);
        const { code, message } = error;
        process.exitCode ??= exitCodeOf(error);
        rows.push({ job: id, error: { code, message } });
        process.stderr.write(`reelmesh: ${message}\n`);
      }
    }
  });
  if (options.json) printJson({ jobs: rows });
}

function row({ id, asset, state }: Job): object {
  return { job: id, asset, state };
}
