import type { Db } from "../db.ts";

// $1 queues.
const NOTIFY = `
select pg_notify(current_schema() || '.river_insert', jsonb_build_object('queue', queue)::text)
from unnest($1::text[]) as told (queue)`;

/** Wakes the clients that listen, as an insert into these queues does. */
export async function notifyInsert(db: Db, queues: readonly string[]): Promise<void> {
  await db.query(NOTIFY, [[...queues]]);
}
