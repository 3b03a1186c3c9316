import type { Law, Model } from "../../spec/model/effect.ts";
import type { FetchOp, FinishOp, InsertJob, Op, Outcome } from "../../spec/model/op.ts";
import { EMPTY, type Job } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { insertedBy, relabelled } from "./labels.ts";
import type { Divergence } from "./sequence.ts";

/**
 * Shorter ways to the step of a divergence: some of the jobs that were there before it, inserted, fetched and finished straight into their
 * states, then that step. The fewest jobs come first. Whether a way shows the divergence must be tried.
 */
export function shortcuts(
  ops: readonly Op[],
  { before, op, differences }: Divergence,
): readonly (readonly Op[])[] {
  const asked = new Map(ops.flatMap(insertedBy).map((job) => [job.id, job]));
  const jobs = [...before.jobs.values()];
  const named = differences.flatMap(({ job }) => job ?? []);
  const subject = jobs.find(({ id }) => id === ("job" in op ? op.job : named[0]));
  const ways = castsOf(jobs, subject).flatMap((cast) =>
    [cast.map(asScheduled), cast].map((members) => {
      const prefix = members.toSorted(inOrder).flatMap((job) => wayTo(job, asked.get(job.id)));
      return relabelled([...prefix, unpinned(op)]);
    }),
  );
  return ways.filter((way) => way.length < ops.length);
}

/** Waiting for a first attempt takes fewer steps than waiting for the next. */
const asScheduled = (job: Job): Job =>
  job.state === "retryable" ? { ...job, state: "scheduled" } : job;

/** Who might have a part: the subject alone, with its rivals for a key, with any one other, everybody. */
function castsOf(jobs: readonly Job[], subject: Job | undefined): readonly (readonly Job[])[] {
  if (subject === undefined) return [[], ...jobs.map((job) => [job]), ...pairsOf(jobs), jobs];
  const others = jobs.filter((job) => job !== subject);
  const rivals = others.filter(
    ({ uniqueKey }) => uniqueKey !== null && uniqueKey === subject.uniqueKey,
  );
  return [
    [subject],
    ...(rivals.length === 0 ? [] : [[subject, ...rivals]]),
    ...others.map((other) => [subject, other]),
    jobs,
  ];
}

const pairsOf = (jobs: readonly Job[]): readonly (readonly Job[])[] =>
  jobs.flatMap((job, i) => jobs.slice(i + 1).map((other) => [job, other]));

/** Who is fetched must be so before others are there to be fetched instead. */
const inOrder = (a: Job, b: Job): number => ageOf(a) - ageOf(b) || a.id - b.id;

const ageOf = ({ state }: Job): number =>
  ["available", "pending", "scheduled"].includes(state) ? 2 : state === "running" ? 1 : 0;

function wayTo(job: Job, asked: InsertJob | undefined): readonly Op[] {
  const {
    scheduledAt: _due,
    pending: _pending,
    maxAttempts: _max,
    metadata: _,
    ...plain
  } = asked ?? { id: job.id };
  const fresh: InsertJob = {
    ...plain,
    ...(job.metadata === "{}" ? {} : { metadata: job.metadata }),
    ...(job.attempt < job.maxAttempts ? {} : { maxAttempts: 1 }),
    ...(job.state === "pending" ? { pending: true } : {}),
    ...(job.state === "scheduled" ? { scheduledAt: job.scheduledAt } : {}),
  };
  const insert: Op = { op: "insert", now: 0, jobs: [fresh] };
  if (ageOf(job) === 2) return [insert];
  const fetch: FetchOp = { op: "fetch", now: 0, queue: job.queue, limit: 1, client: "c1" };
  const outcome = outcomeOf(job);
  return outcome === null
    ? [insert, fetch]
    : [insert, fetch, { op: "finish", now: 0, job: job.id, outcome }];
}

/** How a first attempt must end for the job to be in this state; null while it runs. */
function outcomeOf({ state, scheduledAt }: Job): Outcome | null {
  switch (state) {
    case "retryable":
      return { kind: "error", message: "boom", retryAt: scheduledAt };
    case "completed":
      return { kind: "complete" };
    case "cancelled":
      return { kind: "cancel", message: "boom" };
    case "discarded":
      return { kind: "discard", message: "boom" };
    default:
      return null;
  }
}

function unpinned(op: Op): Op {
  if (op.op !== "finish") return op;
  const { fetch: _, ...latest } = op;
  return latest satisfies FinishOp;
}

/** The same steps, in which results of a job's latest fetch no longer say of which: so that other fetches can be left out. */
export function ofLatest(ops: readonly Op[], law: Law, model: Model = step): readonly Op[] {
  let state = EMPTY;
  return ops.map((op) => {
    const count = op.op === "finish" ? (state.fetches.get(op.job)?.length ?? 0) : 0;
    state = model(state, op, law).state;
    return op.op === "finish" && op.fetch === count - 1 ? unpinned(op) : op;
  });
}
