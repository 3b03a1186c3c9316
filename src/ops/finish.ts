import { columnText, wholeColumnText } from "../array.ts";
import { retryOnConflict } from "../conflict.ts";
import type { Db } from "../db.ts";
import { checkJitter, type JitterOptions } from "../jitter.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { LONGEST, type Micros, timestampText } from "../time.ts";
import { checkId, checkInteger, checkObject, checkText, refuse } from "../validate.ts";
import { complete, isPlain } from "./complete.ts";

/** How an attempt ended. `metadata` is JSON text of an object, merged into the job's at top level. */
export type Outcome =
  | { readonly kind: "complete"; readonly metadata?: string }
  | {
      readonly kind: "error";
      readonly message: string;
      readonly trace?: string;
      /** Null, or an instant before now, leaves it to the default policy: n⁴ seconds ± 10 % after the n-th error, at most 2⁶³ − 1 ns. */
      readonly retryAt: Micros | null;
      /** In place of `retryAt`: so long after this is written, from 0 to 2⁶³ − 1 nanoseconds. */
      readonly retryIn?: Micros;
      readonly metadata?: string;
    }
  | { readonly kind: "discard"; readonly message: string; readonly metadata?: string }
  /** The recorded error is the message behind "JobCancelError: ", as River's Go client writes it. */
  | { readonly kind: "cancel"; readonly message: string; readonly metadata?: string }
  /** From 0 to 2⁶³ − 1 nanoseconds. */
  | { readonly kind: "snooze"; readonly forMicros: Micros; readonly metadata?: string }
  /** The client stopped before the worker was done. */
  | { readonly kind: "interrupt"; readonly metadata?: string };

/** The result of one fetch, which `attempt` and `attemptedAt` name: a snooze gives the number back, so the number alone would not. */
export interface FinishParams {
  readonly id: bigint;
  readonly attempt: number;
  readonly attemptedAt: Micros;
  readonly outcome: Outcome;
}

/** How to finish. */
export interface FinishOptions extends JitterOptions {
  /**
   * Whether to return the jobs, true by default; if not, the list is empty, and what is completed without metadata is written by a quicker statement
   * of its own before the others, so that it stays should theirs fail. Sending the results again is safe.
   */
  readonly answer?: boolean;
}

