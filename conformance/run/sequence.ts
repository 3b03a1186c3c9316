import { checkInvariants, type Violation } from "../../spec/invariants.ts";
import type { Law, Model, Step } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Job, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter, Observation, Reply } from "../adapter.ts";
import { compare } from "../compare/compare.ts";
import type { Difference, Observed } from "../compare/difference.ts";
import { isBeyond } from "./needs.ts";
import { type Signature, signatureOf } from "./signature.ts";
import { transitionsOf } from "./transition.ts";
import { type Drawn, World } from "./world.ts";

/** A step at which model and implementation part. */
export type Divergence = Readonly<{
  /** Index of the step. */
  at: number;
  op: Op;
  signature: Signature;
  /** The first names the rule that was owed. */
  differences: readonly Difference[];
  violations: readonly Violation[];
  before: State;
  expected: Step;
  observed: ReadonlyMap<number, Job>;
  services: Pick<Observed, "queues" | "leader">;
  reply: Reply;
}>;

/** What a sequence has shown. */
export type Outcome = Readonly<{
  operations: number;
  fired: ReadonlyMap<RuleId, number>;
  transitions: ReadonlySet<string>;
  divergences: readonly Divergence[];
}>;

/** How many times a sequence goes on from observed rows. */
const TAKEOVERS = 3;

/** Runs a sequence one operation at a time; after a divergence it goes on from what was observed, and what follows from it is not counted. Steps that turn out to be beyond the implementation are left out. */
export async function runSequence(
  adapter: Adapter,
  ops: readonly Op[],
  law: Law,
  model: Model = step,
  from: State = EMPTY,
): Promise<Outcome> {
  await adapter.reset();
  if (from !== EMPTY) await adapter.put?.(from);
  const run = new Run(law, model, from);
  for (const [at, op] of ops.entries()) {
    if (isBeyond(adapter.about, op, run.world.expect(op))) continue;
    const reply = await adapter.run(op, run.world);
    const seen = await inOrder(adapter, run.world, op, await adapter.observe());
    const drawn = run.take(at, op, reply, seen, adapter.pin !== undefined);
    if (drawn.length > 0) await adapter.pin?.(drawn);
    if (run.divergences.length > TAKEOVERS) break;
  }
  return run.outcome();
}

/** Nobody says in which order a leader inserts what is due at the same time; where it can be, it is made the model's. */
async function inOrder(
  adapter: Adapter,
  world: World,
  op: Op,
  seen: Observation,
): Promise<Observation> {
  if (op.op !== "enqueue_periodic" || adapter.renumber === undefined) return seen;
  const ids = world.misplaced(op, seen);
  if (ids.size === 0) return seen;
  await adapter.renumber(ids);
  const jobs = seen.jobs.map((job) => ({ ...job, id: ids.get(job.id) ?? job.id }));
  return { ...seen, jobs: jobs.sort((a, b) => a.id - b.id) };
}

/** Like `runSequence`, with all operations sent at once; null when they cannot be, or something differs and must be looked at step by step. */
export async function runAtOnce(
  adapter: Adapter,
  ops: readonly Op[],
  law: Law,
  model: Model = step,
  from: State = EMPTY,
): Promise<Outcome | null> {
  if (adapter.runAll === undefined) return null;
  const steps = await adapter.runAll(ops, law, from);
  if (steps === null) return null;
  const run = new Run(law, model, from);
  for (const [at, op] of ops.entries()) {
    const done = steps[at];
    if (done === undefined) return null;
    run.take(at, op, done.reply, done.seen);
    if (run.divergences.length > 0) return null;
  }
  return run.outcome();
}

class Run {
  readonly world: World;
  readonly divergences: Divergence[] = [];
  readonly #fired = new Map<RuleId, number>();
  readonly #transitions = new Set<string>();
  readonly #tainted = new Set<number | string>();
  #operations = 0;

  constructor(law: Law, model: Model, from: State) {
    this.world = new World(law, model, from);
  }

