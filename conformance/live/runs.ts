import type { Micros } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import { sinceOrigin } from "../protocol/time.ts";

/** Where workers write down that a run of an attempt begins, and how it is about to end. */
const TABLE = `
create table weir_run (
  run text not null,
  event text not null check (event in ('began', 'ended')),
  job_id bigint not null,
  attempt int not null,
  attempted_at timestamptz not null,
  client text not null,
  how text,
  at timestamptz not null default clock_timestamp(),
  tx xid8 not null default pg_current_xact_id(),
  primary key (run, event)
)`;

/** What a worker sends: a name of the run that is nobody else's, the event, the job's id, attempt, attempted_at in microseconds, client, how it ends. */
export const RECORD_RUN = `
insert into weir_run (run, event, job_id, attempt, attempted_at, client, how)
values ($1::text, $2::text, $3::text::bigint, $4::int,
        timestamptz 'epoch' + $5::text::bigint * interval '1 microsecond', $6::text, $7::text)
on conflict do nothing`;

const READ = `
select run, event, job_id::text, attempt::text, client, how, tx::text,
       (extract(epoch from attempted_at) * 1000000)::bigint::text as attempted_at,
       (extract(epoch from at) * 1000000)::bigint::text as at
from weir_run where $1::boolean order by at`;

/** One line that a worker wrote. */
export type RunEvent = Readonly<{
  run: string;
  event: "began" | "ended";
  job: number;
  attempt: number;
  attemptedAt: Micros;
  client: string;
  /** The script's word for what ends the attempt, or `signal`; null for a beginning. */
  how: string | null;
  at: Micros;
  tx: string;
}>;

/** Makes the table in which workers write. */
export async function createRuns(db: Db): Promise<void> {
  await db.query(TABLE, []);
}

/** All that was written, the oldest first. */
export async function readRuns(db: Db): Promise<readonly RunEvent[]> {
  const { rows } = await db.query<Row>(READ, [true]);
  return rows.map(({ run, event, job_id, attempt, attempted_at, client, how, at, tx }) => ({
    run,
    event,
    job: Number(job_id),
    attempt: Number(attempt),
    attemptedAt: sinceOrigin(attempted_at),
    client,
    how,
    at: sinceOrigin(at),
    tx,
  }));
}

type Row = Readonly<
  Record<"run" | "job_id" | "attempt" | "attempted_at" | "client" | "at" | "tx", string>
> &
  Readonly<{ event: "began" | "ended"; how: string | null }>;
