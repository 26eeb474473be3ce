/** The viewers' listener: what it serves, over which protocols, and who hears of it. */
import type { ReelmeshError } from "../../core/errors.js";
import { hasEnded } from "../../core/job-record.js";
import { assetRows } from "../asset-rows.js";
import { systemClock } from "../clock.js";
import type { GrowingAssets } from "../growing-assets.js";
import { AccessLog } from "../http/access-log.js";
import { listen } from "../http/listen.js";
import { sendPurge } from "../http/purge-client.js";
import { viewersService } from "../http/viewers-server.js";
import type { Uploads } from "../ingest/uploads.js";
import type { Members } from "../members.js";
import { Purger } from "../purger.js";
import { readToken } from "../upload-token.js";
import type { Base } from "./base.js";
import type { Replication } from "./replication.js";

/** Returns the port. */
export async function openViewers(
  base: Base,
  host: string,
  replicator: Replication["replicator"],
  growing: GrowingAssets,
  uploads: Uploads,
  members: Members,
): Promise<number> {
  const { config, tail, lifecycle, report } = base;
  const { tlsCert, tlsKey, sendFile } = config;
  const token = config.uploadTokenFile === undefined ? undefined : await readToken(config.uploadTokenFile);
  const service = viewersService(
    {
      manifest: (asset) => replicator.manifest(asset),
      manifestAtHand: (asset) => replicator.manifestAtHand(asset),
      file: (reference, asset) => replicator.file(reference, asset),
      arriving: (reference, asset, signal) => replicator.arriving(reference, asset, signal),
      list: () => assetRows(tail.state, replicator),
      growing: (asset) => growing.find(asset),
      growingFile: (reference, summary) => growing.file(reference, summary),
    },
    {
      sendFile,
      nodes: () => members.viewers(),
      incoming: token === undefined ? undefined : { uploads, token },
    },
  );
  const accessLog = await openAccessLog(base);
  const listener = await listen(service, {
    host,
    port: config.httpPort,
    report: reportFailure(base),
    tell: report,
    ...(tlsCert && tlsKey ? { tls: { cert: tlsCert, key: tlsKey } } : {}),
    ...(accessLog ? { accessLog } : {}),
  });
  lifecycle.onStop("viewers' HTTP", () => listener.close());
  return listener.port;
}

/** Tells the caches in front what has gone. */
export function startPurging({ config, tail, lifecycle, report }: Base): void {
  if (config.purge === undefined) return;
  const purger = new Purger({ mesh: tail.state, caches: config.purge, send: sendPurge, clock: systemClock, report });
  tail.onEntry((entry, job) => {
    if (job === undefined) return;
    if (hasEnded(job)) purger.ended(job.asset);
    // What could be watched of it while it was being made is made again.
    else if (entry.kind === "jobReplanned" || entry.kind === "taskReopened") purger.gone(job.asset);
  });
  tail.onReset(() => purger.look());
  lifecycle.onStop("purging", () => purger.stop());
}

export function reportFailure({ report }: Pick<Base, "report">): (error: ReelmeshError, request: string) => void {
  return (error, request) => report("HTTP request failed", { request, error });
}

/** It is stopped after the listener, whose last requests it still takes. */
async function openAccessLog({ config, lifecycle, report }: Base): Promise<AccessLog | undefined> {
  if (config.accessLog === undefined) return undefined;
  const log = await AccessLog.open(config.accessLog, report);
  const reopen = () => log.reopen();
  process.on("SIGHUP", reopen);
  lifecycle.onStop("access log", () => {
    process.off("SIGHUP", reopen);
    return log.close();
  });
  return log;
}
