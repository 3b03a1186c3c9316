import { applyEffects, type Effect, type Step } from "./effect.ts";
import type { CleanOp, CleanQueuesOp } from "./op.ts";
import type { Job, Micros, Queue, State } from "./state.ts";
import { isFinal } from "./words.ts";

/** Whether an unfinished or final job is past its state's retention; −1 keeps for ever. */
export function isPastRetention(job: Job, op: CleanOp): boolean {
  const kept = retentionOf(job, op);
  return kept !== null && kept >= 0 && job.finalizedAt !== null && job.finalizedAt < op.now - kept;
}

/** Null for a job that is not final. */
function retentionOf({ state }: Job, op: CleanOp): Micros | null {
  return state === "cancelled" || state === "completed" || state === "discarded" ? op[state] : null;
}

/** Deletes final jobs that have been kept for long enough. */
export function clean(state: State, op: CleanOp): Step {
  const finals = [...state.jobs.values()].filter((job) => isFinal(job.state));
  const past = finals.filter((job) => isPastRetention(job, op)).sort((a, b) => a.id - b.id);
  const gone = past.slice(0, op.limit);
  const effects: Effect[] = [
    ...finals.filter((job) => !past.includes(job)).map((job) => keep(job, op)),
    ...past.slice(op.limit).map((job) => beyondLimit(job, op)),
    ...gone.map(remove),
  ];
  return {
    state: applyEffects(state, effects),
    answer: { op: "clean", count: gone.length },
    effects,
  };
}

/** CLN-2, CLN-3 */
function keep(job: Job, op: CleanOp): Effect {
  const isForEver = (retentionOf(job, op) ?? 0) < 0;
  return {
    rule: isForEver ? "CLN-3" : "CLN-2",
    job: job.id,
    set: {},
    because: `#${job.id} is ${job.state}, and kept ${isForEver ? "for ever" : "longer"}.`,
  };
}

/** CLN-4 */
const beyondLimit = (job: Job, { limit }: CleanOp): Effect => ({
  rule: "CLN-4",
  job: job.id,
  set: {},
  because: `#${job.id} is past its retention, but ${limit} come before it.`,
});

/** CLN-1 */
const remove = (job: Job): Effect => ({
  rule: "CLN-1",
  job: job.id,
  set: {},
  gone: true,
  because: `#${job.id} is ${job.state}, and past its retention.`,
});
/** Deletes rows of queues that nobody seems to work any more. */
export function cleanQueues(state: State, op: CleanQueuesOp): Step {
  const isOld = (queue: Queue): boolean => queue.updatedAt < op.now - op.after;
  const queues = [...state.queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const old = queues.filter((queue) => isOld(queue) && queue.pausedAt === null);
  const gone = old.slice(0, op.limit);
  const effects = queues.map((queue): Effect => {
    if (gone.includes(queue)) {
      return concerning(queue, "CLN-5", null, "has not been touched for longer than that");
    }
    if (!isOld(queue)) return concerning(queue, "CLN-6", {}, "was touched later");
    return queue.pausedAt === null
      ? concerning(queue, "CLN-4", {}, `is old, but ${op.limit} come before it`)
      : concerning(queue, "CLN-7", {}, "is paused");
  });
  return {
    state: applyEffects(state, effects),
    answer: { op: "clean_queues", count: gone.length },
    effects,
  };
}

const concerning = (
  { name }: Queue,
  rule: "CLN-4" | "CLN-5" | "CLN-6" | "CLN-7",
  set: null | Record<never, never>,
  what: string,
): Effect => ({
  rule,
  job: null,
  set: {},
  queue: { name, set },
  because: `Queue ${name} ${what}.`,
});
