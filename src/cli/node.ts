/** What a person does with a node: `reelmesh node pause|resume|drain`, and `reelmesh drain`, which is the last of these. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import type { NodeSummary__Output as NodeSummary } from "../gen/reelmesh/v1/NodeSummary.js";
import { services } from "../node/proto.js";
import { ANSWER_MS, ask, withClients } from "./ask.js";
import { interruptible } from "./interrupt.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

const LOOK_MS = 500;

interface DrainOptions extends AskOptions {
  wait?: boolean;
}

export function addNode(program: Command): void {
  const node = program.command("node").description("let a node take no more work, or work again");
  node.addHelpText("after", example("reelmesh node pause --node 10.0.0.7"));
  node
    .command("pause")
    .description("claim no more work, also after a restart; what runs ends as usual, and viewers are served")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh node pause --node 10.0.0.7"))
    .action(async (options: AskOptions) => tell(await ask(options.node, services.Node.Pause, {}), options));
  node
    .command("resume")
    .description("claim work again, after a pause or a drain, or when the mesh has set the node aside")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh node resume --node 10.0.0.7"))
    .action(async (options: AskOptions) => tell(await ask(options.node, services.Node.Resume, {}), options));
  addDrain(node, "reelmesh node drain");
  addDrain(program, "reelmesh drain");
}

function addDrain(parent: Command, words: string): void {
  parent
    .command("drain")
    .description("claim no more work until it is resumed or started again, so that the machine can be stopped")
    .option("--wait", "stay until what runs has ended")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example(`${words} --wait --node 10.0.0.7`))
    .action(drain);
}

async function drain(options: DrainOptions): Promise<void> {
  await withClients((clients) =>
    interruptible("stopped waiting; the node goes on draining", async ({ signal }) => {
      const call = { deadlineMs: ANSWER_MS, signal };
      let summary: NodeSummary | null = await clients.call(options.node, services.Node.Drain, {}, call);
      while (options.wait && summary?.state === "draining") {
        await delay(LOOK_MS, undefined, { signal });
        summary = (await clients.call(options.node, services.Node.GetStatus, {}, call)).node;
      }
      tell(summary, options);
    }),
  );
}

function tell(summary: NodeSummary | null, { json }: AskOptions): void {
  if (summary === null) return;
  const { name, state } = summary;
  if (json) printJson({ name, state });
  else printLines([`node ${name} is ${state}`]);
}
