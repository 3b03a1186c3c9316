import { z } from "zod";
import { JOB_STATES } from "../../spec/model/state.ts";
import { LIVE_METHODS } from "./live-messages.ts";
import { SERVICE_METHODS } from "./service-messages.ts";
import { timestamp } from "./timestamp.ts";

const jsonText = z.string();
const id = z.int().min(1);
const states = z.enum(JOB_STATES);

const now = { now: timestamp };

/** River's insert options; an absent member is unset, never zero. */
export const insertParams = z.strictObject({
  kind: z.string(),
  args: jsonText,
  metadata: jsonText.optional(),
  tags: z.array(z.string()).optional(),
  priority: z.int().optional(),
  queue: z.string().optional(),
  max_attempts: z.int().optional(),
  scheduled_at: timestamp.optional(),
  pending: z.boolean().optional(),
  unique: z
    .strictObject({
      by_args: z.boolean().optional(),
      by_period_us: z.int().optional(),
      by_queue: z.boolean().optional(),
      by_state: z.array(states).optional(),
      exclude_kind: z.boolean().optional(),
    })
    .optional(),
});

const metadata = { metadata: jsonText.optional() };
const message = { message: z.string() };

/** How a worker ended its attempt; `retry_at` null leaves the time to the retry policy. */
export const outcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("complete"), ...metadata }),
  z.strictObject({
    kind: z.literal("error"),
    ...message,
    retry_at: timestamp.nullable(),
    ...metadata,
  }),
  z.strictObject({ kind: z.literal("discard"), ...message, ...metadata }),
  z.strictObject({ kind: z.literal("cancel"), ...message, ...metadata }),
  z.strictObject({ kind: z.literal("snooze"), for_us: z.int(), ...metadata }),
  z.strictObject({ kind: z.literal("interrupt"), ...metadata }),
]);

/** A row as the implementation returned it, column by column. */
export const jobRow = z.strictObject({
  id,
  state: states,
  attempt: z.int(),
  max_attempts: z.int(),
  attempted_at: timestamp.nullable(),
  created_at: timestamp,
  finalized_at: timestamp.nullable(),
  scheduled_at: timestamp,
  priority: z.int(),
  args: jsonText,
  attempted_by: z.array(z.string()),
  errors: z.array(
    z.strictObject({ at: timestamp, attempt: z.int(), error: z.string(), trace: z.string() }),
  ),
  kind: z.string(),
  metadata: jsonText,
  queue: z.string(),
  tags: z.array(z.string()),
  unique_key: z
    .string()
    .regex(/^[0-9a-f]*$/)
    .nullable(),
  unique_states: z
    .string()
    .regex(/^[01]{8}$/)
    .nullable(),
});

/** An entry of a leader's timetable; without `job` its constructor returns nothing. */
const periodicJob = z.strictObject({
  id: z.string().exactOptional(),
  schedule: z.string(),
  run_on_start: z.boolean().exactOptional(),
  job: insertParams.exactOptional(),
});

const inserted = z.strictObject({ job: jobRow, duplicate: z.boolean() });
const row = z.strictObject({ job: jobRow });
/** How many rows it was. */
const counted = z.strictObject({ count: z.int().min(0) });
const rows = z.strictObject({ jobs: z.array(jobRow) });

/** An absent member is no filter. */
const filter = {
  ids: z.array(id).exactOptional(),
  kinds: z.array(z.string()).exactOptional(),
  priorities: z.array(z.int()).exactOptional(),
  queues: z.array(z.string()).exactOptional(),
  states: z.array(states).exactOptional(),
};

/** `supported`, the reason why not, or the rule from which the implementation knowingly differs. */
export const support = z.union([
  z.literal("supported"),
  z.strictObject({ unsupported: z.string(), since: z.string().optional() }),
  z.strictObject({ divergent: z.string(), why: z.string() }),
]);

