#!/usr/bin/env -S node --max-semi-space-size=64
/**
 * The command line. Its first line gives V8 room for young objects: those of a coordinator of a thousand nodes live for up to
 * a second, grow old in the usual 16 MB, and have it stop for full collections (bench/coordinator.ts, 99th percentile of a
 * claim: 121 ms in ten minutes without, 53 ms in 90 s with it). What is small takes no more for it.
 */
import { Command } from "commander";
import { version } from "../node/paths.js";
import { addAssets } from "./assets.js";
import { addJob } from "./job.js";
import { addJobVerbs } from "./job-verbs.js";
import { addJobs } from "./jobs.js";
import { addNode } from "./node.js";
import { addNodes } from "./nodes.js";
import { example } from "./options.js";
import { reportError, stopQuietlyWithoutReader } from "./output.js";
import { addStatus } from "./status.js";
import { addSubmit } from "./submit.js";
import { addUp } from "./up.js";
import { addWatch } from "./watch.js";

const program = new Command("reelmesh")
  .description("Turns video files into adaptive streams on a mesh of machines, and serves them from each.")
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .addHelpText("after", example("reelmesh up", "reelmesh submit film.mp4 --wait", "reelmesh status"));

const commands = [addUp, addSubmit, addWatch, addJobs, addJob, addJobVerbs, addStatus, addNodes, addNode, addAssets];
for (const add of commands) add(program);

stopQuietlyWithoutReader();
try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = reportError(
    thrown,
    process.argv.includes("--json"),
    program.commands.map((command) => command.name()),
  );
}
