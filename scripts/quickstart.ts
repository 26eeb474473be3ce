/** The work of scripts/quickstart.sh, which has checked the arguments: `[--once] -- [film]`. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { onStopSignals } from "../src/cli/stop-signals.js";
import { DASH_MANIFEST, MASTER_PLAYLIST } from "../src/core/layout.js";
import { Lifecycle } from "../src/node/lifecycle.js";
import { countFrames, generateFilm } from "./quickstart/film.js";
import { ANY, endOfLog, type QuickstartNode, startNode, usualPorts } from "./quickstart/nodes.js";
import { ask, reelmesh, show } from "./quickstart/programs.js";
import { assetUrl, compareFiles, decodeRenditions, waitForAsset } from "./quickstart/verify.js";

interface Mesh {
  /** Takes the submission. */
  alpha: QuickstartNode;
  beta: QuickstartNode;
  /** Shows the result. */
  gamma: QuickstartNode;
}

const { values, positionals } = parseArgs({ options: { once: { type: "boolean" } }, allowPositionals: true });
const stopping = new AbortController();
const lifecycle = new Lifecycle((event, { part, reason }) => say(`${event}: ${part}: ${reason}`));
process.exitCode = await main(values.once === true, positionals[0]);

async function main(isOnce: boolean, film: string | undefined): Promise<number> {
  onStopSignals(["SIGINT", "SIGTERM", "SIGHUP"], () => stopping.abort());
  const { signal } = stopping;
  try {
    await quickstart(isOnce, film, signal);
    return 0;
  } catch (thrown) {
    // What ended the run is the reason of the signal, and not what that made fail.
    const error = signal.aborted ? signal.reason : thrown;
    if (error instanceof Error && error.name === "AbortError") return 130;
    console.error(`quickstart: ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await lifecycle.stop();
  }
}

async function quickstart(isOnce: boolean, given: string | undefined, signal: AbortSignal): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), "reelmesh-quickstart-"));
  lifecycle.onStop("temporary folder", () => rm(temporary, { recursive: true, force: true }));
  const lasting = process.env["REELMESH_QUICKSTART_DATA"] || join(homedir(), ".reelmesh", "quickstart");

  const film = given ?? join(temporary, "test-film.mp4");
  if (given === undefined) {
    say("generating a test film of 40 s");
    await generateFilm(film, signal);
  }
  const mesh = await startMesh(isOnce ? temporary : lasting, isOnce, signal);
  const asset = await submit(film, mesh.alpha, signal);
  if (isOnce) return verify(film, asset, mesh, signal);
  await waitForAsset(mesh.gamma, asset, signal);
  await serve(asset, mesh, signal);
}

async function startMesh(folder: string, isOnce: boolean, signal: AbortSignal): Promise<Mesh> {
  const start = async (name: string, ports = ANY, joined?: QuickstartNode) => {
    const joining = joined === undefined ? {} : { join: joined.grpc };
    const node = await startNode({ name, data: join(folder, name), ports, ...joining }, signal);
    let expected = false;
    lifecycle.onStop(`node ${name}`, () => {
      expected = true;
      return node.stop();
    });
    void node.ended.then((how) => {
      if (!expected) lost(node, how, isOnce);
    });
    say(`node ${name} is ready: gRPC ${node.grpc}, viewers http://${node.http}/`);
    return node;
  };
  const alpha = await start("alpha", isOnce ? ANY : await usualPorts());
  return { alpha, beta: await start("beta", ANY, alpha), gamma: await start("gamma", ANY, alpha) };
}

/** A mesh goes on without a node, and in the lasting mode that may be just what somebody tries out. */
function lost({ name, logFile }: QuickstartNode, how: string, isOnce: boolean): void {
  const message = `node ${name} has ended (${how}). ${endOfLog(logFile)}`;
  if (isOnce) stopping.abort(new Error(message));
  else say(`${message}\nThe others go on.`);
}

/** Submits the film and shows how far it is until it is done; the name of the asset. */
async function submit(film: string, { grpc, name }: QuickstartNode, signal: AbortSignal): Promise<string> {
  say(`submitting ${film} to ${name}`);
  const { job } = await ask<{ job: string }>(["submit", film, "--node", grpc], signal);
  const code = await show(["watch", job, "--node", grpc], signal);
  const { state, reason, asset } = await ask<{ state: string; reason: string; asset: string }>(
    ["job", job, "--node", grpc],
    signal,
  );
  if (code === 0 && state === "done") return asset;
  throw new Error(`job ${job} is ${state}, not done${reason === "" ? "" : `: ${reason}`}`);
}

async function verify(film: string, asset: string, mesh: Mesh, signal: AbortSignal): Promise<void> {
  const nodes = [mesh.alpha, mesh.beta, mesh.gamma];
  await Promise.all(nodes.map((node) => waitForAsset(node, asset, signal)));
  const { files, bytes } = await compareFiles(nodes, asset, signal);
  say(`${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB: the same on alpha, beta and gamma`);
  const lines = await decodeRenditions(mesh.gamma, asset, await countFrames(film, signal), signal);
  for (const line of lines) say(`gamma, ${line}, no warnings`);
  say("all is well");
}

/** Says where to look, and stays until Ctrl-C. */
async function serve(asset: string, { alpha, gamma }: Mesh, signal: AbortSignal): Promise<void> {
  console.log(`
alpha took the film; gamma, as every node, serves it:
  watch  http://${gamma.http}/watch/${encodeURIComponent(asset)}
  HLS    ${assetUrl(gamma, asset, MASTER_PLAYLIST)}
  DASH   ${assetUrl(gamma, asset, DASH_MANIFEST)}
The mesh:  node ${relative(process.cwd(), reelmesh)} status --node ${alpha.grpc}
The logs:  ${alpha.logFile} and so on
Ctrl-C stops all three nodes.
`);
  if (!signal.aborted) await once(signal, "abort");
  say("stopping");
}

function say(message: string): void {
  console.log(`quickstart: ${message}`);
}
