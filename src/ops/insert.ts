import { columnText, wholeColumnText } from "../array.ts";
import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, maskText, toJob } from "../job.ts";
import { encodeArgs } from "../json.ts";
import { clientNow, type Micros, timestampText } from "../time.ts";
import { DEFAULT_UNIQUE_STATES, isUnique, type UniqueOptions, uniqueKeyText } from "../unique.ts";
import { checkInsert, type InsertRow } from "../validate.ts";

/** One job to insert. What is absent takes River's default. */
export interface InsertParams {
  /** 1 to 127 characters. */
  readonly kind: string;
  /** JSON data, encoded as Go's encoding/json would; `{}` if neither this nor `argsText` is given. */
  readonly args?: unknown;
  /** The args as JSON text, in place of `args`; every byte counts for the unique key. */
  readonly argsText?: string;
  /** JSON text of an object. */
  readonly metadata?: string;
  readonly tags?: readonly string[];
  /** 1 (the default) goes first, 4 last. */
  readonly priority?: number;
  /** `default` by default. */
  readonly queue?: string;
  /** 25 by default. */
  readonly maxAttempts?: number;
  /** Makes the job `scheduled`, even if it is past; null or absent makes it available at once. */
  readonly scheduledAt?: Micros | null;
  /** Makes the job `pending`, which nothing but a later update ends. */
  readonly pending?: boolean;
  readonly unique?: UniqueOptions;
}

/** How to insert. */
export interface InsertOptions {
  /** Whether to wake the clients that listen, true by default. */
  readonly notify?: boolean;
  /** Whether to return the results, true by default; if not, the list is empty, and many jobs are inserted in half the time. */
  readonly answer?: boolean;
}

/** The job that was inserted; or, if `duplicate`, the one that already holds its unique key, unchanged. */
export interface InsertResult {
  readonly job: Job;
  readonly duplicate: boolean;
}

// $1 now, $2 whether to notify, $3 whether to answer, $4 args, whole, the other columns as columnText makes them; '' for null, tags as JSON
// arrays; the last is the periodic id. The select around $4 keeps the plan from depending on how many there are.
// Of several rows of one key only the first is offered, since "on conflict do update" may not meet a row twice. Ids are drawn beforehand, in the
// order of the input, so that a returned id says whether the row is new; rows go in by key, so that two batches never wait for each other.
// The update changes nothing: it waits for a holder that is not committed yet, and returns it.
// The join is full, though every row finds a partner, because a full join is never done by nested loops, which a generic plan would choose.
// The last condition is a case, as Postgres would leave the notifications out where it sees beforehand that nothing is returned.
const INSERT = `
with asked as (
  select n, kind, args::jsonb as args, metadata::jsonb as metadata, priority, queue,
         case when tags = '[]' then '{}' else array(
           select tag from jsonb_array_elements_text(tags::jsonb) with ordinality as listed (tag, place) order by place
         ) end::varchar(255)[] as tags,
         max_attempts, state::river_job_state as state,
         coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now()) as scheduled_at,
         coalesce($1::timestamptz, now()) as created_at,
         sha256(convert_to(nullif(unique_text, ''), 'UTF8')) as unique_key,
         nullif(unique_states, '')::bit(8) as unique_states
  from (
    select n, args, coalesce(kind, ($5::text[])[1]) as kind,
           coalesce(metadata, ($6::jsonb[])[1]) as metadata, coalesce(priority, ($7::smallint[])[1]) as priority,
           coalesce(queue, ($8::text[])[1]) as queue, coalesce(tags, ($9::text[])[1]) as tags,
           coalesce(max_attempts, ($10::smallint[])[1]) as max_attempts, coalesce(state, ($11::river_job_state[])[1]) as state,
           coalesce(scheduled_at, ($12::text[])[1]) as scheduled_at, coalesce(unique_text, ($13::text[])[1]) as unique_text,
           coalesce(unique_states, ($14::text[])[1]) as unique_states, coalesce(periodic_id, ($15::text[])[1]) as periodic_id
    from unnest((select $4::text[]), $5::text[], $6::jsonb[], $7::smallint[], $8::text[], $9::text[], $10::smallint[],
                $11::river_job_state[], $12::text[], $13::text[], $14::text[], $15::text[])
         with ordinality as sent (args, kind, metadata, priority, queue, tags, max_attempts, state, scheduled_at, unique_text,
                                  unique_states, periodic_id, n)
  ) as given
  where periodic_id = '' or not exists (
    select from river_job as done
    where done.metadata @> jsonb_build_object('river:periodic_job_id', periodic_id)
      and done.scheduled_at = given.scheduled_at::timestamptz
  )
), drawn as (
  select ordered.*, case when unique_key is null or n in (select min(n) from asked where unique_key is not null group by unique_key)
                      then nextval('river_job_id_seq'::regclass) end as new_id
  from (select * from asked order by n) as ordered
), plain as (
  insert into river_job (id, args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
  select new_id, args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags
  from drawn
  where unique_key is null
  order by n
  returning *
), keyed as (
  insert into river_job (id, args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags,
                         unique_key, unique_states)
  select new_id, args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags,
         unique_key, unique_states
  from drawn
  where unique_key is not null and new_id is not null
  order by unique_key, n
  on conflict (unique_key)
    where unique_key is not null and unique_states is not null and river_job_state_in_bitmask(unique_states, state)
    do update set kind = river_job.kind
  returning *
), inserted as (
  select plain.*, id::text as link from plain
  union all
  select keyed.*, encode(unique_key, 'hex') as link from keyed
), offered as (
  select drawn.*, coalesce(encode(unique_key, 'hex'), new_id::text) as link from drawn
), answered as (
  select offered.n, offered.new_id is distinct from inserted.id as is_duplicate, inserted.*
  from offered full join inserted on offered.link = inserted.link
), woken as (
  select queue from drawn where unique_key is null and state = 'available' and $2::boolean
  union
  select queue from keyed where $2::boolean and state = 'available' and case when id in (select new_id from drawn) then true end
), notified as (
  select pg_notify(current_schema() || '.river_insert', jsonb_build_object('queue', queue)::text) from woken
)
select is_duplicate::text as duplicate, id::text as id, state::text as state, attempt::text as attempt,
       max_attempts::text as max_attempts, extract(epoch from attempted_at)::text as attempted_at,
       extract(epoch from created_at)::text as created_at, extract(epoch from finalized_at)::text as finalized_at,
       extract(epoch from scheduled_at)::text as scheduled_at, priority::text as priority, args::text as args,
       to_json(attempted_by)::text as attempted_by, to_json(errors::text[])::text as errors, kind as kind,
       metadata::text as metadata, queue as queue, to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key,
       unique_states::text as unique_states
from answered
where case when (select count(*) from notified) >= 0 then $3::boolean end
order by answered.n`;

