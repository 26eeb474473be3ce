import { type Command, Option } from "commander";
import type { ListJobsResponse__Output as ListJobsResponse } from "../gen/reelmesh/v1/ListJobsResponse.js";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatTable, formatTime } from "./format.js";
import { percentOf, stateText } from "./job-text.js";
import { type AskOptions, commaSeparated, example, jsonOption, nodeOption, suggest, wholeNumber } from "./options.js";
import { printJson, printLines } from "./output.js";

interface ListOptions extends AskOptions {
  state: string[];
  limit: number;
  after: string;
}

export function addJobs(program: Command): void {
  program
    .command("jobs")
    .description("list the jobs, newest first")
    .addOption(
      new Option("--state <states>", "only jobs in these states, with commas; paused is one too")
        .argParser(commaSeparated((state) => state))
        .default([], "all"),
    )
    .option("--limit <n>", "at most this many", wholeNumber(1, 1_000), 100)
    .option("--after <job>", "go on after this job, the last of the page before", "")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh jobs", "reelmesh jobs --state failed,cancelled --limit 20"))
    .action(listJobs);
}

async function listJobs({ node, json, state: states, limit, after }: ListOptions): Promise<void> {
  const page = await ask(node, services.Jobs.List, { limit, states, after, forwarded: false });
  if (json) return printJson(page);
  if (page.jobs.length > 0) return printLines(jobTable(page, states, node));
  const none = "no jobs yet; submit one with: reelmesh submit <file>";
  printLines([states.length === 0 && after === "" ? none : "no such jobs"]);
}

function jobTable({ jobs, more }: ListJobsResponse, states: string[], node: string): string[] {
  const ranked = jobs.some(({ priority }) => priority !== 0);
  const rows = jobs.map((job) => [
    job.id,
    stateText(job),
    percentOf(job),
    ...(ranked ? [job.priority] : []),
    formatTime(job.submittedMs),
    job.name,
  ]);
  const header = ["JOB", "STATE", "ENCODED", ...(ranked ? ["PRIORITY"] : []), "SUBMITTED", "NAME"];
  const only = states.length === 0 ? "" : ` --state ${states.join(",")}`;
  const next = more ? [`older ones: ${suggest(`jobs --after ${jobs.at(-1)?.id}${only}`, node)}`] : [];
  return [...formatTable(header, rows), ...next];
}
