import type { Command } from "commander";
import { services } from "../node/proto.js";
import { ANSWER_MS, withClients } from "./ask.js";
import { jobDisplay, silent } from "./display.js";
import { findPlaces, follow, goesOn, reportOutcome } from "./follow.js";
import { interruptible } from "./interrupt.js";
import { outcomeOf } from "./job-text.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";

export function addWatch(program: Command): void {
  program
    .command("watch")
    .description("show how far a job is, until it has ended")
    .argument("<job>", "id of the job, as submit printed it")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh watch j4f9zk20xw1ab"))
    .action(watch);
}

async function watch(id: string, options: AskOptions): Promise<void> {
  await withClients((clients) =>
    interruptible(goesOn(id, options.node), async (interrupt) => {
      const { signal } = interrupt;
      const status = await clients.call(options.node, services.Node.GetStatus, {}, { deadlineMs: ANSWER_MS, signal });
      const places = await findPlaces(clients, options.node, status, signal);
      const display = options.json ? silent : jobDisplay(process.stdout);
      const { job, site } = await follow(clients, places, id, signal, display);
      const seconds = (job.endedMs - job.submittedMs) / 1000;
      reportOutcome(job, outcomeOf(job, site, seconds), options.json === true);
    }),
  );
}
