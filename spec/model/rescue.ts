import type { RuleId } from "../rules.generated.ts";
import { retryAt } from "./backoff.ts";
import { applyEffects, type Effect, type Law, type Step } from "./effect.ts";
import { membersOf, merge } from "./jsonb.ts";
import { holds } from "./key.ts";
import type { RescueOp } from "./op.ts";
import { MARK } from "./schedule.ts";
import { finalize, giveWay, isCancelRequested } from "./settle.ts";
import { countOf } from "./snoozes.ts";
import type { AttemptError, Job, JsonbText, Micros, State } from "./state.ts";
import { WORKERS } from "./workers.ts";

/** RSC-9: what the error of a rescue says. */
export const RESCUED = "Stuck job rescued by JobRescuer";
const COUNT = "river:rescue_count";

/** Ends the attempts of running jobs that nobody seems to work on any more, batch by batch. */
export function rescue(state: State, op: RescueOp, law: Law): Step {
  const running = [...state.jobs.values()].filter((job) => job.state === "running");
  const stuck = running.filter((job) => isStuck(job, op));
  const kept = new Map(stuck.flatMap((job) => reprieve(job, op) ?? []).map((by) => [by.job, by]));
  const taken = stuck.filter((job) => !kept.has(job.id));
  const effects: Effect[] = [
    ...running.filter((job) => !isStuck(job, op)).map(notStuck),
    ...kept.values(),
  ];
  const size = Math.max(op.limit, 1);
  let current = state;
  for (let at = 0; at < taken.length; at += size) {
    const done = rescueBatch(current, taken.slice(at, at + size), op, law);
    effects.push(...done);
    current = applyEffects(current, done);
  }
  // An odd mark keeps a pass from every job, wherever it stands: RSC-12 speaks for that one.
  const hidden = taken.filter(
    (job) =>
      !isOddlyMarked(job) &&
      [...kept.keys()].filter((by) => (by ?? job.id) < job.id).length >= size,
  );
  effects.push(...hidden.map(({ id }) => reached(current, id)));
  return { state: current, answer: { op: "rescue", count: taken.length }, effects };
}

/** Whether a pass of the rescuer must end this job's attempt. */
export const mayRescue = (job: Job, op: RescueOp): boolean =>
  job.state === "running" && isStuck(job, op) && reprieve(job, op) === null;

/** RSC-1 */
const isStuck = ({ attemptedAt }: Job, { now, after }: RescueOp): boolean =>
  attemptedAt !== null && attemptedAt < now - after;

const notStuck = (job: Job): Effect => ({
  rule: "RSC-1",
  job: job.id,
  set: {},
  because: `The attempt of #${job.id} has not run for that long.`,
});

/** RSC-2 */
const reached = (state: State, id: number): Effect => ({
  rule: "RSC-2",
  job: id,
  set: { state: state.jobs.get(id)?.state ?? "retryable" },
  because: `A whole batch of jobs that may not be rescued comes before #${id}.`,
});

/** Why a stuck job may not be rescued yet; null where it may. */
function reprieve(job: Job, op: RescueOp): Effect | null {
  if (isCancelRequested(job) || !isDecodable(job)) return null;
  const timeout = timeoutOf(job, op);
  const kept = (rule: RuleId, because: string): Effect => ({
    rule,
    job: job.id,
    set: {},
    because,
  });
  if (timeout < 0) return kept("RSC-3", `Nothing limits how long #${job.id} may run.`);
  if (op.now - (job.attemptedAt ?? op.now) >= timeout) return null;
  return kept("RSC-4", `The timeout of #${job.id} has not passed.`);
}

const isDecodable = (job: Job): boolean => membersOf(job.args) !== null;

const timeoutOf = ({ kind }: Job, { timeout }: RescueOp): Micros => WORKERS[kind] ?? timeout;

/** What one statement does: a job that takes its key by being rescued keeps it from those behind it. */
function rescueBatch(state: State, jobs: readonly Job[], op: RescueOp, law: Law): Effect[] {
  let judged = state;
  return jobs.flatMap((job) => {
    const effects = rescueJob(judged, job, op, law);
    const after = applyEffects(judged, effects);
    const next = after.jobs.get(job.id);
    if (next !== undefined && !holds(job) && holds(next)) judged = after;
    return effects;
  });
}

function rescueJob(state: State, job: Job, op: RescueOp, law: Law): Effect[] {
  const settled = settle(state, job, op);
  const blocked = giveWay(state, job, settled, op.now);
  const effects = [...(blocked ?? settled), recordError(job, op.now), ...countRescue(job, law)];
  if (blocked === null) return effects;
  const base = applyEffects(state, effects).jobs.get(job.id)?.metadata ?? job.metadata;
  const set = { metadata: merge(base, MARK) };
  return [...effects, { rule: "INV-13", job: job.id, set, because: "It gave way to a rival." }];
}

/** Whether the mark of a cancellation is not the time that clients write there. */
export function isOddlyMarked(job: Job): boolean {
  const mark = membersOf(job.metadata)?.get("cancel_attempted_at");
  return mark !== undefined && !/^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(mark);
}

function settle(state: State, job: Job, op: RescueOp): Effect[] {
  if (isCancelRequested(job)) {
    const because = `#${job.id} has cancel_attempted_at in its metadata.`;
    const rule = isOddlyMarked(job) ? "RSC-12" : "RSC-5";
    return finalize(state, job, "cancelled", rule, because, op.now);
  }
  const attempts = `attempt ${job.attempt} of ${job.maxAttempts}`;
  if (job.attempt >= job.maxAttempts) {
    const rule = ruleFor(job, "RSC-8", op);
    return finalize(state, job, "discarded", rule, `It was ${attempts}.`, op.now);
  }
  const next = retryAt(job.errors.length + 1, null, op.now);
  return [
    {
      rule: ruleFor(job, "RSC-7", op),
      job: job.id,
      set: { state: "retryable" },
      because: `It was ${attempts}.`,
    },
    {
      rule: "RSC-7",
      job: job.id,
      set: { scheduledAt: next.at },
      because: next.because ?? "",
      ...(next.within === null ? {} : { scheduledWithin: next.within }),
    },
  ];
}

/** The rule that speaks for what became of a job: where its kind or its args are odd, that is the point. */
function ruleFor(job: Job, rule: RuleId, op: RescueOp): RuleId {
  if (!isDecodable(job)) return "RSC-6";
  const isLeftToClient = !Object.hasOwn(WORKERS, job.kind) && op.timeout >= 0;
  return isLeftToClient ? "RSC-11" : rule;
}

/** RSC-9 */
function recordError(job: Job, now: Micros): Effect {
  const error: AttemptError = { at: now, attempt: job.attempt, error: RESCUED, trace: "" };
  const because = `#${job.id} was rescued.`;
  return { rule: "RSC-9", job: job.id, set: { errors: [...job.errors, error] }, because };
}

/** RSC-10 */
function countRescue(job: Job, law: Law): Effect[] {
  if (!law.edition.rescueCounts) return [];
  const value: JsonbText = membersOf(job.metadata)?.get(COUNT) ?? "null";
  const count = /^[-\d]/.test(value) ? countOf(value) : 0n;
  const metadata = merge(job.metadata, `{"${COUNT}": ${count + 1n}}`);
  const because = `Its metadata counted ${count} rescues.`;
  return [{ rule: "RSC-10", job: job.id, set: { metadata }, because }];
}
