import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ReelmeshError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { isRemote, parseRemote, showRemote } from "../core/remote-source.js";
import type { BlobReference } from "../core/work.js";
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import type { NodeStatus__Output as NodeStatus } from "../gen/reelmesh/v1/NodeStatus.js";
import type { PeerClients } from "../node/grpc/client.js";
import { services } from "../node/proto.js";
import { ANSWER_MS, withClients } from "./ask.js";
import { fetchDisplay, jobDisplay, silent, uploadDisplay } from "./display.js";
import { findPlaces, follow, goesOn, reportOutcome } from "./follow.js";
import { followFetch } from "./follow-fetch.js";
import { type Interrupt, interruptible } from "./interrupt.js";
import { outcomeOf } from "./job-text.js";
import { priorityArgument } from "./job-verbs.js";
import { type AskOptions, example, jsonOption, nodeOption, suggest } from "./options.js";
import { printJson, printLines } from "./output.js";
import { createPatience } from "./patience.js";
import { checkSource, hashSource } from "./source.js";
import { addEncodingFlags, type EncodingFlags, jobOptions } from "./submit-options.js";
import { type LocalSubtitles, readSubtitleFiles } from "./subtitle-files.js";
import { upload } from "./upload.js";

/** The node reads the source's head before it answers, and a big one may lie on a slow disk. */
const SUBMIT_MS = 600_000;

interface SubmitFlags extends AskOptions, EncodingFlags {
  name?: string;
  priority: number;
  id?: string;
  wait?: boolean;
}

interface SubmitOptions extends SubmitFlags {
  subtitles: LocalSubtitles[];
}

export function addSubmit(program: Command): void {
  const command = program
    .command("submit")
    .description("send a video file to the mesh, to be made into an adaptive stream")
    .argument("<file>", "video file on this machine; or https:// or s3://, which the node fetches")
    .option("--name <name>", "name of the asset (default: the file's name without its ending)");
  addEncodingFlags(command)
    .option("--priority <n>", "-100 to 100; jobs of a higher one go first", priorityArgument, 0)
    .option(
      "--id <job>",
      'id of the job, 8 to 40 of a-z, 0-9 and "-": the same file with the same id is one job',
      jobId,
    )
    .option("--wait", "stay until the job has ended, and show how far it is")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      example("reelmesh submit film.mp4 --ladder 720,480 --wait", "reelmesh submit s3://films/2024/film.mov"),
    )
    .action(submit);
}

async function submit(file: string, flags: SubmitFlags): Promise<void> {
  const started = performance.now();
  const remote = isRemote(file);
  const bytes = remote ? 0 : await checkSource(file);
  const shown = remote ? showRemote(parseRemote(file)) : file;
  checkOptions(jobOptions(flags));
  const options: SubmitOptions = { ...flags, subtitles: await readSubtitleFiles(flags.subtitle) };
  const id = options.id ?? newJobId();
  await withClients((clients) =>
    interruptible("stopped; nothing was submitted", async (interrupt) => {
      const status = await clients.call(
        options.node,
        services.Node.GetStatus,
        {},
        {
          deadlineMs: ANSWER_MS,
          signal: interrupt.signal,
        },
      );
      const job = remote
        ? await haveFetched(clients, file, id, status, options, interrupt)
        : ((await enterAgain(clients, file, bytes, options, interrupt)) ??
          (await sendAndEnter(clients, file, bytes, id, status, options, interrupt)));
      refuseEnded(job, options.node);
      if (!options.wait) return reportSubmitted(shown, job, options);

      interrupt.message = goesOn(id, options.node);
      if (!options.json) printLines([`submitted ${shown} as job ${id}`]);
      const places = await findPlaces(clients, options.node, status, interrupt.signal);
      const display = options.json ? silent : jobDisplay(process.stdout);
      const last = await follow(clients, places, id, interrupt.signal, display);
      const seconds = (performance.now() - started) / 1000;
      reportOutcome(last.job, outcomeOf(last.job, last.site, seconds), options.json === true);
    }),
  );
}

/**
 * With an id of the person's own: the job, when the node knows it or holds its source already, and undefined when the
 * source is still to be sent. CONFLICT when the id is taken by another.
 */
async function enterAgain(
  clients: PeerClients,
  file: string,
  bytes: number,
  options: SubmitOptions,
  interrupt: Interrupt,
): Promise<Job | undefined> {
  const { id, node } = options;
  if (id === undefined) return undefined;
  const before = interrupt.message;
  try {
    const source = { sha256: await hashSource(file, interrupt.signal), bytes };
    interrupt.message = unanswered(id, node);
    return await register(clients, file, id, source, options, interrupt.signal);
  } catch (error) {
    if (!(error instanceof ReelmeshError) || error.code !== "NOT_FOUND") throw error;
    interrupt.message = before;
    return undefined;
  }
}

