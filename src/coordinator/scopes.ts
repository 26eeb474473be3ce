/** Which facts may be on their way into the mesh log together: those that touch different things. */

/**
 * What a fact touches: a job, or only one task of it. Facts that touch different things may be in flight together; one
 * without a scope goes alone.
 */
export interface Scope {
  job: string;
  task?: string;
  /** Other tasks that the decision looked at. */
  beside?: string[];
}

/** What those before one touch. */
export class Scopes {
  /** One of them touches everything. */
  everything = false;
  #size = 0;
  readonly #byJob = new Map<string, Scope[]>();

  add(scope: Scope | undefined): void {
    this.#size++;
    if (scope === undefined) this.everything = true;
    else {
      const others = this.#byJob.get(scope.job);
      if (others === undefined) this.#byJob.set(scope.job, [scope]);
      else others.push(scope);
    }
  }

  touch(scope: Scope | undefined): boolean {
    if (scope === undefined) return this.#size > 0;
    return this.everything || (this.#byJob.get(scope.job)?.some((one) => touch(one, scope)) ?? false);
  }
}

/** Whether two facts of one job touch the same thing. */
function touch(one: Scope, other: Scope): boolean {
  if (one.task === undefined || other.task === undefined || one.task === other.task) return true;
  return (one.beside?.includes(other.task) || other.beside?.includes(one.task)) ?? false;
}
