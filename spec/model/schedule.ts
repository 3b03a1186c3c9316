import { applyEffects, type Effect, type Step } from "./effect.ts";
import { merge } from "./jsonb.ts";
import { holds, rivalsOf, STATE_BITS } from "./key.ts";
import { tell } from "./notify.ts";
import type { ScheduleOp } from "./op.ts";
import type { Job, Micros, State } from "./state.ts";
import { inWorkingOrder, listJobs } from "./words.ts";

/** Jobs go one at a time, so that a job promoted early in the call blocks a rival that comes later. */
export function schedule(state: State, op: ScheduleOp): Step {
  const waiting = [...state.jobs.values()].filter(isWaiting);
  const ready = waiting.filter((job) => job.scheduledAt <= op.horizon).sort(inWorkingOrder);
  const taken = ready.slice(0, op.limit);
  const effects: Effect[] = [
    ...waiting.filter((job) => job.scheduledAt > op.horizon).map(notDue),
    ...ready.slice(op.limit).map((job) => beyondLimit(job, op.limit)),
  ];
  let current = state;
  for (const job of taken) {
    const due = taken.filter((other) => other.id !== job.id && competes(other, job));
    const decided = promote(current, job, due, op);
    effects.push(...decided);
    current = applyEffects(current, decided);
  }
  const promoted = taken.flatMap((job) => current.jobs.get(job.id) ?? []);
  const fetchable = promoted.filter((job) => job.state === "available" && isImminent(job, op));
  const { notifiedAt, effects: told } = tell(state, op.now, "SCH-10", fetchable);
  return {
    state: { ...current, notifiedAt },
    answer: { op: "schedule", jobs: taken.map((job) => job.id) },
    effects: [...effects, ...told],
  };
}

/** SCH-10: how far ahead a job may be due that clients should fetch at once. */
const AT_ONCE: Micros = 5_000;

const isImminent = (job: Job, { now }: ScheduleOp): boolean => job.scheduledAt <= now + AT_ONCE;

const isWaiting = (job: Job): boolean => job.state === "scheduled" || job.state === "retryable";

const competes = (other: Job, job: Job): boolean =>
  job.uniqueStates !== null &&
  other.uniqueStates !== null &&
  job.uniqueKey !== null &&
  other.uniqueKey === job.uniqueKey;

/** SCH-1 */
const notDue = (job: Job): Effect => ({
  rule: "SCH-1",
  job: job.id,
  set: {},
  because: `#${job.id} is due only later.`,
});

/** SCH-2 */
const beyondLimit = (job: Job, limit: number): Effect => ({
  rule: "SCH-2",
  job: job.id,
  set: {},
  because: `#${job.id} is due, but ${limit} come before it.`,
});

function promote(state: State, job: Job, due: readonly Job[], op: ScheduleOp): Effect[] {
  if (job.uniqueKey === null || job.uniqueStates === null) {
    return [available(job, "SCH-7", `#${job.id} competes for no key.`)];
  }
  const key = `key ${job.uniqueKey}`;
  // A mask from before River 0.13 may lack available: then a rival that this call has promoted holds nothing, and still comes first.
  const promoted = due
    .flatMap((other) => state.jobs.get(other.id) ?? [])
    .filter((other) => other.state === "available");
  const rivals = [...new Set([...rivalsOf(state, job), ...promoted])];
  if (rivals.length > 0) return block(job, `${listJobs(rivals)} holds ${key}.`, op);
  const own = holds(job) ? `only #${job.id} itself held it` : "nobody held it";
  if (due.length === 0) {
    return [available(job, "SCH-3", `No other job has ${key} or is due with it: ${own}.`)];
  }
  return holds(job)
    ? [available(job, "SCH-5", `#${job.id} holds ${key} itself, and ${listJobs(due)} is due too.`)]
    : [
        available(
          job,
          "SCH-6",
          `Nobody holds ${key}, and #${job.id} comes before ${listJobs(due)}.`,
        ),
      ];
}

const available = (
  job: Job,
  rule: "SCH-3" | "SCH-5" | "SCH-6" | "SCH-7",
  because: string,
): Effect => ({
  rule,
  job: job.id,
  set: { state: "available" },
  because,
});

/** SCH-8: what the metadata of a job says that gave way to a rival. */
export const MARK = '{"unique_key_conflict": "scheduler_discarded"}';

function block(job: Job, because: string, op: ScheduleOp): Effect[] {
  const uniqueStates = (job.uniqueStates ?? 0) & ~STATE_BITS.discarded;
  const effects: Effect[] = [
    { rule: "SCH-4", job: job.id, set: { state: "discarded" }, because },
    {
      rule: "SCH-8",
      job: job.id,
      set: { finalizedAt: op.now, metadata: merge(job.metadata, MARK) },
      because,
    },
  ];
  if (uniqueStates !== job.uniqueStates) {
    effects.push({ rule: "SCH-9", job: job.id, set: { uniqueStates }, because });
  }
  return effects;
}
