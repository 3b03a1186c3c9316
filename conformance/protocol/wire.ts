import { DEFAULTS } from "../../spec/model/insert.ts";
import { jsonb } from "../../spec/model/jsonb.ts";
import type { FinishOp, InsertJob, InsertOp, Op, Outcome } from "../../spec/model/op.ts";
import type { Job, JsonbText } from "../../spec/model/state.ts";
import type { Names, Reply } from "../adapter.ts";
import { type Answer, isMethodNotFound, type WireError } from "./answer.ts";
import { AdapterError, excerpt } from "./failure.ts";
import type { MethodName, Params, Result } from "./messages.ts";
import { instantOf, timestampOf } from "./time.ts";

/** The methods that carry out an operation of the model. */
export type OpMethod = "insert" | "insert_many" | "fetch" | "finish" | "schedule";

/** What to ask an adapter for an operation. */
export type Request = { [M in OpMethod]: Readonly<{ method: M; params: Params<M> }> }[OpMethod];

type WireJob = NonNullable<Result<"finish">["job"]>;

/** No sequence gets there: the id of a job that the implementation does not have. */
const NO_SUCH_ID = Number.MAX_SAFE_INTEGER;

/**
 * An operation of the model in the protocol's words. The finish of a job that was never inserted or never fetched is sent with an id
 * that no job has: the implementation itself must refuse it.
 */
export function requestOf(op: Op, names: Names): Request {
  const now = timestampOf(op.now);
  switch (op.op) {
    case "insert":
      return insertRequest(op, now);
    case "fetch":
      return {
        method: "fetch",
        params: { now, queue: op.queue, limit: op.limit, client: op.client },
      };
    case "finish":
      return { method: "finish", params: finishParams(op, now, names) };
    case "schedule":
      return {
        method: "schedule",
        params: { now, horizon: timestampOf(op.horizon), limit: op.limit },
      };
  }
}

/** A reply in the model's words. Throws an `AdapterError` for the adapter's own errors and for what is not JSON where JSON must be. */
export function replyOf(method: OpMethod, answer: Answer<MethodName>): Reply {
  if (!answer.ok) return refusalOf(method, answer.error);
  switch (method) {
    case "insert":
      return { op: "insert", jobs: [insertedOf(answer.result as Result<"insert">)] };
    case "insert_many":
      return { op: "insert", jobs: (answer.result as Result<"insert_many">).jobs.map(insertedOf) };
    case "fetch":
      return { op: "fetch", jobs: (answer.result as Result<"fetch">).jobs.map(jobOf) };
    case "schedule":
      return { op: "schedule", jobs: (answer.result as Result<"schedule">).jobs.map(jobOf) };
    case "finish": {
      const { job } = answer.result as Result<"finish">;
      return { op: "finish", job: job === null ? null : jobOf(job) };
    }
  }
}

function insertRequest(op: InsertOp, now: string): Request {
  const [only] = op.jobs;
  if (op.jobs.length === 1 && only !== undefined) {
    return { method: "insert", params: { now, job: insertParamsOf(only) } };
  }
  return { method: "insert_many", params: { now, jobs: op.jobs.map(insertParamsOf) } };
}

/** A member that is unset stays absent: adapters must not read 0 or "" into it. */
function insertParamsOf(job: InsertJob): Params<"insert">["job"] {
  const { unique } = job;
  return {
    kind: job.kind ?? DEFAULTS.kind,
    args: job.args ?? DEFAULTS.args,
    ...(job.metadata !== undefined && { metadata: job.metadata }),
    ...(job.tags !== undefined && { tags: [...job.tags] }),
    ...(job.priority !== undefined && { priority: job.priority }),
    ...(job.queue !== undefined && { queue: job.queue }),
    ...(job.maxAttempts !== undefined && { max_attempts: job.maxAttempts }),
    ...(job.scheduledAt !== undefined && { scheduled_at: timestampOf(job.scheduledAt) }),
    ...(job.pending !== undefined && { pending: job.pending }),
    ...(unique !== undefined && {
      unique: {
        ...(unique.byArgs !== undefined && { by_args: unique.byArgs }),
        ...(unique.byPeriod !== undefined && { by_period_us: unique.byPeriod }),
        ...(unique.byQueue !== undefined && { by_queue: unique.byQueue }),
        ...(unique.byState !== undefined && { by_state: [...unique.byState] }),
        ...(unique.excludeKind !== undefined && { exclude_kind: unique.excludeKind }),
      },
    }),
  };
}

