import type { Db } from "../../../src/db.ts";

/** Adds so many available jobs: the same rows for whoever works them. */
export const FILL = `
insert into river_job (kind, args, max_attempts)
select 'noop', jsonb_build_object('number', number), 25 from generate_series(1, $1::int) as number`;

const FILL_FINISHED = `
insert into river_job (kind, args, max_attempts, state, attempt, attempted_at, attempted_by, finalized_at)
select 'noop', jsonb_build_object('number', number), 25, 'completed', 1, now(), array['earlier'], now()
from generate_series(1, $1::int) as number`;

/** Leaves so many available jobs in `river_job`, and nothing else. */
export async function fillJobs(db: Db, jobs: number): Promise<void> {
  await db.query("truncate river_job", []);
  await db.query(FILL, [jobs]);
}

/** Adds so many completed jobs, with the first ids. */
export async function fillFinished(db: Db, jobs: number): Promise<void> {
  await db.query(FILL_FINISHED, [jobs]);
}
