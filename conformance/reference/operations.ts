import type { EnqueuePeriodicOp, Op } from "../../spec/model/op.ts";
import type { Db } from "../../src/db.ts";
import { QueueError, type QueueErrorCode } from "../../src/errors.ts";
import { cancel } from "../../src/ops/cancel.ts";
import { complete, isPlain } from "../../src/ops/complete.ts";
import { deleteJob } from "../../src/ops/delete.ts";
import { fetch } from "../../src/ops/fetch.ts";
import { type FinishParams, finish } from "../../src/ops/finish.ts";
import { get } from "../../src/ops/get.ts";
import { type InsertParams, type InsertResult, insert } from "../../src/ops/insert.ts";
import { enqueuePeriodic, type PeriodicJob } from "../../src/ops/periodic.ts";
import { retry } from "../../src/ops/retry.ts";
import { schedule } from "../../src/ops/schedule.ts";
import { update } from "../../src/ops/update.ts";
import type { Names, Reply } from "../adapter.ts";
import { argsOf } from "./kinds.ts";
import { type Foreseen, runOnMany } from "./list.ts";
import { runClean, runCleanQueues, runRescue } from "./maintenance.ts";
import { idOf, jobOf, micros } from "./row.ts";
import { runLeaderOp, runQueueOp } from "./services.ts";

/**
 * What the reference can be told beside the operation. `batches`: how many a pass has, and `foreseen`: what a list must answer, where it
 * cannot wait for answers.
 */
export type ReferenceOptions = Readonly<{
  jitter: number | null;
  batches: number | null;
  foreseen: Foreseen | null;
}>;

/** Runs one operation on the reference queue, with what it answers or throws as a reply. */
export async function runReference(
  db: Db,
  op: Op,
  names: Names,
  options: ReferenceOptions = { jitter: null, batches: null, foreseen: null },
): Promise<Reply> {
  try {
    return await perform(db, op, names, options);
  } catch (error) {
    return replyOfError(error);
  }
}

async function perform(db: Db, op: Op, names: Names, options: ReferenceOptions): Promise<Reply> {
  const now = micros(op.now);
  switch (op.op) {
    case "insert":
      return { op: "insert", jobs: (await insert(db, now, op.jobs.map(paramsOf))).map(inserted) };
    case "fetch": {
      // Both of its statements: a live client changes between them.
      const params = { ...op, expectsFew: op.limit === 1 };
      return { op: "fetch", jobs: (await fetch(db, now, params)).map(jobOf) };
    }
    case "schedule": {
      const params = { horizon: micros(op.horizon), limit: op.limit };
      return { op: "schedule", jobs: (await schedule(db, now, params)).map(jobOf) };
    }
    case "enqueue_periodic":
      return enqueue(db, now, op);
    case "finish":
      return end(db, now, finishOf(op, names), options);
    case "cancel":
      return { op: "cancel", job: jobOf(await cancel(db, now, idOf(op.job, names))) };
    case "retry":
      return { op: "retry", job: jobOf(await retry(db, now, idOf(op.job, names))) };
    case "get":
      return { op: "get", job: jobOf(await get(db, idOf(op.job, names))) };
    case "delete":
      return { op: "delete", job: jobOf(await deleteJob(db, idOf(op.job, names))) };
    case "update": {
      const updated = await update(db, idOf(op.job, names), { outputText: op.output });
      return { op: "update", job: jobOf(updated) };
    }
    case "delete_many":
    case "list":
      return runOnMany(db, op, names, options.foreseen);
    case "rescue":
      return { op: "rescue", count: await runRescue(db, op, options, options.batches) };
    case "clean":
      return { op: "clean", count: await runClean(db, op) };
    case "clean_queues":
      return { op: "clean_queues", count: await runCleanQueues(db, op) };
    case "elect":
    case "reelect":
    case "resign":
    case "request_resign":
      return runLeaderOp(db, op, names);
    default:
      return runQueueOp(db, op);
  }
}

const inserted = ({ job, duplicate }: InsertResult) => ({ job: jobOf(job), duplicate });

/** As a client whose events nobody hears, which completes what it can and asks for no answer; the answer comes by the other statement, sent at once. */
async function end(
  db: Db,
  now: bigint,
  result: FinishParams,
  options: ReferenceOptions,
): Promise<Reply> {
  const completing = isPlain(result) ? complete(db, now, [result]) : null;
  const [[job]] = await Promise.all([finish(db, now, [result], options), completing]);
  return { op: "finish", job: job === undefined ? null : jobOf(job) };
}

async function enqueue(db: Db, now: bigint, op: EnqueuePeriodicOp): Promise<Reply> {
  const since = op.since === null ? null : micros(op.since);
  await enqueuePeriodic(db, now, since, op.jobs.map(entryOf));
  return { op: "enqueue_periodic" };
}

const entryOf = (entry: EnqueuePeriodicOp["jobs"][number]): PeriodicJob => ({
  schedule: entry.schedule,
  ...(entry.name === undefined ? {} : { id: entry.name }),
  ...(entry.onStart === undefined ? {} : { runOnStart: entry.onStart }),
  construct: () => (entry.job === null ? null : paramsOf(entry.job)),
});

function paramsOf(
  job: Omit<Extract<Op, { op: "insert" }>["jobs"][number], "id"> & Readonly<{ id?: number }>,
): InsertParams {
  const { id: _, args, kind = "weir", scheduledAt, unique, ...rest } = job;
  const { byArgs, byPeriod, ...others } = unique ?? {};
  return {
    kind,
    argsText: args ?? "{}",
    ...rest,
    ...(scheduledAt === undefined ? {} : { scheduledAt: micros(scheduledAt) }),
    ...(unique === undefined
      ? {}
      : {
          unique: {
            ...others,
            ...(byArgs === undefined ? {} : { byArgs: argsOf(kind, byArgs) }),
            ...(byPeriod === undefined ? {} : { byPeriod: BigInt(byPeriod) }),
          },
        }),
  };
}

function finishOf(op: Extract<Op, { op: "finish" }>, names: Names): FinishParams {
  const held = names.heldBy(op.job, op.fetch);
  const { outcome } = op;
  return {
    id: idOf(op.job, names),
    // No fetch has this number, so that one that never was is nobody's.
    attempt: held?.attempt ?? -1,
    attemptedAt: micros(held?.attemptedAt ?? op.now),
    outcome:
      outcome.kind === "snooze"
        ? { ...withoutFor(outcome), forMicros: BigInt(outcome.for) }
        : outcome.kind === "error"
          ? { ...outcome, retryAt: outcome.retryAt === null ? null : micros(outcome.retryAt) }
          : outcome,
  };
}

function withoutFor({
  for: _,
  ...rest
}: Readonly<{ kind: "snooze"; for: number; metadata?: string }>) {
  return rest;
}

const REFUSALS = ["invalid", "not_found", "running", "conflict", "attempts_exhausted"] as const;

const isRefusal = (code: QueueErrorCode): code is (typeof REFUSALS)[number] =>
  REFUSALS.some((each) => each === code);

function replyOfError(error: unknown): Reply {
  if (error instanceof QueueError && isRefusal(error.code) && error.cause === undefined) {
    return { op: "refused", code: error.code, message: error.message };
  }
  // One session at a time has nobody to conflict with, so the violation underneath is the statement's own.
  const cause = error instanceof QueueError && error.code === "conflict" ? error.cause : error;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : null;
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) {
    return { op: "database", sqlstate: code, message: cause instanceof Error ? cause.message : "" };
  }
  throw error;
}