/** What Ctrl-C says between the question and the node's answer. */
function unanswered(id: string, node: string): string {
  return `stopped before the node answered; job ${id} may have been submitted, look with: ${suggest(`job ${id}`, node)}`;
}

async function sendAndEnter(
  clients: PeerClients,
  file: string,
  bytes: number,
  id: string,
  status: NodeStatus,
  options: SubmitOptions,
  interrupt: Interrupt,
): Promise<Job> {
  const source = await send(file, bytes, id, status, options, interrupt);
  await sendSubtitles(id, status, options, interrupt.signal);
  interrupt.message = unanswered(id, options.node);
  return register(clients, file, id, source, options, interrupt.signal);
}

async function sendSubtitles(job: string, status: NodeStatus, { subtitles }: SubmitOptions, signal: AbortSignal) {
  const peer = status.node?.peer ?? "";
  for (const { path, file } of subtitles) {
    await upload({ file: path, bytes: file.bytes, peer, job, kind: "subtitles" }, signal, () => {});
  }
}

/** The node fetches the source by itself, whether this program stays or not. */
async function haveFetched(
  clients: PeerClients,
  url: string,
  job: string,
  status: NodeStatus,
  options: SubmitOptions,
  interrupt: Interrupt,
): Promise<Job> {
  await sendSubtitles(job, status, options, interrupt.signal);
  interrupt.message = `stopped; ${status.node?.name} goes on fetching the source of job ${job}: ${suggest(`job ${job}`, options.node)}`;
  const submission = { job, source: null, ...describe("", options) };
  const display = options.json ? silent : fetchDisplay(process.stdout);
  return followFetch(clients, options.node, { url, submission }, interrupt.signal, display);
}

async function send(
  file: string,
  bytes: number,
  job: string,
  status: NodeStatus,
  options: SubmitOptions,
  interrupt: Interrupt,
): Promise<BlobReference> {
  const peer = status.node?.peer ?? "";
  const display = options.json ? silent : uploadDisplay(process.stdout, bytes);
  const show = (sent: number) => {
    interrupt.message = `stopped; nothing was submitted. ${status.node?.name} keeps what it has of ${file} for a day: the same command with --id ${job} goes on from there`;
    display.show(sent);
  };
  try {
    return await upload({ file, bytes, peer, job, again: options.id !== undefined }, interrupt.signal, show);
  } finally {
    display.stop();
  }
}

/** Tried again while there is no coordinator: the same id twice is one job. */
async function register(
  clients: PeerClients,
  file: string,
  job: string,
  source: BlobReference,
  options: SubmitOptions,
  signal: AbortSignal,
): Promise<Job> {
  const request = { job, source, ...describe(basename(file), options) };
  const patience = createPatience();
  for (;;) {
    try {
      return await clients.call(options.node, services.Jobs.Submit, request, { deadlineMs: SUBMIT_MS, signal });
    } catch (failure) {
      await patience.afterFailure(failure, signal);
    }
  }
}

/** What a job is to be, whatever its source. */
function describe(fileName: string, options: SubmitOptions) {
  const subtitles = options.subtitles.map(({ path: _, ...one }) => one);
  const { name = "", priority } = options;
  return { fileName, name, holder: "", options: jobOptions(options, subtitles), priority };
}

/** Of an id of the person's own, given before. CONFLICT when that job has ended without an asset: nothing starts it again. */
function refuseEnded({ id, state }: Job, node: string): void {
  if (state !== "cancelled" && state !== "failed") return;
  const isFailed = state === "failed";
  const again = `forget it with: ${suggest(`remove ${id}`, node)}, and submit again, or choose another id`;
  const next = isFailed ? `go on with it: ${suggest(`retry ${id}`, node)}, or ${again}` : again;
  throw new ReelmeshError(
    "CONFLICT",
    `job ${id} was submitted before and ${isFailed ? "failed" : "was cancelled"}; ${next}`,
  );
}

function reportSubmitted(file: string, job: Job, options: SubmitOptions): void {
  const watch = suggest(`watch ${job.id}`, options.node);
  if (options.json) printJson({ job: job.id, asset: job.asset, state: job.state });
  else if (job.state === "done") printLines([`${file} was submitted before as job ${job.id}, which is done`]);
  else printLines([`submitted ${file} as job ${job.id}; follow it with: ${watch}`]);
}

/** "j" and 12 of 0-9 and a-z: 62 bits of chance, short enough to type. */
function newJobId(): string {
  const digits = BigInt(`0x${randomBytes(10).toString("hex")}`).toString(36);
  return `j${digits.padStart(12, "0").slice(-12)}`;
}

function jobId(text: string): string {
  if (/^[a-z0-9-]{8,40}$/.test(text)) return text;
  throw new InvalidArgumentError('Write 8 to 40 of a-z, 0-9 and "-".');
}
