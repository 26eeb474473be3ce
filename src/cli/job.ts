import type { Command } from "commander";
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatBytes, formatFields, formatSeconds, formatTable, formatTime } from "./format.js";
import { playlistOf, progressText, siteOf, stateAndNextText } from "./job-text.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

export function addJob(program: Command): void {
  program
    .command("job")
    .description("show one job")
    .argument("<job>", "id of the job")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh job j4f9zk20xw1ab --json"))
    .action(showJob);
}

async function showJob(id: string, options: AskOptions): Promise<void> {
  const job = await ask(options.node, services.Jobs.Get, { job: id });
  if (options.json) return printJson(job);
  const site = job.playableSeconds > 0 ? await viewersSite(options.node) : "";
  printLines(describeJob(job, site));
}

async function viewersSite(address: string): Promise<string> {
  const { node } = await ask(address, services.Node.GetStatus, {});
  return siteOf(node);
}

/** `site`: where the job's asset is served; "" when nothing of it can be played yet. */
function describeJob(job: Job, site: string): string[] {
  const fields = formatFields([
    ["job", job.id],
    ["name", job.name],
    ["asset", job.asset],
    ["state", stateAndNextText(job)],
    ["reason", job.reason],
    ["progress", progressText(job)],
    ["priority", job.priority === 0 ? "" : String(job.priority)],
    ["submitted", formatTime(job.submittedMs)],
    ["ended", formatTime(job.endedMs)],
    ["length", job.seconds === 0 ? "" : formatSeconds(job.seconds)],
    ["size", job.bytes === 0 ? "" : formatBytes(job.bytes)],
    ["playable", site === "" ? "" : `${formatSeconds(job.playableSeconds)} at ${playlistOf(job, site)}`],
    ["renditions", job.renditions.join(", ")],
    ["at work", job.nodes.join(", ")],
    ...job.notes.map((note): [string, string] => ["note", note]),
  ]);
  if (job.finished.length === 0) return fields;
  const finished = job.finished.map(({ task, node }) => [task, node]);
  return [...fields, "", ...formatTable(["FINISHED", "BY"], finished)];
}
