import pg from "pg";

const STATES =
  "'available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled'";

const TABLE = `
do $$ begin
  create type river_job_state as enum (${STATES});
exception when duplicate_object then null; end $$;
create table if not exists river_queue (
  name text primary key, created_at timestamptz not null, metadata jsonb not null, paused_at timestamptz, updated_at timestamptz not null
);
create table if not exists river_leader (leader_id text primary key, elected_at timestamptz not null, expires_at timestamptz not null);
create table if not exists river_job (
  id bigserial primary key,
  state river_job_state not null,
  attempt smallint not null,
  max_attempts smallint not null,
  attempted_at timestamptz,
  created_at timestamptz not null,
  finalized_at timestamptz,
  scheduled_at timestamptz not null,
  priority smallint not null,
  args jsonb not null,
  attempted_by text[],
  errors jsonb[],
  kind text not null,
  metadata jsonb not null,
  queue text not null,
  tags varchar(255)[] not null,
  unique_key bytea,
  unique_states bit(8)
)`;

/** Makes a table in which nothing will ever be done, so that a liar is not betrayed by its absence. */
export async function makeTable() {
  await run(TABLE);
}

/** Runs SQL in the database that the liar was given. */
export async function run(sql) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** A row that could well be the truth. */
export const ROW = {
  id: 1,
  state: "running",
  attempt: 1,
  max_attempts: 25,
  attempted_at: "2030-01-01T00:00:00.000000Z",
  created_at: "2030-01-01T00:00:00.000000Z",
  finalized_at: null,
  scheduled_at: "2030-01-01T00:00:00.000000Z",
  priority: 1,
  args: "{}",
  attempted_by: ["weir-probe"],
  errors: [],
  kind: "weir",
  metadata: "{}",
  queue: "default",
  tags: [],
  unique_key: null,
  unique_states: null,
};

/** An answer of the right form to every method, and always the same one; it inserts nothing and works nothing. */
export function plausible(method, params) {
  const inserted = { job: ROW, duplicate: false };
  switch (method) {
    case "reset":
      return makeTable().then(() => ({ result: {} }));
    case "insert":
      return { result: inserted };
    case "insert_many":
      return { result: { jobs: params.jobs.map(() => inserted) } };
    case "finish":
      return { result: { job: ROW } };
    case "rescue":
    case "clean":
    case "clean_queues":
      return { result: { count: 0 } };
    case "enqueue_periodic":
      return { result: {} };
    default:
      return { result: { jobs: [ROW] } };
  }
}
