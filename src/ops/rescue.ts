import { retryOnConflict } from "../conflict.ts";
import type { Db } from "../db.ts";
import { checkJitter, type JitterOptions } from "../jitter.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkDuration, checkInteger, checkText } from "../validate.ts";

/** Which jobs are stuck, and which of them may be rescued. */
export interface RescueParams {
  /** How long a job may run before it is stuck, 1 or more. */
  readonly after: Micros;
  /** The timeouts of kinds whose workers have their own; −1 means never. */
  readonly timeouts: Readonly<Record<string, Micros>>;
  /** The client's timeout, for all other kinds; −1 means never. */
  readonly timeout: Micros;
  /** The most jobs to rescue in one call, 1 to 2³¹ − 1. */
  readonly limit: number;
}

// $1 now, $2 after, $3 the client's timeout, $4 limit, $5 jitter, $6 and $7 kinds and their timeouts.
// stuck: what may be rescued, locked; whoever finished or fetched a job meanwhile has changed what is asked of it here. A job that may not
// be rescued takes no place of the limit. From aimed on it goes as in finish.
const RESCUE = `
with stuck as (
  select job.*, coalesce($1::timestamptz, now()) as now, coalesce(cardinality(job.errors), 0) as error_count,
         case when jsonb_typeof(job.metadata) = 'object' then job.metadata else '{}' end as base
  from river_job as job
  left join unnest($6::text[], $7::bigint[]) as worker (worker_kind, timeout) on worker_kind = job.kind
  where job.state = 'running'
    and job.attempted_at < coalesce($1::timestamptz, now()) - $2::bigint * interval '1 microsecond'
    and (
      jsonb_typeof(job.metadata) = 'object' and job.metadata ? 'cancel_attempted_at'
      or jsonb_typeof(job.args) <> 'object'
      or coalesce(timeout, $3::bigint) >= 0
        and job.attempted_at + coalesce(timeout, $3::bigint) * interval '1 microsecond' <= coalesce($1::timestamptz, now())
    )
  order by job.id
  limit $4::int
  for update of job
), aimed as (
  select stuck.*,
         case
           when base ? 'cancel_attempted_at' then 'cancelled'
           when attempt < max_attempts then 'retryable'
           else 'discarded'
         end::river_job_state as aim,
         case
           when error_count >= 309 then 9223372036854775
           else least(
             round(1000000 * (error_count + 1)::numeric ^ 4 * (1 + 0.1 * coalesce($5::float8, random() * 2 - 1)::numeric)),
             9223372036854775
           )
         end::bigint as delay
  from stuck
), taking as (
  select aimed.*,
         coalesce(unique_key is not null and river_job_state_in_bitmask(unique_states, aim)
           and not river_job_state_in_bitmask(unique_states, state), false) as takes
  from aimed
), taken as materialized (
  select taking.*,
         case when takes then place > 1 or exists (
           select from river_job as other
           where other.unique_key = taking.unique_key
             and other.unique_states is not null
             and other.state >= 'available'
             and river_job_state_in_bitmask(other.unique_states, other.state)
             and other.id <> taking.id
         ) else false end as is_taken
  from (select taking.*, row_number() over (partition by unique_key, takes order by id) as place from taking) as taking
), ended as (
  select taken.*,
         is_taken and aim = 'retryable' as is_blocked,
         case when is_taken and aim = 'retryable' then 'discarded' else aim end as ends_as
  from taken
), rescued as (
  update river_job
  set state = ends_as,
      errors = case when array_ndims(ended.errors) > 1 then array(select unnest(ended.errors)) else ended.errors end
        || jsonb_build_object(
             'at', rtrim(rtrim(to_char(now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z',
             'attempt', ended.attempt, 'error', 'Stuck job rescued by JobRescuer', 'trace', ''),
      finalized_at = case when ends_as = 'retryable' then ended.finalized_at else now end,
      scheduled_at = case
        when ends_as = 'retryable'
          then now + (delay / 1000000) * interval '1 second' + (delay % 1000000) * interval '1 microsecond'
        else ended.scheduled_at
      end,
      metadata = base
        || jsonb_build_object('river:rescue_count', 1 + case
             when jsonb_typeof(base -> 'river:rescue_count') = 'number' then least(9223372036854775806,
               greatest(-9223372036854775808, trunc((base ->> 'river:rescue_count')::numeric)))
             else 0
           end)
        || case when is_blocked then '{"unique_key_conflict": "scheduler_discarded"}'::jsonb else '{}' end,
      unique_states = case
        when not is_taken then ended.unique_states
        when ends_as = 'discarded' then set_bit(ended.unique_states, 4, 0)
        else set_bit(ended.unique_states, 6, 0)
      end
  from ended
  where river_job.id = ended.id
  returning river_job.id
)
select count(*)::text as count
from rescued`;

/**
 * Ends the attempts of stuck jobs, by id: a job whose cancellation was asked for is cancelled, one with attempts left is retried as after
 * any error, the rest is discarded. Args that are no JSON object can be decoded by no worker, so its timeout does not count. Returns how
 * many; fewer than the limit means that none is left. `now` null is the database's clock. A violation by a concurrent session is tried
 * again; throws `conflict` if that does not help, and `invalid` for a parameter out of range.
 */
export async function rescue(
  db: Db,
  now: Micros | null,
  params: RescueParams,
  options: JitterOptions = {},
): Promise<number> {
  const { after, timeouts, timeout, limit } = params;
  const jitter = checkJitter(options);
  checkDuration(after, "after", 1n);
  checkDuration(timeout, "timeout", -1n);
  checkInteger(limit, "limit", 1, 2_147_483_647);
  const kinds = Object.entries(timeouts);
  for (const [kind, each] of kinds) {
    checkText(kind, "timeouts");
    checkDuration(each, `timeouts.${kind}`, -1n);
  }
  const values = [
    now === null ? null : timestampText(now, "now"),
    String(after),
    String(timeout),
    limit,
    jitter,
    kinds.map(([kind]) => kind),
    kinds.map(([, each]) => String(each)),
  ];
  const found = await retryOnConflict(() => db.query<{ count: string }>(RESCUE, values));
  return Number(found.rows[0]?.count ?? 0);
}
