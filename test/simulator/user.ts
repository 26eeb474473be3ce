/** Somebody who submits a job, again until it is acknowledged, and then asks this and that of it. */
import type { JobCommand } from "../../src/coordinator/job-control.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import type { VirtualNode } from "./machine.js";
import type { Wish } from "./profile.js";
import type { World } from "./world.js";

const PATIENCE_MS = 8_000;
const AGAIN_MS = 1_000;
const LOOK_MS = 6_000;

type Submission = Fact & { kind: "jobSubmitted" };

/** Refused: the job has ended. Gone: there is no such job. */
type Verdict = "done" | "refused" | "gone";

interface Plan {
  at: number;
  wishes: Wish[];
}

export class User {
  readonly #world: World;
  readonly #submission: Submission;
  readonly #plan: Plan;
  #acknowledged = false;
  readonly #wishes: Wish[];

  constructor(world: World, submission: Submission, plan: Plan) {
    this.#world = world;
    this.#submission = submission;
    this.#plan = plan;
    this.#wishes = [...plan.wishes];
  }

  get job(): string {
    return this.#submission.jobSubmitted.job;
  }

  /** Has the answers that it wanted. */
  get satisfied(): boolean {
    return this.#acknowledged && this.#wishes.length === 0;
  }

  begin(): void {
    const { time, random, machines, checks } = this.#world;
    const fact = this.#submission.jobSubmitted;
    fact.holder = random.pick(machines).id;
    // The upload went to one machine, and is on its disk when the submission comes.
    const holder = machines.find(({ id }) => id === fact.holder);
    if (fact.source !== null) holder?.disk.blobs.add(fact.source.sha256);
    time.after(this.#plan.at, () =>
      this.#persist(
        async (node) => node.coordinator.jobs.submit(this.#submission),
        () => {
          this.#acknowledged = true;
          checks.submitted(fact.job);
          this.#wishNext(fact.job);
          time.after(LOOK_MS, () => this.#look(fact.job));
        },
      ),
    );
  }

  /** Asks for one thing after another. */
  #wishNext(job: string): void {
    const [wish] = this.#wishes;
    if (wish === undefined) return;
    const { time } = this.#world;
    const { command } = wish;
    const ask = () =>
      this.#persist(
        async (node) => node.coordinator.jobs.control(job, command),
        (verdict) => {
          // What is still at work cannot be removed yet.
          if (command.kind === "remove" && verdict === "refused") {
            time.after(LOOK_MS, ask);
            return;
          }
          this.#wishes.shift();
          if (verdict !== "refused") this.#check(job, command, verdict);
          this.#wishNext(job);
        },
      );
    time.after(wish.at - time.now, ask);
  }

  /** "There is no such job" says that it was removed. It acknowledges no cancellation: a job that the log lost may come back. */
  #check(job: string, command: JobCommand, verdict: "done" | "gone"): void {
    const { checks } = this.#world;
    if (command.kind === "cancel" && verdict === "done") checks.cancelled(job);
    else if (command.kind === "remove") {
      checks.removed(job);
      this.#world.loseRemoval();
    }
  }

  /** A job that has been paused long enough is resumed, also when an old wish to pause it comes late. */
  #look(job: string): void {
    const { time, checks } = this.#world;
    const again = () => time.after(LOOK_MS, () => this.#look(job));
    if (!checks.truth.isPaused(job) || !checks.truth.isActive(job)) {
      again();
      return;
    }
    this.#persist(async (node) => node.coordinator.jobs.control(job, { kind: "adjust", paused: false }), again);
  }

  /** Asks whoever seems to lead until there is an answer. */
  #persist(ask: (node: VirtualNode) => Promise<unknown>, answered: (verdict: Verdict) => void): void {
    const { time, network } = this.#world;
    let open = true;
    const again = () => {
      if (!open) return;
      open = false;
      this.#persist(ask, answered);
    };
    time.after(PATIENCE_MS, again);
    const reply = (verdict: Verdict) => {
      if (network.loses()) return;
      time.after(network.delay(), () => {
        if (!open) return;
        open = false;
        answered(verdict);
      });
    };
    const target = this.#target();
    if (target === undefined || network.loses()) return;
    const act = () => {
      ask(target).then(
        () => target.process.alive && reply("done"),
        (error: unknown) => {
          if (!target.process.alive) return;
          const code = error instanceof ReelmeshError ? error.code : "";
          // One that was deposed and does not know yet may say NOT_FOUND of what is there.
          const isGone = code === "NOT_FOUND" && !this.#world.checks.truth.has(this.job);
          if (code === "CONFLICT") reply("refused");
          else if (isGone) reply("gone");
          else time.after(AGAIN_MS, again);
        },
      );
    };
    time.after(network.delay(), act, target.process);
    // One that comes again after the job's removal would enter it anew.
    const mayRepeat = !this.#plan.wishes.some(({ command }) => command.kind === "remove");
    if (mayRepeat && network.repeats())
      time.after(network.delay(), () => void ask(target).catch(() => {}), target.process);
  }

  /** The coordinator that a random node knows. */
  #target(): VirtualNode | undefined {
    const { random, machines } = this.#world;
    const known = random.pick(machines).node?.tail.state.coordinator.id;
    return machines.find(({ id }) => id === known)?.node;
  }
}