// $1 now, $2 jitter, $3 whether to answer, $4 ids, the other columns as columnText makes them; '' for no time.
// held: the rows as they are now, locked in the order of their ids, whatever the plan, so that two batches never wait for each other. All that is
// kept comes from there too: river_job's own columns may be older, and constraints are checked before Postgres notices.
// judged: what the outcome means for each. aimed: the state it leads to, were the job alone.
// settled: a job that would take its key on the way (only masks that no client of today accepts let a running job be without) finds
// it taken, or offered to an earlier job of the batch: then a final state gives way by its bit, and any other is discarded as by schedule.
// The comparison with 'available' is there for the index, as in schedule.
// Rows are kept aside twice, as held and as taking: more takes longer than what is done with them. The offset, which skips nothing, keeps what
// stands before it from being written out again wherever it is used, and the select around $4 the plan from depending on how many there are.
const FINISH = `
with asked as (
  select id as job_id, coalesce(attempt, ($5::int[])[1]) as of_attempt,
         coalesce(attempted_at, ($6::timestamptz[])[1]) as of_attempted_at, coalesce(outcome, ($7::text[])[1]) as outcome,
         coalesce(message, ($8::text[])[1]) as message, coalesce(trace, ($9::text[])[1]) as trace,
         nullif(coalesce(retry_at, ($10::text[])[1]), '')::timestamptz as retry_at,
         coalesce(snooze, ($11::bigint[])[1]) as snooze, coalesce(updates, ($12::jsonb[])[1]) as updates, n
  from unnest((select $4::bigint[]), $5::int[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::jsonb[])
       with ordinality as given (id, attempt, attempted_at, outcome, message, trace, retry_at, snooze, updates, n)
), held as (
  select n, outcome, message, trace, retry_at, snooze, updates, job.id, job.state, job.attempt, job.max_attempts, job.attempted_at,
         job.finalized_at, job.scheduled_at, job.errors, job.metadata, job.unique_key, job.unique_states, coalesce($1::timestamptz, now()) as now,
         coalesce(job.attempt = of_attempt and job.attempted_at = of_attempted_at, false) as is_fetch,
         coalesce(cardinality(job.errors), 0) as error_count,
         case when outcome = 'error' then coalesce($2::float8, random() * 2 - 1) end as jitter
  from (select * from asked order by job_id) as asked
  cross join lateral (select * from river_job where id = asked.job_id for update) as job
), judged as (
  select held.*, is_fetch and state = 'running' as applies,
         outcome in ('snooze', 'interrupt') or outcome = 'error' and attempt < max_attempts as runs_again,
         case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end as base,
         case
           when outcome = 'snooze' or snooze > 0 then snooze
           when outcome <> 'error' or retry_at >= now then 0
           when error_count >= 309 then 9223372036854775
           else least(
             round((error_count + 1)::numeric ^ 4 * 1000000 * (1 + 0.1 * jitter::numeric)),
             9223372036854775
           )
         end::bigint as delay
  from held
), timed as (
  select judged.*,
         case when outcome = 'error' and retry_at >= now then retry_at else now end
           + (delay / 1000000) * interval '1 second' + (delay % 1000000) * interval '1 microsecond' as next_at
  from judged
), aimed as (
  select timed.*,
         case
           when not applies then state
           when outcome = 'complete' then 'completed'
           when outcome = 'cancel' or runs_again and base ? 'cancel_attempted_at' then 'cancelled'
           when not runs_again then 'discarded'
           when next_at <= now + interval '5 seconds' then 'available'
           when outcome = 'error' then 'retryable'
           else 'scheduled'
         end as aim
  from timed
), taking as (
  select aimed.*,
         coalesce(applies and unique_key is not null and river_job_state_in_bitmask(unique_states, aim)
           and not river_job_state_in_bitmask(unique_states, state), false) as takes
  from aimed
), rivalled as (
  select taking.*,
         case when takes then n > (
           select min(n) from taking as rival where rival.takes and rival.unique_key = taking.unique_key
         ) or exists (
           select from river_job as other
           where other.unique_key = taking.unique_key
             and other.unique_states is not null
             and other.state >= 'available'
             and river_job_state_in_bitmask(other.unique_states, other.state)
             and other.id <> taking.id
         ) else false end as is_rivalled
  from taking
  offset 0
), settled as (
  select rivalled.*,
         is_rivalled and aim in ('available', 'retryable', 'scheduled') as is_blocked,
         case when is_rivalled and aim in ('available', 'retryable', 'scheduled') then 'discarded' else aim end as ends_as
  from rivalled
), finished as (
  update river_job
  set state = ends_as,
      attempt = case
        when applies and outcome in ('snooze', 'interrupt') and ends_as in ('available', 'scheduled')
          then greatest(settled.attempt - 1, 0)
        else settled.attempt
      end,
      errors = case
        when not applies or outcome not in ('error', 'discard', 'cancel') then settled.errors
        else case when array_ndims(settled.errors) > 1 then array(select unnest(settled.errors)) else settled.errors end
          || jsonb_build_object(
               'at', rtrim(rtrim(to_char(settled.attempted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z',
               'attempt', settled.attempt, 'error', message, 'trace', trace)
      end,
      finalized_at = case
        when applies and ends_as in ('cancelled', 'completed', 'discarded') then now
        else settled.finalized_at
      end,
      scheduled_at = case
        when applies and ends_as in ('available', 'retryable', 'scheduled') then next_at
        else settled.scheduled_at
      end,
      metadata = case
        when not is_fetch or updates = '{}' and outcome <> 'snooze' and not is_blocked then settled.metadata
        else base || updates
          || case when outcome <> 'snooze' then '{}' else jsonb_build_object('snoozes', 1 + least(9223372036854775806,
               greatest(-9223372036854775808, case jsonb_typeof(base -> 'snoozes')
                 when 'boolean' then (base ->> 'snoozes')::boolean::int::numeric
                 when 'number' then trunc((base ->> 'snoozes')::numeric)
                 when 'string' then case
                   when base ->> 'snoozes' ~ '^[-+]?([0-9]{1,200}[.]?[0-9]{0,200}|[.][0-9]{1,200})([eE][-+]?[0-9]{1,3})?$'
                     then trunc((base ->> 'snoozes')::numeric)
                   else 0
                 end
                 else 0
               end))) end
          || case when is_blocked then '{"unique_key_conflict": "scheduler_discarded"}'::jsonb else '{}' end
      end,
      unique_states = case
        when not is_rivalled then settled.unique_states
        when ends_as = 'discarded' then set_bit(settled.unique_states, 4, 0)
        when ends_as = 'completed' then set_bit(settled.unique_states, 5, 0)
        else set_bit(settled.unique_states, 6, 0)
      end
  from settled
  where river_job.id = settled.id
  returning river_job.*, settled.n
)
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from finished
where $3::boolean
order by finished.n`;

