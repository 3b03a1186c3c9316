import { columnText, wholeColumnText } from "../array.ts";
import type { Db } from "../db.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkId, checkInteger } from "../validate.ts";
import type { FinishParams } from "./finish.ts";

/** Whether there is nothing to say of an attempt but that it is completed. */
export const isPlain = ({ outcome }: FinishParams): boolean =>
  outcome.kind === "complete" && outcome.metadata === undefined;

// $1 now, $2 ids, whole, $3 and $4 attempts and their instants as columnText makes them.
// No row is locked before it is written: that costs a third more. The ids come through an array, as in fetch, so that rows are found, and
// locked, in the order of ids; the rest is compared where no index can take it for a way of finding them.
// A job that would take its key by completing (only masks that no client of today accepts let a running job be without) is left for finish.
// The last condition is always true, and keeps Postgres from keeping a plan, as in fetch.
const COMPLETE = `
with completed as (
  update river_job
  set state = 'completed',
      finalized_at = coalesce($1::timestamptz, now())
  where id = any(array(select unnest($2::bigint[])))
    and case when true then (id, attempt, attempted_at, state::text) in (
          select of_id, coalesce(of_attempt, ($3::int[])[1]), coalesce(of_attempted_at, ($4::timestamptz[])[1]), 'running'
          from unnest($2::bigint[], $3::int[], $4::timestamptz[]) as given (of_id, of_attempt, of_attempted_at)
        ) end
    and (unique_key is null or unique_states is null or unique_states & B'01000100' <> B'00000100')
    and (cardinality($2::bigint[]) >= 0 or (select count(*) from generate_series(1, 1000000000)) > 0)
  returning 1
)
select count(*)::text as count
from completed`;

/**
 * Completes attempts that have nothing to record, what most are, quicker than `finish` does; returns how many. `now` null is the
 * database's clock. The others are as they were, and it is for `finish` to decide on them: whose attempt this is not or no more, and who would
 * take a unique key by it. Sending what is completed already to `finish` changes nothing.
 */
export async function complete(
  db: Db,
  now: Micros | null,
  results: readonly Omit<FinishParams, "outcome">[],
): Promise<number> {
  for (const [place, { id, attempt }] of results.entries()) {
    checkId(id, `results[${place}].id`);
    checkInteger(attempt, `results[${place}].attempt`, -32_768, 32_767);
  }
  const instants = results.map(({ attemptedAt }, place) =>
    timestampText(attemptedAt, `results[${place}].attemptedAt`),
  );
  const { rows } = await db.query<{ readonly count: string }>(COMPLETE, [
    now === null ? null : timestampText(now, "now"),
    wholeColumnText(results.map(({ id }) => String(id))),
    columnText(results.map(({ attempt }) => String(attempt))),
    columnText(instants),
  ]);
  return Number(rows[0]?.count ?? 0);
}
