import { DEFAULTS } from "../../spec/model/insert.ts";
import { jsonb } from "../../spec/model/jsonb.ts";
import type {
  EnqueuePeriodicOp,
  FinishOp,
  InsertJob,
  InsertOp,
  Op,
  Outcome,
} from "../../spec/model/op.ts";
import type { Job, JsonbText } from "../../spec/model/state.ts";
import type { Names, Reply } from "../adapter.ts";
import { type Answer, isMethodNotFound, type WireError } from "./answer.ts";
import { type AdapterError, excerpt, type FailureKind } from "./failure.ts";
import type { MethodName, Params, Result } from "./messages.ts";
import { timestampOf } from "./time.ts";
import { deleteManyParams, listParams } from "./wire-list.ts";
import { cleanParams, cleanQueuesParams, rescueParams } from "./wire-maintenance.ts";
import { instantIn, type ServiceMethod, serviceReply, serviceRequest } from "./wire-services.ts";

/** The methods that carry out an operation of the model. */
export type OpMethod =
  | "insert"
  | "insert_many"
  | "fetch"
  | "finish"
  | "schedule"
  | "cancel"
  | "retry"
  | "get"
  | "delete"
  | "update"
  | "delete_many"
  | "list"
  | "rescue"
  | "clean"
  | "enqueue_periodic"
  | "clean_queues"
  | ServiceMethod;

/** What to ask an adapter for an operation. */
export type Request = { [M in OpMethod]: Readonly<{ method: M; params: Params<M> }> }[OpMethod];

type WireJob = NonNullable<Result<"finish">["job"]>;

/** No sequence gets there: the id of a job that the implementation does not have. */
const NO_SUCH_ID = Number.MAX_SAFE_INTEGER;

/**
 * An operation of the model in the protocol's words. What concerns a job that was never inserted, or the finish of one never fetched, is sent
 * with an id that no job has: the implementation itself must refuse it. `cursor` is that of the list's page
 * before; null asks for the first page.
 */
export function requestOf(op: Op, names: Names, cursor: string | null = null): Request {
  const idOf = (label: number) => names.idOf(label) ?? NO_SUCH_ID;
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
    case "cancel":
    case "retry":
    case "get":
    case "delete":
      return { method: op.op, params: { now, id: idOf(op.job) } };
    case "update":
      return { method: "update", params: { now, id: idOf(op.job), output: op.output } };
    case "delete_many":
      return { method: "delete_many", params: deleteManyParams(op, idOf) };
    case "list":
      return { method: "list", params: listParams(op, cursor, idOf) };
    case "rescue":
      return { method: "rescue", params: rescueParams(op) };
    case "clean":
      return { method: "clean", params: cleanParams(op) };
    case "enqueue_periodic":
      return { method: "enqueue_periodic", params: enqueueParams(op, now) };
    case "clean_queues":
      return { method: "clean_queues", params: cleanQueuesParams(op) };
    default:
      return serviceRequest(op, names);
  }
}

/** Makes the error for what an adapter said wrong; `what` continues "the adapter". */
export type Blame = (kind: FailureKind, what: string) => AdapterError;

/** A reply in the model's words. Throws what `blame` makes, for the adapter's own errors and for text that is not the JSON or the instant it must be. */
export function replyOf(method: OpMethod, answer: Answer<MethodName>, blame: Blame): Reply {
  if (!answer.ok) return refusalOf(method, answer.error, blame);
  const job = (row: WireJob) => jobOf(row, blame);
  switch (method) {
    case "insert":
    case "insert_many": {
      const inserted =
        method === "insert"
          ? [answer.result as Result<"insert">]
          : (answer.result as Result<"insert_many">).jobs;
      return {
        op: "insert",
        jobs: inserted.map((each) => ({ job: job(each.job), duplicate: each.duplicate })),
      };
    }
    case "list":
      return { op: "list", pages: [(answer.result as Result<"list">).jobs.map(job)] };
    case "fetch":
    case "schedule":
    case "delete_many":
      return { op: method, jobs: (answer.result as Result<typeof method>).jobs.map(job) };
    case "rescue":
    case "clean":
    case "clean_queues":
      return { op: method, count: (answer.result as Result<typeof method>).count };
    case "enqueue_periodic":
      return { op: "enqueue_periodic" };
    case "finish": {
      const finished = (answer.result as Result<"finish">).job;
      return { op: "finish", job: finished === null ? null : job(finished) };
    }
    case "cancel":
    case "retry":
    case "get":
    case "delete":
    case "update":
      return { op: method, job: job((answer.result as Result<typeof method>).job) };
    default:
      return serviceReply(method, answer.result as Result<ServiceMethod>, blame);
  }
}

function insertRequest(op: InsertOp, now: string): Request {
  const [only] = op.jobs;
  if (op.jobs.length === 1 && only !== undefined) {
    return { method: "insert", params: { now, job: insertParamsOf(only) } };
  }
  return { method: "insert_many", params: { now, jobs: op.jobs.map(insertParamsOf) } };
}

function enqueueParams(op: EnqueuePeriodicOp, now: string): Params<"enqueue_periodic"> {
  const jobs = op.jobs.map(({ name, schedule, onStart, job }) => ({
    schedule,
    ...(name !== undefined && { id: name }),
    ...(onStart !== undefined && { run_on_start: onStart }),
    ...(job !== null && { job: insertParamsOf(job) }),
  }));
  return { now, ...(op.since !== null && { since: timestampOf(op.since) }), jobs };
}

/** A member that is unset stays absent: adapters must not read 0 or "" into it. */
function insertParamsOf(job: Omit<InsertJob, "id">): Params<"insert">["job"] {
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
function jobOf(row: WireJob, blame: Blame): Job {
  const instant = (text: string) => instantIn(text, blame);
  const json = (column: "args" | "metadata") => canonical(column, row, blame);
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
    args: json("args"),
    attemptedBy: row.attempted_by,
    errors: row.errors.map((error) => ({ ...error, at: instant(error.at) })),
    kind: row.kind,
    metadata: json("metadata"),
    queue: row.queue,
    tags: row.tags,
    uniqueKey: row.unique_key,
    uniqueStates: row.unique_states === null ? null : Number.parseInt(row.unique_states, 2),
  };
}

function refusalOf(method: OpMethod, error: WireError, blame: Blame): Reply {
  if (isMethodNotFound(error)) throw blame("method_not_found", `does not know ${method}`);
  const code = error.data?.code ?? "internal";
  if (code === "internal") {
    throw blame("internal", `failed in ${method}: ${excerpt(error.message, 200)}`);
  }
  if (code === "database") {
    return { op: "database", sqlstate: error.data?.sqlstate ?? "", message: error.message };
  }
  return { op: "refused", code, message: error.message };
}

function canonical(column: "args" | "metadata", row: WireJob, blame: Blame): JsonbText {
  const value = jsonb(row[column]);
  if (value !== null) return value;
  const what = `returned ${column} of job ${row.id} that are not JSON: ${excerpt(row[column])}`;
  throw blame("invalid_message", what);
}
