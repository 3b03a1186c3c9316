import { retryAt } from "./backoff.ts";
import { applyEffects, type Effect, type Law, refuse, type Step } from "./effect.ts";
import { jsonb, membersOf, merge } from "./jsonb.ts";
import type { FinishOp, Outcome } from "./op.ts";
import { MARK } from "./schedule.ts";
import { finalize, giveWay, isCancelRequested } from "./settle.ts";
import { countOf } from "./snoozes.ts";
import type { AttemptError, Held, Job, Micros, State } from "./state.ts";

/** River's scheduler interval: what runs again within it skips the scheduler. */
const SOON: Micros = 5_000_000;

/** Ends an attempt of one job. */
export function finish(state: State, op: FinishOp, law: Law): Step {
  const { outcome } = op;
  if (outcome.kind === "snooze" && outcome.for < 0) {
    return refuse(state, "FIN-17", "The snooze is negative.");
  }
  if (outcome.metadata !== undefined && !isObject(outcome.metadata)) {
    return refuse(state, "FIN-19", "The metadata updates are no JSON object.");
  }
  const fetches = state.fetches.get(op.job) ?? [];
  const held = op.fetch === undefined ? fetches.at(-1) : fetches[op.fetch];
  const job = state.jobs.get(op.job);
  if (held === undefined || job === undefined) {
    const gone: Effect = { rule: "DEL-9", job: null, set: {}, because: `#${op.job} is gone.` };
    const because = `#${op.job} was never fetched.`;
    const never: Effect = { rule: "FIN-18", job: job?.id ?? null, set: {}, because };
    const effect = held === undefined ? never : gone;
    return { state, answer: { op: "finish", job: null }, effects: [effect] };
  }
  const effects = decide(state, job, held, op, law);
  return {
    state: applyEffects(state, effects),
    answer: { op: "finish", job: job.id },
    effects,
  };
}

function isObject(metadata: string): boolean {
  const stored = jsonb(metadata);
  return stored !== null && membersOf(stored) !== null;
}

function decide(state: State, job: Job, held: Held, op: FinishOp, law: Law): Effect[] {
  if (job.attempt !== held.attempt || job.attemptedAt !== held.attemptedAt) {
    const because = `#${job.id} has been fetched again, or given back, since that fetch.`;
    return [{ rule: "FIN-16", job: job.id, set: {}, because }];
  }
  const metadata = mergeUpdates(job, op.outcome, law);
  if (job.state !== "running") {
    const because = `#${job.id} is ${job.state}, no longer running.`;
    return [{ rule: "FIN-15", job: job.id, set: {}, because }, ...metadata];
  }
  const settled = settle(state, job, op, law);
  const blocked = giveWay(state, job, settled, op.now);
  const effects = [
    ...(blocked ?? settled),
    ...recordError(job, held, op.outcome, law),
    ...metadata,
  ];
  if (blocked === null) return effects;
  const base = applyEffects(state, effects).jobs.get(job.id)?.metadata ?? job.metadata;
  const set = { metadata: merge(base, MARK) };
  return [...effects, { rule: "INV-13", job: job.id, set, because: "It gave way to a rival." }];
}

const runsAgain = (outcome: Outcome, job: Job): boolean =>
  outcome.kind === "snooze" ||
  outcome.kind === "interrupt" ||
  (outcome.kind === "error" && job.attempt < job.maxAttempts);

function settle(state: State, job: Job, op: FinishOp, law: Law): Effect[] {
  const { outcome, now } = op;
  if (runsAgain(outcome, job) && isCancelRequested(job)) {
    const because = `#${job.id} has cancel_attempted_at in its metadata.`;
    return finalize(state, job, "cancelled", "FIN-12", because, now);
  }
  switch (outcome.kind) {
    case "complete":
      return finalize(state, job, "completed", "FIN-1", `#${job.id} was running.`, now);
    case "discard":
      return finalize(state, job, "discarded", "FIN-5", `#${job.id} was running.`, now);
    case "cancel":
      return finalize(state, job, "cancelled", "FIN-6", `#${job.id} was running.`, now);
    case "error":
      return fail(state, job, outcome, now);
    case "snooze":
      return snooze(job, outcome.for, now, law);
    case "interrupt":
      return interrupt(job, now);
  }
}