/**
 * Ends attempts, all of them or (if it throws) none, and returns the jobs as they then are, in the order of `results`; a job that is gone is left
 * out, one that has been fetched again or given back since is returned unchanged. `now` null is the database's clock. A violation by a
 * concurrent session is tried again; throws `conflict` if that does not help, and `invalid` if a result breaks a rule or an id comes twice.
 */
export async function finish(
  db: Db,
  now: Micros | null,
  results: readonly FinishParams[],
  options: FinishOptions = {},
): Promise<Job[]> {
  const at = now === null ? null : timestampText(now, "now");
  const jitter = checkJitter(options);
  checkDistinct(results);
  const { answer = true } = options;
  const left = answer ? results : await completePlain(db, now, results);
  if (left.length === 0) return [];
  const [ids = [], ...columns] = columnsOf(left);
  const rest = [wholeColumnText(ids), ...columns.map(columnText)];
  const { rows } = await retryOnConflict(() =>
    db.query<JobRow>(FINISH, [at, jitter, answer, ...rest]),
  );
  return rows.map(toJob);
}

/** The results that are not written then. */
async function completePlain(
  db: Db,
  now: Micros | null,
  results: readonly FinishParams[],
): Promise<readonly FinishParams[]> {
  const plain = results.filter(isPlain);
  if (plain.length === 0) return results;
  // Nothing is written where another breaks a rule.
  for (const [place, each] of results.entries()) {
    if (!isPlain(each)) toRow(each, `results[${place}]`);
  }
  const isAll = (await complete(db, now, plain)) === plain.length;
  if (!isAll) return results;
  return plain.length === results.length ? [] : results.filter((result) => !isPlain(result));
}

function checkDistinct(results: readonly FinishParams[]): void {
  // What one fetch brought mostly ends in its order.
  if (results.every(({ id }, place) => place === 0 || id > (results[place - 1]?.id ?? id))) return;
  const seen = new Set<bigint>();
  for (const [place, { id }] of results.entries()) {
    if (seen.has(id)) refuse(`results[${place}].id`, "occur once in a batch", id);
    seen.add(id);
  }
}

/** In the order of the statement's arrays. */
function columnsOf(results: readonly FinishParams[]): readonly (readonly string[])[] {
  const rows = results.map((result, place) => toRow(result, `results[${place}]`));
  return rows[0]?.map((_, place) => rows.map((row) => row[place] ?? "")) ?? [];
}

/** The columns of one result in the order of the statement's arrays. */
function toRow(result: FinishParams, name: string): string[] {
  const { id, attempt, attemptedAt, outcome } = result;
  checkId(id, `${name}.id`);
  checkInteger(attempt, `${name}.attempt`, -32_768, 32_767);
  const updates = outcome.metadata ?? "{}";
  checkObject(updates, `${name}.outcome.metadata`);
  const { message, trace, retryAt, snooze } = parts(outcome);
  checkText(message, `${name}.outcome.message`);
  checkText(trace, `${name}.outcome.trace`);
  if (typeof snooze !== "bigint" || snooze < 0n || snooze > LONGEST) {
    const field = outcome.kind === "snooze" ? "forMicros" : "retryIn";
    refuse(`${name}.outcome.${field}`, `be from 0 to ${LONGEST}`, snooze);
  }
  return [
    String(id),
    String(attempt),
    timestampText(attemptedAt, `${name}.attemptedAt`),
    outcome.kind,
    message,
    trace,
    retryAt === null ? "" : timestampText(retryAt, `${name}.outcome.retryAt`),
    String(snooze),
    updates,
  ];
}

function parts(outcome: Outcome): {
  message: string;
  trace: string;
  retryAt: Micros | null;
  snooze: Micros;
} {
  const none = { message: "", trace: "", retryAt: null, snooze: 0n };
  switch (outcome.kind) {
    case "error":
      // Zero says that there is none, and a microsecond is as soon.
      return {
        ...none,
        ...outcome,
        trace: outcome.trace ?? "",
        snooze: outcome.retryIn === undefined ? 0n : outcome.retryIn || 1n,
      };
    case "discard":
      return { ...none, message: outcome.message };
    case "cancel":
      return { ...none, message: `JobCancelError: ${outcome.message}` };
    case "snooze":
      return { ...none, snooze: outcome.forMicros };
    default:
      return none;
  }
}
