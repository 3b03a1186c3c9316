import type { Database } from "../../../src/db.ts";
import { postgres } from "../../../src/drivers/pg.ts";
import type { Job } from "../../../src/job.ts";
import { migrate } from "../../../src/migrate.ts";
import { fetch } from "../../../src/ops/fetch.ts";
import { finish } from "../../../src/ops/finish.ts";
import { fillJobs } from "./rows.ts";
import { type Subject, serve } from "./serve.ts";

/** How many jobs a loop fetches and finishes at a time. */
const BATCH = 1_000;

const INSERT = `
insert into river_job (kind, args, max_attempts, queue, priority, state, metadata, tags, scheduled_at, created_at)
select kind, args::jsonb, max_attempts::smallint, queue, priority::smallint, state::river_job_state, metadata::jsonb,
       '{}'::varchar(255)[], now(), now()
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
  as given (kind, args, max_attempts, queue, priority, state, metadata)`;

const INSERT_ONE = `
insert into river_job (kind, args, max_attempts) values ($1::text, $2::jsonb, 25) returning id::text as id`;
const TAKE = `
update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = array['bare'] where id = $1::bigint`;

let connections: readonly Database[] = [];
let number = 0;
let working: Promise<unknown> = Promise.resolve();
let onTaken = () => {};

const first = (): Database => {
  const [db] = connections;
  if (db === undefined) throw new Error("The database must be open, but is not.");
  return db;
};

/** The two statements that every job needs, until there are no more jobs. */
async function loop(db: Database, onHandled: () => void): Promise<void> {
  for (;;) {
    const jobs = await fetch(db, null, { queue: "default", limit: BATCH, client: "bare" });
    if (jobs.length === 0) return;
    const handle = async (_: Job) => onHandled();
    await Promise.all(jobs.map(handle));
    const results = jobs.map(({ id, attempt, attemptedAt }) => ({
      id,
      attempt,
      attemptedAt: attemptedAt ?? 0n,
      outcome: { kind: "complete" } as const,
    }));
    await finish(db, null, results, { answer: false });
  }
}

/** The two commits between an insert and its handler, with nobody to be told of the job. */
async function insertAndTake(): Promise<void> {
  const [one = first(), other = first()] = connections;
  const args = JSON.stringify({ number: number++ });
  const { rows } = await one.query<{ id: string }>(INSERT_ONE, ["noop", args]);
  await other.query(TAKE, [rows[0]?.id]);
  onTaken();
}

function insertMany(jobs: number): Promise<unknown> {
  const all = (value: string) => Array.from({ length: jobs }, () => value);
  const args = Array.from({ length: jobs }, () => JSON.stringify({ number: number++ }));
  const rest = [all("25"), all("default"), all("1"), all("available"), all("{}")];
  return first().query(INSERT, [all("noop"), args, ...rest]);
}

const subject: Subject = {
  open: async (url) => {
    connections = [1, 2].map(() => postgres(url, { maxConnections: 1 }));
    await migrate(first());
    await Promise.all(connections.map((db) => db.query("select $1::int", [1])));
  },
  fill: (jobs) => fillJobs(first(), jobs),
  start: async (onHandled, purpose) => {
    if (purpose === "latency") onTaken = onHandled;
    else working = Promise.all(connections.map((db) => loop(db, onHandled)));
  },
  stop: () => working,
  insertMany,
  insertOne: insertAndTake,
};

await serve(subject);
