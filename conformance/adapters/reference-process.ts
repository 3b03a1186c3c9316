/**
 * The reference implementation as a program that speaks the adapter protocol, started by `tsx` with `DATABASE_URL` set: an example
 * of an adapter, and the end-to-end test of the protocol. It only translates.
 */
import { createInterface } from "node:readline";
import type { z } from "zod";
import { postgres } from "../../src/drivers/pg.ts";
import { type CallErrorCode, QueueError } from "../../src/errors.ts";
import type { Job } from "../../src/job.ts";
import { maskText } from "../../src/job.ts";
import { migrate } from "../../src/migrate.ts";
import { clean } from "../../src/ops/clean.ts";
import { deleteJob } from "../../src/ops/delete.ts";
import { deleteMany } from "../../src/ops/delete-many.ts";
import { fetch } from "../../src/ops/fetch.ts";
import { finish, type Outcome } from "../../src/ops/finish.ts";
import { get } from "../../src/ops/get.ts";
import { type InsertParams, insert } from "../../src/ops/insert.ts";
import { cursorAfter, list } from "../../src/ops/list.ts";
import { rescue } from "../../src/ops/rescue.ts";
import { schedule } from "../../src/ops/schedule.ts";
import { update } from "../../src/ops/update.ts";
import { type Micros, readRfc3339, timestampText } from "../../src/time.ts";
import type { errorObject } from "../protocol/messages.ts";
import { METHODS, type MethodName, type Params, type Result } from "../protocol/messages.ts";
import { argsOf } from "../reference/kinds.ts";

type WireJob = NonNullable<Result<"finish">["job"]>;
type WireError = z.infer<typeof errorObject>;
type Code = NonNullable<WireError["data"]>["code"];

const url = process.env.DATABASE_URL;
if (url === undefined) {
  console.error("DATABASE_URL must be set, but is not.");
  process.exit(1);
}
const db = postgres(url, { maxConnections: 1 });

/** The workers that every adapter has, as far as they have a timeout of their own. */
const TIMEOUTS = { weir_1h: 3_600_000_000n, weir_never: -1n };

let migrated: Promise<unknown> | undefined;

class Refusal extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

const HANDLERS: {
  readonly [M in MethodName]: (params: Params<M>) => Promise<Result<M>>;
} = {
  handshake: async ({ nonce }) => ({
    protocol: 1,
    nonce,
    adapter: "reference-process",
    implementation: "weir",
    version: "0.1.0",
    language: "typescript",
    clock: "injected",
    capabilities: { insert: "supported", operations: "supported", control: "supported" },
  }),
  async reset() {
    migrated ??= migrate(db);
    await migrated;
    await db.query("delete from river_job", []);
    return {};
  },
  async insert({ now, job }) {
    const [only] = await insert(db, micros(now), [toInsert(job)]);
    if (only === undefined) throw new Refusal("internal", "one job must be returned, but none was");
    return { job: toWire(only.job), duplicate: only.duplicate };
  },
  async insert_many({ now, jobs }) {
    const inserted = await insert(db, micros(now), jobs.map(toInsert));
    return { jobs: inserted.map(({ job, duplicate }) => ({ job: toWire(job), duplicate })) };
  },
  async fetch({ now, queue, limit, client }) {
    const jobs = await fetch(db, micros(now), { queue, limit, client });
    return { jobs: jobs.map(toWire) };
  },
  async finish({ now, id, attempt, attempted_at, outcome }) {
    const result = {
      id: BigInt(id),
      attempt,
      attemptedAt: micros(attempted_at),
      outcome: toOutcome(outcome),
    };
    const [job] = await finish(db, micros(now), [result]);
    if (job === undefined) throw new Refusal("not_found", `no job has id ${id}`);
    return { job: toWire(job) };
  },
  async schedule({ now, horizon, limit }) {
    const jobs = await schedule(db, micros(now), { horizon: micros(horizon), limit });
    return { jobs: jobs.map(toWire) };
  },
  get: async ({ id }) => ({ job: toWire(await get(db, BigInt(id))) }),
  delete: async ({ id }) => ({ job: toWire(await deleteJob(db, BigInt(id))) }),
  async update({ id, output }) {
    return { job: toWire(await update(db, BigInt(id), { outputText: output })) };
  },
  async delete_many({ now: _, ids, ...params }) {
    const jobs = await deleteMany(db, { ...params, ...(ids && { ids: ids.map(BigInt) }) });
    return { jobs: jobs.map(toWire) };
  },
  async list({ now: _, ids, tags_all, tags_any, order_by, after, after_job, ...params }) {
    const asked = {
      ...params,
      ...(ids && { ids: ids.map(BigInt) }),
      ...(tags_all && { tagsAll: tags_all }),
      ...(tags_any && { tagsAny: tags_any }),
      ...(order_by && { orderBy: order_by }),
    };
    const job = after_job === undefined ? null : await get(db, BigInt(after_job));
    const start = after ?? (job === null ? null : cursorAfter(job, asked));
    const { jobs, cursor } = await list(db, { ...asked, after: start });
    return { jobs: jobs.map(toWire), cursor };
  },
  async rescue({ now, after_us, timeout_us, limit }) {
    const stuck = {
      after: BigInt(after_us),
      timeout: BigInt(timeout_us),
      timeouts: TIMEOUTS,
      limit,
    };
    let count = 0;
    for (let batch = limit; batch >= limit; count += batch)
      batch = await rescue(db, micros(now), stuck);
    return { count };
  },
  async clean({ now, cancelled_us, completed_us, discarded_us, limit }) {
    const kept = {
      cancelled: BigInt(cancelled_us),
      completed: BigInt(completed_us),
      discarded: BigInt(discarded_us),
    };
    return { count: await clean(db, micros(now), { ...kept, limit }) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  const outcome = await call(method, params).then(
    (result) => ({ result }),
    (error: unknown) => ({ error: wireErrorOf(error) }),
  );
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...outcome })}\n`);
}
await db.close();

async function call(method: string, params: unknown): Promise<unknown> {
  const handler = HANDLERS[method as MethodName] as ((params: unknown) => unknown) | undefined;
  if (handler === undefined) throw { code: -32_601, message: `no method is called ${method}` };
  return handler(METHODS[method as MethodName].params.parse(params));
}

function toInsert(job: Params<"insert">["job"]): InsertParams {
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

function toOutcome(outcome: Params<"finish">["outcome"]): Outcome {
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

function toWire(job: Job): WireJob {
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

function micros(timestamp: string): Micros {
  const at = readRfc3339(timestamp);
  if (at === null) throw new Refusal("invalid", `no such instant: ${timestamp}`);
  return at;
}

function text(at: Micros): string {
  return timestampText(at, "instant");
}

function isCallCode(code: unknown): code is CallErrorCode {
  return code === "invalid" || code === "conflict" || code === "not_found" || code === "running";
}

function wireErrorOf(error: unknown): WireError {
  const { code, message = String(error) } = error as { code?: unknown; message?: string };
  if (typeof code === "number") return { code, message };
  const refuse = (data: NonNullable<WireError["data"]>) => ({ code: -32_000, message, data });
  if (error instanceof Refusal) return refuse({ code: error.code });
  if (error instanceof QueueError && isCallCode(code)) return refuse({ code });
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) {
    return refuse({ code: "database", sqlstate: code });
  }
  console.error(error);
  return refuse({ code: "internal" });
}