  /** What the implementation drew, and goes on from the model's instants instead if `isPinned`. */
  take(at: number, op: Op, reply: Reply, seen: Observation, isPinned = false): readonly Drawn[] {
    const before = this.world.state;
    const expected = this.world.settle(op, this.world.expect(op), seen);
    const observed = this.world.observed(op, expected, seen, reply);
    const drawn = this.world.drawn(expected, observed);
    this.#operations += 1;
    const differences = compare(before, expected, observed);
    this.#count(before, expected, op, observed.jobs);
    const { violations, fired } = checkInvariants(before, stateSeen(before, observed), op);
    for (const rule of fired) this.#fire(rule);
    const all = differences.length > 0 ? differences : violations.map(differenceOf);
    const [first] = all;
    if (first === undefined) {
      this.world.advance(expected, isPinned ? [] : drawn);
      return drawn;
    }
    const own = all.filter((difference) => !this.#isConsequence(before, op, difference));
    const [cause] = own;
    if (cause !== undefined) {
      const signature = signatureOf(before, op, cause);
      this.divergences.push({
        at,
        op,
        signature,
        differences: own,
        violations,
        before,
        expected,
        observed: observed.jobs,
        services: { queues: observed.queues, leader: observed.leader },
        reply,
      });
    }
    this.#taint(all, observed.jobs);
    this.world.takeOver(op, expected, isPinned ? pinned(observed, drawn) : observed);
    return drawn;
  }

  outcome(): Outcome {
    return {
      operations: this.#operations,
      fired: this.#fired,
      transitions: this.#transitions,
      divergences: this.divergences,
    };
  }

  #count(before: State, expected: Step, op: Op, observed: ReadonlyMap<number, Job>): void {
    for (const rule of new Set(expected.effects.map((effect) => effect.rule))) this.#fire(rule);
    // INV-12 and INV-13 speak of every step, INV-9 of every step with an answer.
    this.#fire("INV-13");
    if (observed.size > 0) this.#fire("INV-12");
    if (expected.answer.op !== "refused") this.#fire("INV-9");
    for (const transition of transitionsOf(before, expected, op)) this.#transitions.add(transition);
  }

  #fire(rule: RuleId): void {
    this.#fired.set(rule, (this.#fired.get(rule) ?? 0) + 1);
  }

  #isConsequence(before: State, op: Op, { job, on }: Difference): boolean {
    // What is said or told of a tainted row is as tainted.
    if (job === null && this.#tainted.has(serviceOf(op) ?? "")) return true;
    const key = job === null ? null : (before.jobs.get(job)?.uniqueKey ?? null);
    return this.#tainted.has(job ?? on ?? "") || (key !== null && this.#tainted.has(key));
  }

  #taint(differences: readonly Difference[], observed: ReadonlyMap<number, Job>): void {
    for (const { job, on } of differences) {
      if (on === "leader" || on?.startsWith("queue ")) this.#tainted.add(on);
      if (job === null) continue;
      this.#tainted.add(job);
      const key = observed.get(job)?.uniqueKey;
      if (key != null) this.#tainted.add(key);
    }
  }
}

function pinned(observed: Observed, drawn: readonly Drawn[]): Observed {
  const jobs = new Map(observed.jobs);
  for (const { label, nominal } of drawn) {
    const job = jobs.get(label);
    if (job !== undefined) jobs.set(label, { ...job, scheduledAt: nominal });
  }
  return { ...observed, jobs };
}

/** The row that an operation is about, as `Difference.on` names it. */
function serviceOf(op: Op): string | null {
  if (op.op === "elect" || op.op === "reelect" || op.op === "resign") return "leader";
  return "queue" in op && op.op !== "fetch" ? `queue ${op.queue}` : null;
}

const stateSeen = (before: State, { jobs, queues, leader }: Observed): State => ({
  ...before,
  jobs: new Map([...jobs].map(([label, job]) => [label, { ...job, id: label }])),
  queues,
  leader,
});

const differenceOf = ({ rule, job, because }: Violation): Difference => ({
  rule,
  job,
  column: null,
  expected: "kept",
  got: "broken",
  because,
});
