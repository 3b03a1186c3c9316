import type { RuleId } from "../rules.generated.ts";
import type { Edition } from "./edition.ts";
import type { Op } from "./op.ts";
import type { Job, Micros, State } from "./state.ts";

/** What one rule did to one job, or that it kept the job as it is (`set` empty), and what it looked at. */
export type Effect = Readonly<{
  rule: RuleId;
  /** Null for what concerns no single job, such as a refusal. */
  job: number | null;
  set: Partial<Job>;
  /** A sentence of evidence: jobs as `#id`, keys as their hex. */
  because: string;
  /** `scheduledAt` may be any instant of this closed range: the rule leaves room for jitter. */
  scheduledWithin?: readonly [from: Micros, to: Micros];
}>;

/** What the caller must be told; jobs are labels. The order of fetched and scheduled jobs is left open. */
export type Answer =
  | Readonly<{ op: "insert"; jobs: readonly Readonly<{ id: number; duplicate: boolean }>[] }>
  | Readonly<{ op: "fetch"; jobs: readonly number[] }>
  /** Null where nobody says which row is returned. */
  | Readonly<{ op: "finish"; job: number | null }>
  | Readonly<{ op: "schedule"; jobs: readonly number[] }>
  | Readonly<{ op: "refused"; code: "invalid"; rule: RuleId }>;

/** What must be true after one operation. */
export type Step = Readonly<{ state: State; answer: Answer; effects: readonly Effect[] }>;

/** What the rules need from outside: an edition, SHA-256 of UTF-8 text as lowercase hex, and the run's origin in microseconds since the Unix epoch. */
export type Law = Readonly<{ edition: Edition; sha256: (text: string) => string; origin: Micros }>;

/** What says the rules of an operation: `step`, or something else in its place. */
export type Model = (state: State, op: Op, law: Law) => Step;

/** The state in which every effect has been applied, in order. */
export function applyEffects(state: State, effects: readonly Effect[]): State {
  const jobs = new Map(state.jobs);
  for (const { job: id, set } of effects) {
    const job = id === null ? undefined : jobs.get(id);
    if (job !== undefined) jobs.set(job.id, { ...job, ...set });
  }
  return { ...state, jobs };
}

/** The step of a refused call: nothing changes. */
export const refuse = (state: State, rule: RuleId, because: string): Step => ({
  state,
  answer: { op: "refused", code: "invalid", rule },
  effects: [{ rule, job: null, set: {}, because }],
});
