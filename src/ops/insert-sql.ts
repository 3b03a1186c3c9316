// $1 now, $2 whether to notify; of many jobs $3 args, whole, the other columns as columnText makes them, '' for null, tags as JSON arrays. The
// select around $3 keeps the plan from depending on how many there are.
const ARRAYS = `(select $3::text[]), $4::text[], $5::jsonb[], $6::smallint[], $7::text[], $8::text[], $9::smallint[],
                $10::river_job_state[], $11::text[]`;
const SENT = "args, kind, metadata, priority, queue, tags, max_attempts, state, scheduled_at";
const GIVEN = `n, args, coalesce(kind, ($4::text[])[1]) as kind, coalesce(metadata, ($5::jsonb[])[1]) as metadata,
           coalesce(priority, ($6::smallint[])[1]) as priority, coalesce(queue, ($7::text[])[1]) as queue,
           coalesce(tags, ($8::text[])[1]) as tags, coalesce(max_attempts, ($9::smallint[])[1]) as max_attempts,
           coalesce(state, ($10::river_job_state[])[1]) as state, coalesce(scheduled_at, ($11::text[])[1]) as scheduled_at`;
/** The columns of one job are values: a fifth less time than through arrays of one. */
const VALUES = `$3::text as args, $4::text as kind, $5::jsonb as metadata, $6::smallint as priority, $7::text as queue, $8::text as tags,
         $9::smallint as max_attempts, $10::river_job_state as state, $11::text as scheduled_at`;
const ASKED = `kind, args::jsonb as args, metadata::jsonb as metadata, priority, queue,
         case when tags = '[]' then '{}' else array(
           select tag from jsonb_array_elements_text(tags::jsonb) with ordinality as listed (tag, place) order by place
         ) end::varchar(255)[] as tags,
         max_attempts, state::river_job_state as state,
         coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now()) as scheduled_at,
         coalesce($1::timestamptz, now()) as created_at`;
const COLUMNS =
  "args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags";
const WOKEN = "where state = 'available' and $2::boolean";
const NOTIFIED = `notified as (
  select pg_notify(current_schema() || '.river_insert', jsonb_build_object('queue', queue)::text) from woken
)`;
const ROW = `id::text as id, state::text as state, attempt::text as attempt,
       max_attempts::text as max_attempts, extract(epoch from attempted_at)::text as attempted_at,
       extract(epoch from created_at)::text as created_at, extract(epoch from finalized_at)::text as finalized_at,
       extract(epoch from scheduled_at)::text as scheduled_at, priority::text as priority, args::text as args,
       to_json(attempted_by)::text as attempted_by, to_json(errors::text[])::text as errors, kind as kind,
       metadata::text as metadata, queue as queue, to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key,
       unique_states::text as unique_states`;

// The condition on what was told is a case, as Postgres would leave the notifications out where it sees beforehand that nothing is returned.
const ONE = `
with woken as (
  select queue from (select ${VALUES}) as asked ${WOKEN}
), ${NOTIFIED}
insert into river_job (${COLUMNS})
select ${COLUMNS}
from (select ${ASKED} from (select ${VALUES}) as given) as asked
where case when (select count(*) from notified) >= 0 then true end`;

const PLAIN = `
with asked as (
  select n, ${ASKED}
  from (
    select ${GIVEN}
    from unnest(${ARRAYS})
         with ordinality as sent (${SENT}, n)
  ) as given
), woken as (
  select distinct queue from asked ${WOKEN}
), ${NOTIFIED}
insert into river_job (${COLUMNS})
select ${COLUMNS}
from asked
where case when (select count(*) from notified) >= 0 then true end
order by n`;

const answering = (sql: string) => `${sql}
returning 'false' as duplicate, ${ROW}`;

/** Inserts one job without a unique key or a periodic id. */
export const INSERT_ONE = { answering: answering(ONE), silent: ONE } as const;

/** Inserts jobs of which none has a unique key or a periodic id, what most are. */
export const INSERT_PLAIN = { answering: answering(PLAIN), silent: PLAIN } as const;

// $12 text of the unique key, $13 its states, $14 periodic id, as columnText makes them; $15 whether to answer.
// Of several rows of one key only the first is offered, since "on conflict do update" may not meet a row twice. Ids are drawn beforehand, in the
// order of the input, so that a returned id says whether the row is new; rows go in by key, so that two batches never wait for each other.
// The update changes nothing: it waits for a holder that is not committed yet, and returns it.
// The join is full, though every row finds a partner, because a full join is never done by nested loops, which a generic plan would choose.
/** Inserts any jobs. */
export const INSERT_KEYED = `
with asked as (
  select n, ${ASKED},
         sha256(convert_to(nullif(unique_text, ''), 'UTF8')) as unique_key,
         nullif(unique_states, '')::bit(8) as unique_states
  from (
    select ${GIVEN},
           coalesce(unique_text, ($12::text[])[1]) as unique_text, coalesce(unique_states, ($13::text[])[1]) as unique_states,
           coalesce(periodic_id, ($14::text[])[1]) as periodic_id
    from unnest(${ARRAYS}, $12::text[], $13::text[], $14::text[])
         with ordinality as sent (${SENT}, unique_text, unique_states, periodic_id, n)
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
  insert into river_job (id, ${COLUMNS})
  select new_id, ${COLUMNS}
  from drawn
  where unique_key is null
  order by n
  returning *
), keyed as (
  insert into river_job (id, ${COLUMNS}, unique_key, unique_states)
  select new_id, ${COLUMNS}, unique_key, unique_states
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
  select queue from drawn ${WOKEN} and unique_key is null
  union
  select queue from keyed where $2::boolean and state = 'available' and case when id in (select new_id from drawn) then true end
), ${NOTIFIED}
select is_duplicate::text as duplicate, ${ROW}
from answered
where case when (select count(*) from notified) >= 0 then $15::boolean end
order by answered.n`;
