import { z } from "zod";
import type { Op } from "../../spec/model/op.ts";
import { JOB_STATES } from "../../spec/model/state.ts";

const number = z.number();
const text = z.string();
const now = { now: number };
const metadata = { metadata: text.exactOptional() };
const term = { term: number.exactOptional() };
const flag = z.boolean().exactOptional();

const unique = z.strictObject({
  byArgs: flag,
  byPeriod: number.exactOptional(),
  byQueue: flag,
  byState: z.array(z.enum(JOB_STATES)).exactOptional(),
  excludeKind: flag,
});

const job = z.strictObject({
  id: number,
  kind: text.exactOptional(),
  args: text.exactOptional(),
  metadata: text.exactOptional(),
  tags: z.array(text).exactOptional(),
  priority: number.exactOptional(),
  queue: text.exactOptional(),
  maxAttempts: number.exactOptional(),
  scheduledAt: number.exactOptional(),
  pending: flag,
  unique: unique.exactOptional(),
});

const { id: _, scheduledAt: __, pending: ___, ...periodicJob } = job.shape;

/** Schedules that the model can read: see `spec/model/cron.ts`. */
const schedule = text.regex(
  /^@every [1-9]\d{0,5}[smh]$|^((\*(\/[1-9]\d?)?|\d{1,2}(,\d{1,2})*)( |$)){5}$/,
);

const entry = z.strictObject({
  name: text.exactOptional(),
  schedule,
  onStart: z.literal(true).exactOptional(),
  job: z.strictObject(periodicJob).nullable(),
});

const outcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("complete"), ...metadata }),
  z.strictObject({
    kind: z.literal("error"),
    message: text,
    retryAt: number.nullable(),
    ...metadata,
  }),
  z.strictObject({ kind: z.literal("discard"), message: text, ...metadata }),
  z.strictObject({ kind: z.literal("cancel"), message: text, ...metadata }),
  z.strictObject({ kind: z.literal("snooze"), for: number, ...metadata }),
  z.strictObject({ kind: z.literal("interrupt"), ...metadata }),
]);

const order = z.enum(["id", "scheduled_at", "finalized_at", "time"]);
const filter = {
  ids: z.array(number).exactOptional(),
  kinds: z.array(text).exactOptional(),
  priorities: z.array(number).exactOptional(),
  queues: z.array(text).exactOptional(),
  states: z.array(z.enum(JOB_STATES)).exactOptional(),
};

/** An operation as JSON, for whatever comes from outside: a trace, a link, a line `op {…}`. Unknown members are refused. */
export const opJson: z.ZodType<Op> = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("insert"), ...now, jobs: z.array(job) }),
  z.strictObject({ op: z.literal("fetch"), ...now, queue: text, limit: number, client: text }),
  z.strictObject({
    op: z.literal("finish"),
    ...now,
    job: number,
    fetch: number.exactOptional(),
    outcome,
  }),
  z.strictObject({ op: z.literal("schedule"), ...now, horizon: number, limit: number }),
  z.strictObject({ op: z.literal("cancel"), ...now, job: number }),
  z.strictObject({ op: z.literal("retry"), ...now, job: number }),
  z.strictObject({ op: z.literal("get"), ...now, job: number }),
  z.strictObject({ op: z.literal("delete"), ...now, job: number }),
  z.strictObject({ op: z.literal("update"), ...now, job: number, output: text }),
  z.strictObject({
    op: z.literal("delete_many"),
    ...now,
    ...filter,
    all: flag,
    limit: number.exactOptional(),
  }),
  z.strictObject({
    op: z.literal("list"),
    ...now,
    ...filter,
    tagsAll: z.array(text).exactOptional(),
    tagsAny: z.array(text).exactOptional(),
    ...metadata,
    orderBy: order.exactOptional(),
    descending: flag,
    limit: number.exactOptional(),
    after: z
      .union([z.strictObject({ job: number }), z.strictObject({ cursorOf: order })])
      .exactOptional(),
  }),
  z.strictObject({
    op: z.literal("rescue"),
    ...now,
    after: number,
    timeout: number,
    limit: number,
  }),
  z.strictObject({ op: z.literal("clean_queues"), ...now, after: number, limit: number }),
  z.strictObject({
    op: z.literal("clean"),
    ...now,
    cancelled: number,
    completed: number,
    discarded: number,
    limit: number,
  }),
  z.strictObject({
    op: z.literal("enqueue_periodic"),
    ...now,
    id: number,
    since: number.nullable(),
    jobs: z.array(entry),
  }),
  z.strictObject({ op: z.literal("queue_touch"), ...now, queue: text }),
  z.strictObject({ op: z.literal("queue_pause"), ...now, queue: text }),
  z.strictObject({ op: z.literal("queue_resume"), ...now, queue: text }),
  z.strictObject({ op: z.literal("queue_update"), ...now, queue: text, ...metadata }),
  z.strictObject({ op: z.literal("queue_get"), ...now, queue: text }),
  z.strictObject({ op: z.literal("queue_list"), ...now, limit: number }),
  z.strictObject({ op: z.literal("elect"), ...now, client: text, lease: number }),
  z.strictObject({ op: z.literal("reelect"), ...now, client: text, lease: number, ...term }),
  z.strictObject({ op: z.literal("resign"), ...now, client: text, ...term }),
  z.strictObject({ op: z.literal("request_resign"), ...now }),
]);
