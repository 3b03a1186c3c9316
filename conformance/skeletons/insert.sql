-- $1 is the instant, $2 the jobs as the protocol names them, as JSON text. One row: the answers, in order, as JSON text.
with asked as (
  select *
  from rows from (
    jsonb_to_recordset($2::text::jsonb) as (
      kind text, args text, metadata text, queue text, priority int, max_attempts int,
      tags text[], scheduled_at timestamptz, pending boolean
    )
  ) with ordinality
), inserted as (
  insert into river_job (
    kind, args, metadata, queue, priority, max_attempts, tags, state, created_at, scheduled_at
  )
  select
    kind, args::jsonb, coalesce(metadata, '{}')::jsonb, coalesce(queue, 'default'),
    coalesce(priority, 1), coalesce(max_attempts, 25), coalesce(tags, '{}'),
    case
      when pending then 'pending'
      when scheduled_at is not null then 'scheduled'
      else 'available'
    end::river_job_state,
    $1::text::timestamptz, coalesce(scheduled_at, $1::text::timestamptz)
  from asked
  order by ordinality
  returning *
)
select coalesce(json_agg(json_build_object(
  'duplicate', false,
  'job', json_build_object(
    'id', id,
    'state', state,
    'attempt', attempt,
    'max_attempts', max_attempts,
    'attempted_at', to_char(attempted_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'created_at', to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'finalized_at', to_char(finalized_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'scheduled_at', to_char(scheduled_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'priority', priority,
    'args', args::text,
    'attempted_by', coalesce(attempted_by, '{}'),
    'errors', coalesce(to_json(errors), '[]'),
    'kind', kind,
    'metadata', metadata::text,
    'queue', queue,
    'tags', tags,
    'unique_key', encode(unique_key, 'hex'),
    'unique_states', unique_states::text
  )
) order by id), '[]')::text
from inserted
