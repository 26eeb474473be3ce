import type { Command } from "commander";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

export function addCancel(program: Command): void {
  program
    .command("cancel")
    .description("stop a job for good")
    .argument("<job>", "id of the job")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh cancel j4f9zk20xw1ab"))
    .action(cancel);
}

async function cancel(id: string, options: AskOptions): Promise<void> {
  const job = await ask(options.node, services.Jobs.Cancel, { job: id });
  if (options.json) return printJson({ job: job.id, asset: job.asset, state: job.state });
  printLines([`job ${job.id} is ${job.state}`]);
}
