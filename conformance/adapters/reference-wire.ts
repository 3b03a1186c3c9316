import type { z } from "zod";
import { type Job, maskText } from "../../src/job.ts";
import type { Leader } from "../../src/leader.ts";
import type { Outcome } from "../../src/ops/finish.ts";
import type { InsertParams } from "../../src/ops/insert.ts";
import type { PeriodicJob } from "../../src/ops/periodic.ts";
import type { Queue } from "../../src/queue.ts";
import { type Micros, readRfc3339, timestampText } from "../../src/time.ts";
import type { errorObject, Params, Result } from "../protocol/messages.ts";
import { argsOf } from "../reference/kinds.ts";

type WireJob = NonNullable<Result<"finish">["job"]>;
/** The error object of an answer. */
export type WireError = z.infer<typeof errorObject>;
type Code = NonNullable<WireError["data"]>["code"];

/** What the adapter itself refuses, with a code of the protocol. */
export class Refusal extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

/** An entry of a leader's timetable. */
export function toEntry(entry: Params<"enqueue_periodic">["jobs"][number]): PeriodicJob {
  const { id, schedule, run_on_start: runOnStart, job } = entry;
  return {
    schedule,
    ...(id !== undefined && { id }),
    ...(runOnStart !== undefined && { runOnStart }),
    construct: () => (job === undefined ? null : toInsert(job)),
  };
}

/** A job of `insert` as the queue takes it; what is absent stays so. */
export function toInsert(job: Params<"insert">["job"]): InsertParams {
  const { unique } = job;
  return {
    kind: job.kind,
    argsText: job.args,
    ...(job.metadata !== undefined && { metadata: job.metadata }),
    ...(job.tags !== undefined && { tags: job.tags }),
    ...(job.priority !== undefined && { priority: job.priority }),
    ...(job.queue !== undefined && { queue: job.queue }),
    ...(job.max_attempts !== undefined && { maxAttempts: job.max_attempts }),
    ...(job.scheduled_at !== undefined && { scheduledAt: micros(job.scheduled_at) }),
    ...(job.pending !== undefined && { pending: job.pending }),
    ...(unique !== undefined && {
      unique: {
        ...(unique.by_args !== undefined && { byArgs: argsOf(job.kind, unique.by_args) }),
        ...(unique.by_period_us !== undefined && { byPeriod: BigInt(unique.by_period_us) }),
        ...(unique.by_queue !== undefined && { byQueue: unique.by_queue }),
        ...(unique.by_state !== undefined && { byState: unique.by_state }),
        ...(unique.exclude_kind !== undefined && { excludeKind: unique.exclude_kind }),
      },
    }),
  };
}

/** How an attempt ended, as the queue takes it. */
export function toOutcome(outcome: Params<"finish">["outcome"]): Outcome {
  const metadata = outcome.metadata === undefined ? {} : { metadata: outcome.metadata };
  switch (outcome.kind) {
    case "error": {
      const retryAt = outcome.retry_at === null ? null : micros(outcome.retry_at);
      return { kind: "error", message: outcome.message, retryAt, ...metadata };
    }
    case "discard":
    case "cancel":
      return { kind: outcome.kind, message: outcome.message, ...metadata };
    case "snooze":
      return { kind: "snooze", forMicros: BigInt(outcome.for_us), ...metadata };
    default:
      return { kind: outcome.kind, ...metadata };
  }
}

/** A row in the words of the protocol. Throws a `Refusal` for errors that are not of River's form. */
export function toWire(job: Job): WireJob {
  return {
    id: Number(job.id),
    state: job.state,
    attempt: job.attempt,
    max_attempts: job.maxAttempts,
    attempted_at: job.attemptedAt === null ? null : text(job.attemptedAt),
    created_at: text(job.createdAt),
    finalized_at: job.finalizedAt === null ? null : text(job.finalizedAt),
    scheduled_at: text(job.scheduledAt),
    priority: job.priority,
    args: job.argsText,
    attempted_by: [...job.attemptedBy],
    errors: job.errors.map((error) => {
      if ("at" in error) return { ...error, at: text(error.at) };
      throw new Refusal("internal", `errors must be of River's form, but hold ${error.other}`);
    }),
    kind: job.kind,
    metadata: job.metadataText,
    queue: job.queue,
    tags: [...job.tags],
    unique_key: job.uniqueKey,
    unique_states: job.uniqueStates === null ? null : maskText(job.uniqueStates),
  };
}

/** A row of `river_queue` in the words of the protocol. */
export function toWireQueue(queue: Queue): Result<"queue_get">["queue"] {
  return {
    name: queue.name,
    created_at: text(queue.createdAt),
    metadata: queue.metadataText,
    paused_at: queue.pausedAt === null ? null : text(queue.pausedAt),
    updated_at: text(queue.updatedAt),
  };
}

/** The answer of `elect` and `reelect`; null is a lost election. */
export function toElected(leader: Leader | null): Result<"elect"> {
  if (leader === null) return { elected: false, leader };
  const { leaderId, electedAt, expiresAt } = leader;
  const row = { leader_id: leaderId, elected_at: text(electedAt), expires_at: text(expiresAt) };
  return { elected: true, leader: row };
}

/** An instant of the protocol in microseconds since the Unix epoch. Throws a `Refusal` for what is none. */
export function micros(timestamp: string): Micros {
  const at = readRfc3339(timestamp);
  if (at === null) throw new Refusal("invalid", `no such instant: ${timestamp}`);
  return at;
}

function text(at: Micros): string {
  return timestampText(at, "instant");
}
