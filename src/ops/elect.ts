import type { Db } from "../db.ts";
import { checkTerm, type Leader, type LeaderRow, toLeader } from "../leader.ts";
import { type Micros, timestampText } from "../time.ts";

// $1 now, $2 client, $3 lease in microseconds.
// One statement takes the place of a lease that has run out, so that no second session can come in between.
const ELECT = `
insert into river_leader (leader_id, elected_at, expires_at)
select $2::text, now, now + $3::bigint * interval '1 microsecond'
from coalesce($1::timestamptz, now()) as now
on conflict (name) do update
set leader_id = excluded.leader_id,
    elected_at = excluded.elected_at,
    expires_at = excluded.expires_at
where river_leader.expires_at < excluded.elected_at
returning leader_id, extract(epoch from elected_at)::text as elected_at, extract(epoch from expires_at)::text as expires_at`;

/**
 * Elects a client for `lease` microseconds where nobody leads or the leader's lease has run out; returns its term, or null where another leads, or
 * the client itself. `now` null is the database's clock. Throws `invalid` for a name or a lease that cannot be.
 */
export async function elect(
  db: Db,
  now: Micros | null,
  client: string,
  lease: Micros,
): Promise<Leader | null> {
  checkTerm(client, lease);
  const at = now === null ? null : timestampText(now, "now");
  const { rows } = await db.query<LeaderRow>(ELECT, [at, client, String(lease)]);
  return toLeader(rows);
}
