import { retryOnConflict } from "../conflict.ts";
import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkInteger } from "../validate.ts";

/** Which jobs to move. */
export interface ScheduleParams {
  /** Jobs scheduled until then are due; not before now, and null means now. */
  readonly horizon: Micros | null;
  /** The most jobs to move, 0 to 2³¹ − 1. */
  readonly limit: number;
}

// $1 now, $2 horizon, $3 limit.
// Taking the jobs one at a time comes to this: of the due jobs of a key the one that holds it survives, else the first, unless a job outside
// holds it; all others are discarded. A loser never holds its key, and gives up the bit that would let it take it by being discarded.
// Every state is >= 'available'; saying so proves that it is not null, without which Postgres 17 and later leave our unique index unused.
const SCHEDULE = `
with due as (
  select *, case when unique_states is not null then unique_key end as competes_for,
         unique_key is not null and unique_states is not null and river_job_state_in_bitmask(unique_states, state) as holds
  from river_job
  where state in ('retryable', 'scheduled')
    and scheduled_at <= greatest($2::timestamptz, coalesce($1::timestamptz, now()))
  order by priority, scheduled_at, id
  limit $3::int
  for update
), placed as (
  select due.*,
         row_number() over (partition by competes_for order by holds desc, priority, scheduled_at, id) as place
  from due
), decided as materialized (
  select placed.id,
         competes_for is not null and (place > 1 or exists (
           select from river_job as other
           where other.unique_key = placed.competes_for
             and other.unique_states is not null
             and other.state >= 'available'
             and river_job_state_in_bitmask(other.unique_states, other.state)
             and other.id <> placed.id
         )) as is_blocked
  from placed
), moved as (
  update river_job
  set state = case when is_blocked then 'discarded' else 'available' end::river_job_state,
      finalized_at = case when is_blocked then coalesce($1::timestamptz, now()) end,
      metadata = case
        when not is_blocked then metadata
        when jsonb_typeof(metadata) = 'object' then metadata || '{"unique_key_conflict": "scheduler_discarded"}'
        else '{"unique_key_conflict": "scheduler_discarded"}'
      end,
      unique_states = case when is_blocked then set_bit(unique_states, 4, 0) else unique_states end
  from decided
  where river_job.id = decided.id
  returning river_job.*
), notified as (
  select pg_notify(current_schema() || '.river_insert', jsonb_build_object('queue', queue)::text)
  from (
    select distinct queue
    from moved
    where state = 'available' and scheduled_at <= coalesce($1::timestamptz, now()) + interval '5 milliseconds'
  ) as woken
)
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from moved
where (select count(*) from notified) >= 0
order by moved.priority, moved.scheduled_at, moved.id`;

/**
 * Moves due jobs to available, or to discarded if another job has their unique key, and wakes the clients that listen; returns the moved jobs
 * by priority, scheduled_at, id. `now` null is the database's clock. A violation by a concurrent session is tried again; throws `conflict`
 * if that does not help, and `invalid` for a horizon before now.
 */
export async function schedule(db: Db, now: Micros | null, params: ScheduleParams): Promise<Job[]> {
  const { horizon, limit } = params;
  checkInteger(limit, "limit", 0, 2_147_483_647);
  if (now !== null && horizon !== null && horizon < now) {
    throw new QueueError("invalid", `horizon must be now (${now}) or later, but is ${horizon}.`, {
      field: "horizon",
    });
  }
  const at = now === null ? null : timestampText(now, "now");
  const until = horizon === null ? null : timestampText(horizon, "horizon");
  const { rows } = await retryOnConflict(() => db.query<JobRow>(SCHEDULE, [at, until, limit]));
  return rows.map(toJob);
}
