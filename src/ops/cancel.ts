import { retryOnConflict } from "../conflict.ts";
import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkId } from "../validate.ts";

// $1 now, $2 id.
// asked: the row, locked, if it is not final. A job that ends while another holds its key gives up the bit that would let it take the key by
// being cancelled. The comparison with 'available' is there for the index, as in schedule.
const CANCEL = `
with held as (
  select *
  from river_job
  where id = $2::bigint
  for update
), asked as materialized (
  select held.id, coalesce($1::timestamptz, now()) as now, held.state <> 'running' as ends,
         case when held.state <> 'running' and held.unique_key is not null and get_bit(held.unique_states, 6) = 1 then exists (
           select from river_job as other
           where other.unique_key = held.unique_key
             and other.unique_states is not null
             and other.state >= 'available'
             and river_job_state_in_bitmask(other.unique_states, other.state)
             and other.id <> held.id
         ) else false end as is_rivalled
  from held
  where held.state not in ('cancelled', 'completed', 'discarded')
), cancelled as (
  update river_job
  set state = case when ends then 'cancelled' else state end,
      finalized_at = case when ends then asked.now end,
      metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || jsonb_build_object(
        'cancel_attempted_at',
        rtrim(rtrim(to_char(asked.now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'
      ),
      unique_states = case when is_rivalled then set_bit(unique_states, 6, 0) else unique_states end
  from asked
  where river_job.id = asked.id
  returning river_job.*
), notified as (
  select pg_notify(
    current_schema() || '.river_control',
    jsonb_build_object('action', 'cancel', 'job_id', id, 'queue', queue)::text
  )
  from cancelled
)
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from (
  select * from cancelled
  union all
  select * from held where held.state in ('cancelled', 'completed', 'discarded')
) as answer
where (select count(*) from notified) >= 0`;

/**
 * Ends a job that does not run, asks the worker of one that does to end it, and tells the clients that listen; returns the job as it then is.
 * A final job is returned unchanged. `now` null is the database's clock. Throws `not_found` for an id that no job has, and `conflict` if
 * concurrent sessions keep taking the job's key.
 */
export async function cancel(db: Db, now: Micros | null, id: bigint): Promise<Job> {
  checkId(id, "id");
  const at = now === null ? null : timestampText(now, "now");
  const { rows } = await retryOnConflict(() => db.query<JobRow>(CANCEL, [at, String(id)]));
  const [row] = rows;
  if (row === undefined) throw new QueueError("not_found", `id must be a job's, but is ${id}.`);
  return toJob(row);
}
