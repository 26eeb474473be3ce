/** Who a blob belongs to in a store. */

/** What a job uses and makes; let go when the job is not kept any more. */
export function jobOwner(job: string): string {
  return `job:${job}`;
}
