import type { Command } from "commander";
import type { Asset__Output as Asset } from "../gen/reelmesh/v1/Asset.js";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatBytes, formatSeconds, formatTable, formatTime } from "./format.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

export function addAssets(program: Command): void {
  program
    .command("assets")
    .description("list the finished assets, whether the asked node holds its share, and the copies in the mesh")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh assets"))
    .action(listAssets);
}

async function listAssets(options: AskOptions): Promise<void> {
  const { assets } = await ask(options.node, services.Assets.List, {});
  if (options.json) return printJson({ assets });
  if (assets.length === 0) return printLines(["no finished assets yet; see the jobs with: reelmesh jobs"]);
  const rows = assets.map((asset) => [
    asset.asset,
    formatSeconds(asset.seconds),
    formatBytes(asset.bytes),
    asset.held ? "yes" : "in part",
    copiesText(asset),
    asset.renditions.join(","),
    formatTime(asset.finishedMs),
    asset.name,
  ]);
  printLines(formatTable(["ASSET", "LENGTH", "SIZE", "HELD", "COPIES", "RENDITIONS", "FINISHED", "NAME"], rows));
}

/** "3 of 3", or what lacks copies. */
function copiesText({ available, copies, copiesWanted, filesLacking }: Asset): string {
  const found = `${copies} of ${copiesWanted}`;
  return available ? found : `${found}: ${filesLacking} files lack copies`;
}
