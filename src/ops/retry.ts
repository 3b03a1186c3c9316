import { retryOnConflict } from "../conflict.ts";
import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkId } from "../validate.ts";

// $1 now, $2 id.
// A job that has to stay as it is comes back as it is, with the reason why it was refused if there is one.
// The comparison with 'available' is there for the index, as in schedule.
const RETRY = `
with held as (
  select *
  from river_job
  where id = $2::bigint
  for update
), judged as (
  select held.*, coalesce($1::timestamptz, now()) as now,
         held.attempt = 32767 and held.max_attempts = 32767 as is_exhausted
  from held
  where held.state <> 'running'
    and not (held.state = 'available' and held.scheduled_at < coalesce($1::timestamptz, now()))
), decided as materialized (
  select judged.id, judged.now, judged.is_exhausted,
         case when judged.unique_key is not null and get_bit(judged.unique_states, 7) = 1 then (
           select min(other.id)
           from river_job as other
           where other.unique_key = judged.unique_key
             and other.unique_states is not null
             and other.state >= 'available'
             and river_job_state_in_bitmask(other.unique_states, other.state)
             and other.id <> judged.id
         ) end as holder
  from judged
), retried as (
  update river_job
  set state = 'available',
      scheduled_at = decided.now,
      finalized_at = null,
      max_attempts = case when attempt = max_attempts then max_attempts + 1 else max_attempts end,
      metadata = case when jsonb_typeof(metadata) = 'object' then metadata - 'cancel_attempted_at' else metadata end
  from decided
  where river_job.id = decided.id and not is_exhausted and holder is null
  returning river_job.*
)
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states,
       (select is_exhausted::text from decided) as is_exhausted, (select holder::text from decided) as holder
from (
  select * from retried
  union all
  select * from held where not exists (select from retried)
) as answer`;

type RetryRow = JobRow & { readonly is_exhausted: string | null; readonly holder: string | null };

/**
 * Makes a job available at once, also a final one, with an attempt more if all were used up; returns it as it then is. A running job, and one
 * that waits its turn, is returned unchanged. `now` null is the database's clock. Throws, with nothing changed, `not_found` for an id that no
 * job has, `conflict` where another job holds its key (`holder` says which) and `attempts_exhausted` after 32,767 attempts.
 */
export async function retry(db: Db, now: Micros | null, id: bigint): Promise<Job> {
  checkId(id, "id");
  const at = now === null ? null : timestampText(now, "now");
  const { rows } = await retryOnConflict(() => db.query<RetryRow>(RETRY, [at, String(id)]));
  const [row] = rows;
  if (row === undefined) throw new QueueError("not_found", `id must be a job's, but is ${id}.`);
  if (row.is_exhausted === "true") {
    throw new QueueError(
      "attempts_exhausted",
      `attempt of job ${id} must be below 32767, but is not. Insert the job anew.`,
    );
  }
  if (row.holder !== null) {
    throw new QueueError(
      "conflict",
      `unique key of job ${id} must be free, but job ${row.holder} holds it. Cancel or delete that one first.`,
      { holder: BigInt(row.holder) },
    );
  }
  return toJob(row);
}
