import type { Db } from "../db.ts";

const REQUEST = `
select pg_notify(current_schema() || '.river_leadership',
                 jsonb_build_object('action', 'request_resign', 'leader_id', '')::text)`;

/** Asks the leader, whoever it is, to resign. Whether there is one, and whether it listens, is not known here. */
export async function requestResign(db: Db): Promise<void> {
  await db.query(REQUEST, []);
}