function fail(
  state: State,
  job: Job,
  outcome: Extract<Outcome, { kind: "error" }>,
  now: Micros,
): Effect[] {
  const attempts = `attempt ${job.attempt} of ${job.maxAttempts}`;
  if (job.attempt >= job.maxAttempts) {
    return finalize(state, job, "discarded", "FIN-4", `It was ${attempts}.`, now);
  }
  const next = retryAt(job.errors.length + 1, outcome.retryAt, now);
  const soon = next.at - now <= SOON;
  const because = `It was ${attempts}; the next is ${soon ? "at most 5 s" : "more than 5 s"} away.`;
  const rule = next.rule ?? (soon ? "FIN-3" : "FIN-2");
  return [
    {
      rule: soon ? "FIN-3" : "FIN-2",
      job: job.id,
      set: { state: soon ? "available" : "retryable" },
      because,
    },
    {
      rule,
      job: job.id,
      set: { scheduledAt: next.at },
      because: next.because ?? because,
      ...(next.within === null ? {} : { scheduledWithin: next.within }),
    },
  ];
}

function snooze(job: Job, duration: Micros, now: Micros, law: Law): Effect[] {
  const soon = duration <= SOON;
  const because = `The snooze is ${soon ? "at most" : "more than"} 5 s.`;
  const set: Partial<Job> = {
    state: soon ? "available" : "scheduled",
    scheduledAt: now + duration,
  };
  const attempts: Partial<Job> = law.edition.snoozeGivesAttemptBack
    ? { attempt: Math.max(job.attempt - 1, 0) }
    : { maxAttempts: job.maxAttempts + 1 };
  return [
    { rule: soon ? "FIN-8" : "FIN-7", job: job.id, set, because },
    { rule: "FIN-9", job: job.id, set: attempts, because: "A snooze uses up no attempt." },
  ];
}

/** FIN-11 */
const interrupt = (job: Job, now: Micros): Effect[] => [
  {
    rule: "FIN-11",
    job: job.id,
    set: { state: "available", scheduledAt: now, attempt: Math.max(job.attempt - 1, 0) },
    because: "The client stopped; the worker did not fail.",
  },
];

/** FIN-13 */
function recordError(job: Job, held: Held, outcome: Outcome, law: Law): Effect[] {
  if (outcome.kind !== "error" && outcome.kind !== "discard" && outcome.kind !== "cancel")
    return [];
  // River's Go client records a cancellation under the name of its error type.
  const name = law.edition.cancelErrorExported ? "JobCancelError" : "jobCancelError";
  const prefix = outcome.kind === "cancel" ? `${name}: ` : "";
  const error: AttemptError = {
    at: held.attemptedAt,
    attempt: held.attempt,
    error: prefix + outcome.message,
    trace: "",
  };
  const because = `The attempt ended as ${outcome.kind}.`;
  return [{ rule: "FIN-13", job: job.id, set: { errors: [...job.errors, error] }, because }];
}

function mergeUpdates(job: Job, outcome: Outcome, law: Law): Effect[] {
  const updates = jsonb(outcome.metadata ?? "{}") ?? "{}";
  const merged = merge(job.metadata, updates);
  const effects: Effect[] = [];
  if (outcome.metadata !== undefined) {
    const because = "The outcome carries metadata updates.";
    effects.push({ rule: "FIN-14", job: job.id, set: { metadata: merged }, because });
  }
  const { snoozeGivesAttemptBack, lateSnoozeCounts } = law.edition;
  const isCounted = snoozeGivesAttemptBack && (lateSnoozeCounts || job.state === "running");
  if (outcome.kind === "snooze" && isCounted) {
    const count = countOf(membersOf(job.metadata)?.get("snoozes") ?? "null");
    const metadata = merge(merged, `{"snoozes": ${count + 1n}}`);
    const because = `Its metadata counted ${count} snoozes.`;
    effects.push({ rule: "FIN-10", job: job.id, set: { metadata }, because });
  }
  return effects;
}
