import type { Command } from "commander";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatTable, formatTime } from "./format.js";
import { percentOf } from "./job-text.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

export function addJobs(program: Command): void {
  program
    .command("jobs")
    .description("list the jobs, newest first (at most 100)")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh jobs"))
    .action(listJobs);
}

async function listJobs(options: AskOptions): Promise<void> {
  const { jobs } = await ask(options.node, services.Jobs.List, { limit: 100 });
  if (options.json) return printJson({ jobs });
  if (jobs.length === 0) return printLines(["no jobs yet; submit one with: reelmesh submit <file>"]);
  const rows = jobs.map((job) => [job.id, job.state, percentOf(job), formatTime(job.submittedMs), job.name]);
  printLines(formatTable(["JOB", "STATE", "ENCODED", "SUBMITTED", "NAME"], rows));
}
