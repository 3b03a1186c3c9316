import type { Effect, Law, Model, Step } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Job, State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";

/** The model with one rule wrong, which the reference must show to be wrong. */
export type Mutant = Readonly<{
  name: string;
  /** What it says instead of the rule, in a sentence. */
  what: string;
  /** The rules that a divergence may name for it to count as killed: the ones it breaks, and those that it says instead. */
  rules: readonly RuleId[];
  model: Model;
}>;

/** What an effect was decided on. */
export type Seen = Readonly<{ job: Job; op: Op }>;

/** A model in which the effects of some rules set something else. */
export const says =
  (
    rules: RuleId | readonly RuleId[],
    change: (set: Effect["set"], seen: Seen) => Effect["set"],
  ): Model =>
  (state, op, law) => {
    const right = step(state, op, law);
    const isOne = (rule: RuleId) =>
      typeof rules === "string" ? rules === rule : rules.includes(rule);
    if (!right.effects.some((effect) => isOne(effect.rule))) return right;
    const effects = right.effects.map((effect) => {
      const job = effect.job === null ? undefined : jobOf(state, right, effect.job);
      if (!isOne(effect.rule) || job === undefined) return effect;
      return { ...effect, set: change(effect.set, { job, op }) };
    });
    return { ...right, effects, state: { ...right.state, jobs: applied(state, right, effects) } };
  };

const jobOf = (state: State, right: Step, id: number): Job | undefined =>
  state.jobs.get(id) ?? right.state.jobs.get(id);

function applied(before: State, right: Step, effects: readonly Effect[]): ReadonlyMap<number, Job> {
  const jobs = new Map(right.state.jobs);
  const changed = new Set(effects.map((effect) => effect.job));
  for (const id of jobs.keys()) {
    const base = changed.has(id) ? jobOf(before, right, id) : undefined;
    if (base !== undefined) jobs.set(id, base);
  }
  for (const { job: id, set } of effects) {
    const job = id === null ? undefined : jobs.get(id);
    if (job !== undefined) jobs.set(job.id, { ...job, ...set });
  }
  return jobs;
}

/** A model that hears another operation than the one asked for. */
export const hears =
  (change: (op: Op, state: State) => Op): Model =>
  (state, op, law) =>
    step(state, change(op, state), law);

/** A model that takes jobs for something else than they are: what it sees wrong stays as it was, unless it is set. */
export const sees =
  (change: (job: Job, op: Op) => Partial<Job>): Model =>
  (state, op, law) => {
    const jobs = new Map<number, Job>();
    for (const job of state.jobs.values()) jobs.set(job.id, { ...job, ...change(job, op) });
    const wrong = step({ ...state, jobs }, op, law);
    const after = new Map(wrong.state.jobs);
    for (const [id, job] of after) {
      const was = state.jobs.get(id);
      const taken = jobs.get(id);
      if (was === undefined || taken === undefined) continue;
      const kept = (Object.keys(change(was, op)) as (keyof Job)[]).filter(
        (column) => job[column] === taken[column],
      );
      after.set(id, { ...job, ...Object.fromEntries(kept.map((column) => [column, was[column]])) });
    }
    return { ...wrong, state: { ...wrong.state, jobs: after } };
  };

/** A model that goes by another law. */
export const obeys =
  (change: (law: Law) => Law): Model =>
  (state, op, law) =>
    step(state, op, change(law));

/** The set with one column as it was. */
export const unchanged = (set: Effect["set"], job: Job, column: keyof Job): Effect["set"] => ({
  ...set,
  [column]: job[column],
});
