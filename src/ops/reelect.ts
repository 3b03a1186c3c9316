import type { Db } from "../db.ts";
import { checkTerm, type Leader, type LeaderRow, toLeader } from "../leader.ts";
import { type Micros, timestampText } from "../time.ts";

/** A term as the client was told of it by `elect`. */
export type Term = Pick<Leader, "leaderId" | "electedAt">;

// $1 now, $2 client, $3 elected_at, $4 lease in microseconds.
const REELECT = `
update river_leader
set expires_at = coalesce($1::timestamptz, now()) + $4::bigint * interval '1 microsecond'
where leader_id = $2::text
  and elected_at = $3::timestamptz
  and expires_at >= coalesce($1::timestamptz, now())
returning leader_id, extract(epoch from elected_at)::text as elected_at, extract(epoch from expires_at)::text as expires_at`;

/**
 * Prolongs a term to `lease` microseconds from now; returns it, or null where it has ended or its lease has run out. `now` null is the database's
 * clock. Throws `invalid` for a name or a lease that cannot be.
 */
export async function reelect(
  db: Db,
  now: Micros | null,
  term: Term,
  lease: Micros,
): Promise<Leader | null> {
  const { leaderId, electedAt } = term;
  checkTerm(leaderId, lease);
  const at = now === null ? null : timestampText(now, "now");
  const since = timestampText(electedAt, "electedAt");
  const { rows } = await db.query<LeaderRow>(REELECT, [at, leaderId, since, String(lease)]);
  return toLeader(rows);
}
