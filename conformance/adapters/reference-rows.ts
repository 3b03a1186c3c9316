import { type Job, maskText } from "../../src/job.ts";
import type { Leader } from "../../src/leader.ts";
import type { Queue } from "../../src/queue.ts";
import { type Micros, timestampText } from "../../src/time.ts";
import type { Result } from "../protocol/messages.ts";

type WireJob = NonNullable<Result<"finish">["job"]>;

/** A job as the protocol has it. Throws where an element of `errors` is not of River's form. */
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
      throw new Error(`errors must be of River's form, but hold ${error.other}`);
    }),
    kind: job.kind,
    metadata: job.metadataText,
    queue: job.queue,
    tags: [...job.tags],
    unique_key: job.uniqueKey,
    unique_states: job.uniqueStates === null ? null : maskText(job.uniqueStates),
  };
}

/** A queue as the protocol has it. */
export function toWireQueue(queue: Queue): Result<"queue_get">["queue"] {
  return {
    name: queue.name,
    created_at: text(queue.createdAt),
    metadata: queue.metadataText,
    paused_at: queue.pausedAt === null ? null : text(queue.pausedAt),
    updated_at: text(queue.updatedAt),
  };
}

/** Whether somebody was elected, and to what term. */
export function toElected(leader: Leader | null): Result<"elect"> {
  if (leader === null) return { elected: false, leader };
  const { leaderId, electedAt, expiresAt } = leader;
  const row = { leader_id: leaderId, elected_at: text(electedAt), expires_at: text(expiresAt) };
  return { elected: true, leader: row };
}

function text(at: Micros): string {
  return timestampText(at, "instant");
}
