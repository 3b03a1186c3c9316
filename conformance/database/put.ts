import type { AttemptError, Job, Leader, Micros, Queue, State } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import { timestampOf } from "../protocol/time.ts";

/** A statement with its parameters. */
export type Put = Readonly<{ sql: string; params: unknown[] }>;

/** The statement that writes rows of a table, given as a JSON array. */
const into = (table: "river_job" | "river_queue" | "river_leader"): string =>
  `insert into ${table} select * from json_populate_recordset(null::${table}, $1::text::json)`;
const PUT_JOBS = into("river_job");
const PUT_QUEUES = into("river_queue");
const PUT_LEADER = into("river_leader");
const NEXT_ID = "select setval('river_job_id_seq', $1::bigint, false)";

/** What writes the rows of a state into empty tables, past every client: jobs get their labels as ids. */
export function putState({ jobs, queues, leader }: State): readonly Put[] {
  const next = Math.max(0, ...jobs.keys()) + 1;
  const rows = [
    { sql: PUT_JOBS, rows: [...jobs.values()].map(jobRow) },
    { sql: PUT_QUEUES, rows: [...queues.values()].map(queueRow) },
    { sql: PUT_LEADER, rows: leader === null ? [] : [leaderRow(leader)] },
  ];
  return [
    ...rows
      .filter((each) => each.rows.length > 0)
      .map((each) => ({ sql: each.sql, params: [jsonOf(each.rows)] })),
    { sql: NEXT_ID, params: [String(next)] },
  ];
}

/** Writes the rows of a state into empty tables. */
export async function put(db: Db, state: State): Promise<void> {
  for (const { sql, params } of putState(state)) await db.query(sql, params);
}

// $1 ids, $2 instants.
const PIN = `
update river_job
set scheduled_at = given.scheduled_at
from unnest($1::bigint[], $2::timestamptz[]) as given (id, scheduled_at)
where river_job.id = given.id`;

/** Makes jobs due at other instants, past every client. */
export async function pin(
  db: Db,
  jobs: readonly Readonly<{ id: number; nominal: Micros }>[],
): Promise<void> {
  await db.query(PIN, [jobs.map(({ id }) => id), jobs.map(({ nominal }) => timestampOf(nominal))]);
}

// $1 ids, $2 new ids. Two steps, as no two rows may have one id in between; no job of River's has a negative one.
const RENUMBER = `
update river_job
set id = -given.owed
from unnest($1::bigint[], $2::bigint[]) as given (id, owed)
where river_job.id = given.id`;
const RENUMBERED = "update river_job set id = -id where id < $1::bigint";

/** Gives jobs other ids, past every client: a permutation of their own. */
export async function renumber(db: Db, ids: ReadonlyMap<number, number>): Promise<void> {
  await db.query(RENUMBER, [[...ids.keys()], [...ids.values()]]);
  await db.query(RENUMBERED, [0]);
}

type Row = Readonly<Record<string, unknown>>;

/** JSON text that is written as it is, so that no number loses digits. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const raw = (text: string): Raw => new Raw(text);

function jsonOf(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, each]) => `"${name}":${jsonOf(each)}`);
  return `{${members.join(",")}}`;
}

const timestamp = (at: Micros | null): string | null => (at === null ? null : timestampOf(at));

const queueRow = (queue: Queue): Row => ({
  name: queue.name,
  metadata: raw(queue.metadata),
  created_at: timestamp(queue.createdAt),
  paused_at: timestamp(queue.pausedAt),
  updated_at: timestamp(queue.updatedAt),
});

const leaderRow = (leader: Leader): Row => ({
  name: "default",
  leader_id: leader.leaderId,
  elected_at: timestamp(leader.electedAt),
  expires_at: timestamp(leader.expiresAt),
});

const jobRow = (job: Job): Row => ({
  id: job.id,
  state: job.state,
  attempt: job.attempt,
  max_attempts: job.maxAttempts,
  attempted_at: timestamp(job.attemptedAt),
  created_at: timestamp(job.createdAt),
  finalized_at: timestamp(job.finalizedAt),
  scheduled_at: timestamp(job.scheduledAt),
  priority: job.priority,
  args: raw(job.args),
  attempted_by: job.attemptedBy,
  errors: job.errors.map(errorRow),
  kind: job.kind,
  metadata: raw(job.metadata),
  queue: job.queue,
  tags: job.tags,
  unique_key: job.uniqueKey === null ? null : `\\x${job.uniqueKey}`,
  unique_states: job.uniqueStates === null ? null : job.uniqueStates.toString(2).padStart(8, "0"),
});

const errorRow = (error: AttemptError): unknown =>
  "other" in error ? raw(error.other) : { ...error, at: timestamp(error.at) };