/** Every method: what Weir sends and what it takes as an answer. */
export const METHODS = {
  handshake: {
    params: z.strictObject({ protocol: z.array(z.int()), nonce: z.string() }),
    result: z.strictObject({
      protocol: z.literal(1),
      nonce: z.string(),
      adapter: z.string(),
      implementation: z.string(),
      version: z.string(),
      language: z.string(),
      clock: z.enum(["injected", "database", "real"]),
      /** The release of River whose rules it follows, such as `0.12`; absent: River its own version's, a port today's. */
      edition: z.string().exactOptional(),
      /** The version of River's tables that Weir is to make before the first `reset`, for one that has no migrator. */
      migration: z.int().min(5).max(8).exactOptional(),
      capabilities: z.record(z.string(), support),
    }),
  },
  reset: { params: z.strictObject({}), result: z.strictObject({}) },
  insert: { params: z.strictObject({ ...now, job: insertParams }), result: inserted },
  insert_many: {
    params: z.strictObject({ ...now, jobs: z.array(insertParams) }),
    result: z.strictObject({ jobs: z.array(inserted) }),
  },
  fetch: {
    params: z.strictObject({ ...now, queue: z.string(), limit: z.int(), client: z.string() }),
    result: rows,
  },
  finish: {
    params: z.strictObject({ ...now, id, attempt: z.int(), attempted_at: timestamp, outcome }),
    result: z.strictObject({ job: jobRow.nullable() }),
  },
  get: { params: z.strictObject({ ...now, id }), result: row },
  delete: { params: z.strictObject({ ...now, id }), result: row },
  update: { params: z.strictObject({ ...now, id, output: jsonText }), result: row },
  delete_many: {
    params: z.strictObject({
      ...now,
      ...filter,
      all: z.boolean().exactOptional(),
      limit: z.int().exactOptional(),
    }),
    result: rows,
  },
  list: {
    params: z.strictObject({
      ...now,
      ...filter,
      tags_all: z.array(z.string()).exactOptional(),
      tags_any: z.array(z.string()).exactOptional(),
      metadata: jsonText.exactOptional(),
      order_by: z.enum(["id", "scheduled_at", "finalized_at", "time"]).exactOptional(),
      descending: z.boolean().exactOptional(),
      limit: z.int().exactOptional(),
      /** A cursor that the adapter gave, as it gave it; or the job after which to begin. */
      after: z.string().exactOptional(),
      after_job: id.exactOptional(),
    }),
    result: z.strictObject({ jobs: z.array(jobRow), cursor: z.string().nullable() }),
  },
  schedule: {
    params: z.strictObject({ ...now, horizon: timestamp, limit: z.int() }),
    result: rows,
  },
  cancel: { params: z.strictObject({ ...now, id }), result: z.strictObject({ job: jobRow }) },
  retry: { params: z.strictObject({ ...now, id }), result: z.strictObject({ job: jobRow }) },
  rescue: {
    params: z.strictObject({ ...now, after_us: z.int(), timeout_us: z.int(), limit: z.int() }),
    result: counted,
  },
  clean_queues: {
    params: z.strictObject({ ...now, after_us: z.int(), limit: z.int() }),
    result: counted,
  },
  clean: {
    params: z.strictObject({
      ...now,
      cancelled_us: z.int(),
      completed_us: z.int(),
      discarded_us: z.int(),
      limit: z.int(),
    }),
    result: counted,
  },
  enqueue_periodic: {
    params: z.strictObject({
      ...now,
      /** The leader's last look; absent: it begins. */
      since: timestamp.exactOptional(),
      jobs: z.array(periodicJob),
    }),
    result: z.strictObject({}),
  },
  ...SERVICE_METHODS,
  ...LIVE_METHODS,
} as const;

/** A method of the protocol. */
export type MethodName = keyof typeof METHODS;
/** What Weir sends with a method. */
export type Params<M extends MethodName> = z.infer<(typeof METHODS)[M]["params"]>;
/** What Weir takes as an answer to a method. */
export type Result<M extends MethodName> = z.infer<(typeof METHODS)[M]["result"]>;

/** The error object of a reply; `data.code` is closed, and `sqlstate` comes with `database` alone. */
export const errorObject = z.strictObject({
  code: z.int(),
  message: z.string(),
  data: z
    .strictObject({
      code: z.enum([
        "invalid",
        "not_found",
        "running",
        "conflict",
        "attempts_exhausted",
        "database",
        "unsupported",
        "internal",
      ]),
      sqlstate: z.string().length(5).optional(),
    })
    .optional(),
});
