import type { Db } from "../db.ts";
import { timestampText } from "../time.ts";
import { checkText } from "../validate.ts";
import type { Term } from "./reelect.ts";

// $1 client, $2 elected_at.
const RESIGN = `
with resigned as (
  delete from river_leader
  where leader_id = $1::text
    and elected_at = $2::timestamptz
  returning leader_id
), notified as (
  select pg_notify(current_schema() || '.river_leadership',
                   jsonb_build_object('action', 'resigned', 'leader_id', leader_id)::text)
  from resigned
)
select count(*)::text as resigned from notified`;

/** Ends a term and tells the clients that listen; false where it had ended before, and then nothing happens. */
export async function resign(db: Db, { leaderId, electedAt }: Term): Promise<boolean> {
  checkText(leaderId, "leaderId");
  const since = timestampText(electedAt, "electedAt");
  const { rows } = await db.query<{ resigned: string }>(RESIGN, [leaderId, since]);
  return rows[0]?.resigned !== "0";
}
