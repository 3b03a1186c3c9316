import type { Db } from "../../src/db.ts";
import { quoteIdentifier } from "../../src/drivers/identifier.ts";
import { hasMasks } from "./counts.ts";
import { GRADED, PROVED } from "./grade.ts";
import type { Place } from "./snapshot.ts";

/**
 * No other job has the key to do, and none holds it: by its mask, a completed one may. Two questions, as each has an index of its own;
 * every state is >= 'available', and saying so lets Postgres use the unique one.
 */
const NOBODY = `not exists (
        select from river_job as other
        where other.unique_key = job.unique_key
          and other.id <> job.id
          and other.state in ('available', 'pending', 'retryable', 'running', 'scheduled')
      )
      and not exists (
        select from river_job as other
        where other.unique_key = job.unique_key
          and other.id <> job.id
          and other.unique_states is not null
          and other.state >= 'available'
          and river_job_state_in_bitmask(other.unique_states, other.state)
      )`;

/** Only while available is in its mask does the unique index see to it that a repaired job is the only one of its key. */
const GUARDED = "get_bit(unique_states, 7) = 1";

const FETCH = `
fetch 500 from weir_repair`;

// $1: whether the unique index is sound. The newest of a key is the one with the highest id.
const REPAIRABLE = `
declare weir_repair no scroll cursor for ${GRADED}, newest as (
  select distinct on (unique_key) id, unique_key, unique_states
  from graded
  where grade = 'proved'
  order by unique_key, id desc
)
select job.id::text as id
from newest as job
where ${GUARDED}
  and ${NOBODY}
order by job.id`;

/**
 * SQL that makes wrongly discarded jobs available again: of each key the newest, and only where nobody else has the key. It is only
 * given, in parts that are transactions of their own, each of which asks everything again when it is run.
 */
export async function* repairSql(tx: Db, place: Place): AsyncGenerator<string, void> {
  yield head(place);
  let jobs = 0;
  if (hasMasks(place) && place.index === "sound") {
    await tx.query(REPAIRABLE, [true]);
    for (;;) {
      const { rows } = await tx.query<{ id: string }>(FETCH, []);
      if (rows.length === 0) break;
      jobs += rows.length;
      yield part(
        place,
        rows.map(({ id }) => id),
      );
    }
  }
  yield jobs === 0
    ? "-- Nothing to repair.\n"
    : `-- ${jobs} ${jobs === 1 ? "job" : "jobs"} in all.\n`;
}

const head = ({ schema }: Place): string =>
  `-- Made by weir audit, which has changed nothing. Jobs of schema ${oneLine(schema)} that River's scheduler discarded
-- wrongly become available: of each unique key the newest, where nobody else has the key. Upgrade River first,
-- or they are discarded again when they fail. Read it; each part is a transaction, and asks everything again.
`;

const oneLine = (name: string): string => name.replaceAll(/\s+/g, " ");

/** The rows are locked before they are changed. Who inserts the key in the meantime meets the unique index, or we do, and leave the job. */
function part({ schema }: Place, ids: readonly string[]): string {
  return `
begin isolation level read committed;
set local search_path = ${quoteIdentifier(schema)};
set local lock_timeout = '5s';
do $weir$
declare
  wanted constant bigint[] := array[${ids.map((id) => BigInt(id)).join(", ")}];
  chosen bigint;
  revived integer := 0;
begin
  for chosen in
    select id
    from river_job as job
    where id = any (wanted)
      and ${PROVED}
      and ${GUARDED}
      and ${NOBODY}
    order by id
    for update of job
  loop
    begin
      update river_job
      set state = 'available',
          finalized_at = null,
          scheduled_at = now(),
          max_attempts = greatest(max_attempts, least(attempt + 1, 32767)),
          metadata = case when jsonb_typeof(metadata) = 'object' then metadata - 'unique_key_conflict' else metadata end
      where id = chosen;
      revived := revived + 1;
    exception when unique_violation then
      raise notice 'weir: job % stays discarded: another has its key by now', chosen;
    end;
  end loop;
  raise notice 'weir: % of % jobs are available again', revived, cardinality(wanted);
end
$weir$;
commit;
`;
}