function finishParams(op: FinishOp, now: string, names: Names): Params<"finish"> {
  const held = names.heldBy(op.job, op.fetch);
  return {
    now,
    id: (held === null ? null : names.idOf(op.job)) ?? NO_SUCH_ID,
    attempt: held?.attempt ?? 0,
    attempted_at: held === null ? now : timestampOf(held.attemptedAt),
    outcome: outcomeOf(op.outcome),
  };
}

function outcomeOf(outcome: Outcome): Params<"finish">["outcome"] {
  const metadata = outcome.metadata === undefined ? {} : { metadata: outcome.metadata };
  switch (outcome.kind) {
    case "error": {
      const retry_at = outcome.retryAt === null ? null : timestampOf(outcome.retryAt);
      return { kind: "error", message: outcome.message, retry_at, ...metadata };
    }
    case "discard":
    case "cancel":
      return { kind: outcome.kind, message: outcome.message, ...metadata };
    case "snooze":
      return { kind: "snooze", for_us: outcome.for, ...metadata };
    case "complete":
    case "interrupt":
      return { kind: outcome.kind, ...metadata };
  }
}

/** A row as the adapter returned it, in the model's words. `args` and `metadata` are brought into the form of `jsonb`. */
export function jobOf(row: WireJob): Job {
  return {
    id: row.id,
    state: row.state,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    attemptedAt: row.attempted_at === null ? null : instant(row.attempted_at),
    createdAt: instant(row.created_at),
    finalizedAt: row.finalized_at === null ? null : instant(row.finalized_at),
    scheduledAt: instant(row.scheduled_at),
    priority: row.priority,
    args: canonical("args", row.id, row.args),
    attemptedBy: row.attempted_by,
    errors: row.errors.map((error) => ({ ...error, at: instant(error.at) })),
    kind: row.kind,
    metadata: canonical("metadata", row.id, row.metadata),
    queue: row.queue,
    tags: row.tags,
    uniqueKey: row.unique_key,
    uniqueStates: row.unique_states === null ? null : Number.parseInt(row.unique_states, 2),
  };
}

const insertedOf = ({ job, duplicate }: Result<"insert">) => ({ job: jobOf(job), duplicate });

function refusalOf(method: OpMethod, error: WireError): Reply {
  const message = excerpt(error.message, 200);
  if (isMethodNotFound(error)) {
    throw new AdapterError("method_not_found", `the adapter does not know ${method}`);
  }
  const code = error.data?.code ?? "internal";
  if (code === "internal") {
    throw new AdapterError("internal", `the adapter failed in ${method}: ${message}`);
  }
  if (code === "database") {
    return { op: "database", sqlstate: error.data?.sqlstate ?? "", message: error.message };
  }
  return { op: "refused", code, message: error.message };
}

function instant(timestamp: string): number {
  const micros = instantOf(timestamp);
  if (micros !== null) return micros;
  throw new AdapterError(
    "invalid_message",
    `the adapter must write instants, but wrote ${timestamp}`,
  );
}

function canonical(column: string, id: number, text: string): JsonbText {
  const value = jsonb(text);
  if (value !== null) return value;
  const what = `${column} of job ${id} must be JSON that Postgres can keep, but is ${excerpt(text)}`;
  throw new AdapterError("invalid_message", `the adapter's ${what}`);
}
