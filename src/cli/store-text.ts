/** What `status` says of a node's store. */
import type { NodeStatus__Output as NodeStatus } from "../gen/reelmesh/v1/NodeStatus.js";
import { formatBytes, formatSeconds, formatTime } from "./format.js";

/** How much of the quota is used, and from when on that means no work. */
export function describeQuota({ node, store }: NodeStatus): string {
  const quota = store?.quotaBytes ?? 0;
  if (quota === 0) return "";
  const used = Math.round(((node?.bytes ?? 0) / quota) * 100);
  return `${used}% of ${formatBytes(quota)} used${node?.state === "full" ? ": no work is taken until it is below 85%" : ""}`;
}

export function describeScrub({ node, store }: NodeStatus): string {
  if (store === null) return "";
  const { scrubRate, oldestVerifiedMs, damagedBlobs, missingBlobs } = store;
  const age = formatSeconds((Date.now() - oldestVerifiedMs) / 1000);
  const oldest = oldestVerifiedMs === 0 ? "not every blob was compared yet" : `every blob compared within ${age}`;
  const rate = scrubRate === 0 ? "off" : `at most ${formatBytes(scrubRate)} a second`;
  const found = damagedBlobs + missingBlobs === 0 ? [] : [`${damagedBlobs} damaged and ${missingBlobs} missing found`];
  return [rate, ...(node?.blobs === 0 ? [] : [oldest]), ...found].join("; ");
}

/** Empty when the index was never begun anew. */
export function describeIndex({ store }: NodeStatus): string {
  if (store === null || store.rebuiltMs === 0) return "";
  return `begun anew ${formatTime(store.rebuiltMs)}: ${store.rebuiltReason}`;
}
