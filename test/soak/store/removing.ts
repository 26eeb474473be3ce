/** Assets that are removed, by the command line or by gRPC, through any node. */
import { services } from "../../../src/node/proto.js";
import { reelmesh } from "../../support/mesh.js";
import { until } from "../../support/until.js";
import type { Soak } from "./soak.js";

/** Seconds from one removal to the next. */
const PAUSE: [number, number] = [8, 24];
/** So many stay. */
const KEPT = 6;
const PATIENCE_MS = 120_000;
const ASK_MS = 10_000;
/** The command line's exit code for a job that there is not. */
const NO_SUCH_JOB = 4;

export async function removeAssets(soak: Soak): Promise<void> {
  const chance = soak.chance("removing");
  await soak.repeat("removing", async () => {
    await soak.pause(chance.between(...PAUSE));
    const [which, through, byCommand] = [chance.next(), chance.next(), chance.chance(0.5)];
    const assets = [...soak.live.values()];
    const made = assets[Math.floor(which * assets.length)];
    if (made === undefined || assets.length <= KEPT || soak.signal.aborted) return;
    // From here on it may be gone, whatever the answer is.
    made.leaving = true;
    soak.live.delete(made.asset);
    const ask = () => (byCommand ? byCommandLine : byCall)(soak, made.job, soak.living(through).grpc);
    await until(ask, `asset ${made.asset} is removed`, PATIENCE_MS);
    soak.removed.set(made.asset, performance.now());
    soak.count("removed");
  });
}

async function byCommandLine(_: Soak, job: string, grpc: string): Promise<true | undefined> {
  const { code } = await reelmesh("remove", job, "--node", grpc);
  // An earlier try may have done it, and its answer may have been lost.
  return code === 0 || code === NO_SUCH_JOB || undefined;
}

async function byCall({ clients }: Soak, job: string, grpc: string): Promise<true | undefined> {
  const request = { job, forwarded: false };
  return clients.call(grpc, services.Jobs.Remove, request, { deadlineMs: ASK_MS }).then(
    () => true,
    (error: unknown) => (error as { code?: string }).code === "NOT_FOUND" || undefined,
  );
}
