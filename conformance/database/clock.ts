import { membersOf, merge } from "../../spec/model/jsonb.ts";
import type { Job, JsonbText, Micros } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import type { Reply } from "../adapter.ts";
import { instantOf, timestampOf } from "../protocol/time.ts";

/** The real time a step took, on the clock of the adapter's machine, in microseconds since `ORIGIN`. */
export type Window = Readonly<{ start: Micros; end: Micros }>;

/** Virtual time for implementations that cannot be told the time: they ask the database for it, and it answers with ours. */
export interface DatabaseClock {
  /** The instant that `now()` gives from now on; also in transactions that are open. */
  set(instant: Micros): Promise<void>;
  /**
   * What the implementation took from its own clock during a step becomes virtual: instants in `river_job`, also `at` in `errors` and
   * `cancel_attempted_at` in the metadata, that lie within the step's real time become `instant`, and where `delay` is given those that lie that much later `instant + delay`.
   */
  rewrite(window: Window, instant: Micros, delay?: Micros): Promise<void>;
}

/** What asks for the time in Postgres. `current_timestamp` is syntax, and cannot be shadowed. */
const SHADOWED = ["now", "transaction_timestamp", "statement_timestamp", "clock_timestamp"];

const FUNCTIONS = SHADOWED.map(
  (
    name,
  ) => `create function weir_clock.${name}() returns timestamptz stable parallel safe language sql
    as 'select instant from weir_clock.clock'`,
);

const SET = `update weir_clock.clock set instant = $1::timestamptz`;

const REWRITE = `
with step as (
  select $1::timestamptz as "from", $2::timestamptz as "to", $3::timestamptz as instant, $4::interval as delay
)
update river_job as job set
  created_at = ${virtual("job.created_at")},
  attempted_at = ${virtual("job.attempted_at")},
  finalized_at = ${virtual("job.finalized_at")},
  scheduled_at = ${virtual("job.scheduled_at")},
  errors = case when job.errors is null then null else array(
    select case when jsonb_typeof(element -> 'at') = 'string' and element ->> 'at' ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'
      and (element ->> 'at')::timestamptz between step."from" and step."to"
      then jsonb_set(element, '{at}', to_jsonb($5::text))
      else element end
    from unnest(job.errors) with ordinality as each (element, place) order by place
  ) end,
  metadata = case when jsonb_typeof(job.metadata -> 'cancel_attempted_at') = 'string'
    and job.metadata ->> 'cancel_attempted_at' ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'
    and (job.metadata ->> 'cancel_attempted_at')::timestamptz between step."from" and step."to"
    then jsonb_set(job.metadata, '{cancel_attempted_at}', to_jsonb($6::text))
    else job.metadata end
from step
where job.created_at between step."from" and step."to"
  or job.attempted_at between step."from" and step."to"
  or job.finalized_at between step."from" and step."to"
  or job.scheduled_at between step."from" and step."to"
  or job.scheduled_at between step."from" + step.delay and step."to" + step.delay
  or cardinality(job.errors) > 0
  or job.metadata ? 'cancel_attempted_at'`;

/**
 * Shadows `now()` in a database that is Weir's own. Sessions that begin later see it, and so do column defaults made by them. Tables
 * that name no schema are still created in `public`. The clock stands at `instant` until it is set.
 */
export async function installClock(
  db: Db,
  database: string,
  instant: Micros,
): Promise<DatabaseClock> {
  await db.query(`create schema weir_clock`, []);
  await db.query(`create table weir_clock.clock as select $1::timestamptz as instant`, [
    timestampOf(instant),
  ]);
  for (const sql of FUNCTIONS) await db.query(sql, []);
  await db.query(`grant usage on schema weir_clock to public`, []);
  await db.query(`grant select on weir_clock.clock to public`, []);
  const path = "public, weir_clock, pg_catalog";
  await db.query(`alter database ${database} set search_path = ${path}`, []);
  return {
    async set(at) {
      await db.query(SET, [timestampOf(at)]);
    },
    async rewrite({ start, end }, at, delay = 0) {
      const virtualNow = timestampOf(at);
      const micros = `${delay} microseconds`;
      await db.query(REWRITE, [
        timestampOf(start),
        timestampOf(end),
        virtualNow,
        micros,
        virtualNow,
        markOf(at),
      ]);
    },
  };
}

function virtual(column: string): string {
  const delayed =
    column === "job.scheduled_at"
      ? `when ${column} between step."from" + step.delay and step."to" + step.delay then step.instant + step.delay`
      : "";
  return `case when ${column} between step."from" and step."to" then step.instant ${delayed} else ${column} end`;
}

/** What `rewrite` does to rows, done to the rows of a reply. */
export function virtualReply(reply: Reply, window: Window, instant: Micros, delay: Micros): Reply {
  const at = (value: Micros) => (isWithin(window, value) ? instant : value);
  const delayed = (value: Micros) =>
    !isWithin(window, value) && isWithin(window, value - delay) ? instant + delay : at(value);
  const job = (row: Job): Job => ({
    ...row,
    createdAt: at(row.createdAt),
    attemptedAt: row.attemptedAt === null ? null : at(row.attemptedAt),
    finalizedAt: row.finalizedAt === null ? null : at(row.finalizedAt),
    scheduledAt: delayed(row.scheduledAt),
    errors: row.errors.map((error) => ("at" in error ? { ...error, at: at(error.at) } : error)),
    metadata: virtualMark(row.metadata, (mark) => isWithin(window, mark), instant),
  });
  switch (reply.op) {
    case "insert":
      return { op: "insert", jobs: reply.jobs.map((each) => ({ ...each, job: job(each.job) })) };
    case "list":
      return { op: "list", pages: reply.pages.map((page) => page.map(job)) };
    case "fetch":
    case "schedule":
    case "delete_many":
      return { op: reply.op, jobs: reply.jobs.map(job) };
    case "finish":
      return { op: "finish", job: reply.job === null ? null : job(reply.job) };
    case "cancel":
    case "retry":
    case "get":
    case "update":
    case "delete":
      return { op: reply.op, job: job(reply.job) };
    default:
      return reply;
  }
}

function virtualMark(
  metadata: JsonbText,
  isOfStep: (mark: Micros) => boolean,
  instant: Micros,
): JsonbText {
  const mark = instantOf(membersOf(metadata)?.get("cancel_attempted_at")?.slice(1, -1) ?? "");
  if (mark === null || !isOfStep(mark)) return metadata;
  return merge(metadata, `{"cancel_attempted_at": "${markOf(instant)}"}`);
}

/** CAN-3: no more decimals than it takes. */
const markOf = (at: Micros): string => timestampOf(at).replace(/\.?0+Z$/, "Z");

const isWithin = ({ start, end }: Window, value: Micros): boolean => value >= start && value <= end;