/**
 * Inserts jobs in one statement and answers in their order. `now` null is the database's clock; the period of a unique key is then reckoned
 * by the client's, as River does. Throws `invalid` and inserts nothing if the list is empty or any job breaks a rule.
 */
export async function insert(
  db: Db,
  now: Micros | null,
  jobs: readonly InsertParams[],
  options: InsertOptions = {},
): Promise<InsertResult[]> {
  if (jobs.length === 0) {
    throw new QueueError("invalid", "jobs must hold at least one job, but is empty.", {
      field: "jobs",
    });
  }
  const rows = jobs.map((job, at) => toRow(job, now ?? clientNow(), `jobs[${at}]`));
  return insertRows(db, now, rows, options);
}

/** Inserts rows that `toRow` made, at least one. A run that its periodic job has had already is left out of the answer too. */
export async function insertRows(
  db: Db,
  now: Micros | null,
  rows: readonly (readonly string[])[],
  options: InsertOptions,
): Promise<InsertResult[]> {
  const column = (place: number) => rows.map((row) => row[place] ?? "");
  const [args = [], ...columns] = rows[0]?.map((_, place) => column(place)) ?? [];
  const at = now === null ? null : timestampText(now, "now");
  const result = await db.query<JobRow & { readonly duplicate: string }>(INSERT, [
    at,
    options.notify ?? true,
    options.answer ?? true,
    wholeColumnText(args),
    ...columns.map(columnText),
  ]);
  return result.rows.map((row) => ({ job: toJob(row), duplicate: row.duplicate === "true" }));
}

/** One tick of a periodic job: the job is available, though it has a time. `periodicId` empty: it has none. */
export interface Run {
  readonly tick: Micros;
  readonly periodicId: string;
}

/** The columns of one job in the order of the statement's arrays. Throws `invalid`. */
export function toRow(
  job: InsertParams,
  now: Micros,
  name: string,
  run: Run | null = null,
): readonly string[] {
  const row = withDefaults(job, name);
  checkInsert(row, name);
  const scheduledAt = run?.tick ?? job.scheduledAt ?? null;
  const unique = isUnique(row.unique);
  const states = row.unique.byState ?? [];
  return [
    row.argsText,
    row.kind,
    row.metadata,
    String(row.priority),
    row.queue,
    JSON.stringify(row.tags),
    String(row.maxAttempts),
    run === null ? stateOf(job) : "available",
    scheduledAt === null ? "" : timestampText(scheduledAt, `${name}.scheduledAt`),
    unique ? uniqueKeyText(row.unique, { ...row, at: scheduledAt ?? now }) : "",
    unique ? maskText(states.length > 0 ? states : DEFAULT_UNIQUE_STATES) : "",
    run?.periodicId ?? "",
  ];
}

function withDefaults(job: InsertParams, name: string): InsertRow {
  if (job.args !== undefined && job.argsText !== undefined) {
    throw new QueueError("invalid", `${name} must have args or argsText, but has both.`, {
      field: `${name}.args`,
    });
  }
  return {
    kind: job.kind,
    argsText: job.argsText ?? (job.args === undefined ? "{}" : encodeArgs(job.args)),
    metadata: job.metadata ?? "{}",
    priority: job.priority ?? 1,
    queue: job.queue ?? "default",
    maxAttempts: job.maxAttempts ?? 25,
    tags: job.tags ?? [],
    unique: job.unique ?? {},
  };
}

function stateOf(job: InsertParams): "pending" | "scheduled" | "available" {
  if (job.pending === true) return "pending";
  return job.scheduledAt === undefined || job.scheduledAt === null ? "available" : "scheduled";
}
