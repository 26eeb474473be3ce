/** Somebody who submits a job, again until it is acknowledged, and may cancel it. */
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import type { VirtualNode } from "./machine.js";
import type { World } from "./world.js";

const PATIENCE_MS = 8_000;
const AGAIN_MS = 1_000;

type Submission = Fact & { kind: "jobSubmitted" };

export class User {
  readonly #world: World;
  readonly #submission: Submission;
  readonly #plan: { at: number; cancelAt: number | undefined };
  #acknowledged = false;
  #cancelled = false;

  constructor(world: World, submission: Submission, plan: { at: number; cancelAt: number | undefined }) {
    this.#world = world;
    this.#submission = submission;
    this.#plan = plan;
  }

  /** Has the answers that it wanted. */
  get satisfied(): boolean {
    return this.#acknowledged && (this.#cancelled || this.#plan.cancelAt === undefined);
  }

  begin(): void {
    const { time, random, machines, checks } = this.#world;
    const { at, cancelAt } = this.#plan;
    const fact = this.#submission.jobSubmitted;
    fact.holder = random.pick(machines).id;
    // The upload went to one machine, and is on its disk when the submission comes.
    const holder = machines.find(({ id }) => id === fact.holder);
    if (fact.source !== null) holder?.disk.blobs.add(fact.source.sha256);
    time.after(at, () =>
      this.#persist(
        (node) => node.coordinator.submit(this.#submission),
        () => {
          this.#acknowledged = true;
          checks.submitted(fact.job);
          if (cancelAt !== undefined) time.after(cancelAt - time.now, () => this.#cancel(fact.job));
        },
      ),
    );
  }

  #cancel(job: string): void {
    this.#persist(
      (node) => node.coordinator.control(job, { kind: "cancel" }),
      (verdict) => {
        this.#cancelled = true;
        if (verdict === "done") this.#world.checks.cancelled(job);
      },
    );
  }

  /** Asks whoever seems to lead until there is an answer: done, or refused because the job has ended. */
  #persist(ask: (node: VirtualNode) => Promise<unknown>, answered: (verdict: "done" | "refused") => void): void {
    const { time, network } = this.#world;
    let open = true;
    const again = () => {
      if (!open) return;
      open = false;
      this.#persist(ask, answered);
    };
    time.after(PATIENCE_MS, again);
    const reply = (verdict: "done" | "refused") => {
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
          if (error instanceof ReelmeshError && error.code === "CONFLICT") reply("refused");
          else time.after(AGAIN_MS, again);
        },
      );
    };
    time.after(network.delay(), act, target.process);
    if (network.repeats()) time.after(network.delay(), () => void ask(target).catch(() => {}), target.process);
  }

  /** The coordinator that a random node knows. */
  #target(): VirtualNode | undefined {
    const { random, machines } = this.#world;
    const known = random.pick(machines).node?.tail.state.coordinator.id;
    return machines.find(({ id }) => id === known)?.node;
  }
}
