import type { Micros } from "../../spec/model/state.ts";
import type { Database, Db } from "../../src/db.ts";
import { ORIGIN } from "../adapter.ts";
import { sinceOrigin } from "../protocol/time.ts";
import { CLIENT } from "./evidence.ts";

const NOW =
  "select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as now where $1::boolean";
/** Results that handlers have given and that wait to be written. */
const UNDERWAY = `
select count(*)::text as n
from weir_run as run
join river_job as job on job.id = run.job_id and job.attempt = run.attempt and job.attempted_at = run.attempted_at
where run.event = 'ended' and run.client = $1 and job.state = 'running'`;
const CUT = `
select count(*) filter (where pg_terminate_backend(pid))::text as n from pg_stat_activity
where datname = current_database() and application_name = $1`;
const AT_WORK = `
select count(*)::text as n from pg_stat_activity
where datname = current_database() and application_name like $1`;
const LEADER = "select leader_id as id from river_leader where $1::boolean";
const UNFINISHED = `
select count(*)::text as n from river_job where finalized_at is null and $1::boolean`;
const SOME = `
select id::text from river_job
where id > $3::text::bigint
  and case when $1::text = 'running' then state = 'running' else state in ('available', 'scheduled', 'retryable') end
order by id desc limit $2::int`;

/** Those that a client may fetch soon. */
const HOLD = `
select (extract(epoch from scheduled_at - clock_timestamp()) * 1000)::int::text as due_ms from river_job
where state = 'available' and scheduled_at > clock_timestamp() and $1::boolean
order by scheduled_at limit 10 for update skip locked`;

/** How long Weir holds a lock, at most, until results of a client wait for it. */
const LOCK_MS = 500;
const LOOK_MS = 10;
/** How long it takes to send a result. */
const SEND_MS = 30;
/** How long rows stay locked after they became due, so that every client has come to them. */
const PAST_DUE_MS = 500;

/** What Weir itself does and sees in the database in which clients work. */
export class Stage {
  readonly #db: Database;
  readonly #ahead: Micros;

  private constructor(db: Database, ahead: Micros) {
    this.#db = db;
    this.#ahead = ahead;
  }

  static async open(db: Database): Promise<Stage> {
    const before = performance.now();
    const { rows } = await db.query<{ now: string }>(NOW, [true]);
    const half = ((performance.now() - before) / 2) * 1000;
    return new Stage(db, sinceOrigin(rows[0]?.now ?? "0") + half - here());
  }

  /** The database's clock, in whole microseconds since `ORIGIN`. */
  now(): Micros {
    return Math.round(here() + this.#ahead);
  }

  /** Cuts all connections of a client while results of its handlers wait to be written: a lock makes them. Answers how many connections it were. */
  cut(client: string): Promise<number> {
    return this.#db.begin(async (tx) => {
      await tx.query("lock table river_job in share row exclusive mode", []);
      const until = performance.now() + LOCK_MS;
      while (performance.now() < until && (await countOf(tx, UNDERWAY, client)) === 0)
        await pause(LOOK_MS);
      await pause(SEND_MS);
      return countOf(tx, CUT, client);
    });
  }

  /** Locks the rows of some jobs that will be due soon until they have been due for a while: clients must pass them over and come again. */
  async hold(): Promise<void> {
    await this.#db.begin(async (tx) => {
      const { rows } = await tx.query<{ due_ms: string }>(HOLD, [true]);
      if (rows.length > 0) await pause(Number(rows.at(-1)?.due_ms) + PAST_DUE_MS);
    });
  }

  /** Null where nobody leads. */
  async leader(): Promise<string | null> {
    const { rows } = await this.#db.query<{ id: string }>(LEADER, [true]);
    return rows[0]?.id ?? null;
  }

  /** Some jobs that run, or that wait, the newest first, and none of the first `spared` ones. */
  async some(
    which: "running" | "waiting",
    limit: number,
    spared: number,
  ): Promise<readonly number[]> {
    const { rows } = await this.#db.query<{ id: string }>(SOME, [which, limit, String(spared)]);
    return rows.map(({ id }) => Number(id));
  }

  unfinished(): Promise<number> {
    return countOf(this.#db, UNFINISHED, true);
  }

  /** Resolves when no client's statement runs any more: what a killed one had sent may still be committed. */
  async quiet(): Promise<void> {
    while ((await countOf(this.#db, AT_WORK, `${CLIENT}%`)) > 0) await pause(LOOK_MS);
  }
}

const here = (): Micros => Date.now() * 1000 - ORIGIN;

async function countOf(db: Db, sql: string, param: unknown): Promise<number> {
  const { rows } = await db.query<{ n: string }>(sql, [param]);
  return Number(rows[0]?.n);
}

/** Waits. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
