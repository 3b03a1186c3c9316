import type { Job, Micros } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { JOB_COLUMNS, jobsOf, OBSERVE, type ObservedRow } from "../database/observe.ts";
import type { Scratch } from "../database/scratch.ts";
import { sinceOrigin } from "../protocol/time.ts";

/**
 * What became of one row in one statement. `seq` is a total order only of the changes of one job, and of the changes by which a key is given
 * up and taken; `at` is when the statement began, whose snapshot may be as old as that.
 */
export type Change = Readonly<{
  seq: number;
  tx: string;
  at: Micros;
  /** Null where the whole table was emptied. */
  job: number | null;
  /** Null for an insert. */
  from: Job | null;
  /** Null for a delete. */
  to: Job | null;
}>;

// Rows are kept as River's tables have them, but for the args, which decide nothing. An update that changes nothing is no change.
const INSTALL = [
  `create table weir_change (
    seq bigint generated always as identity (cache 1) primary key,
    tx xid8 not null default pg_current_xact_id(),
    at timestamptz not null default statement_timestamp(),
    op text not null,
    was river_job,
    became river_job
  )`,
  `create function weir_record() returns trigger language plpgsql set search_path from current as $$
  begin
    if tg_op = 'TRUNCATE' then
      insert into weir_change (op) values (tg_op);
      return null;
    end if;
    if tg_op <> 'INSERT' then old.args := '{}'; end if;
    if tg_op <> 'DELETE' then new.args := '{}'; end if;
    if tg_op <> 'UPDATE' or old is distinct from new then
      insert into weir_change (op, was, became)
      values (tg_op, case when tg_op <> 'INSERT' then old end, case when tg_op <> 'DELETE' then new end);
    end if;
    return null;
  end $$`,
  `create trigger weir_record after insert or update or delete on river_job
    for each row execute function weir_record()`,
  `create trigger weir_record_truncate after truncate on river_job
    for each statement execute function weir_record()`,
];

/** One side of every change that has it, with the change's own columns. */
const readSide = (side: "was" | "became", without: string) => `
select ${JOB_COLUMNS}, seq::text, tx::text, (extract(epoch from at) * 1000000)::bigint::text as at
from (select seq, tx, at, (${side}).* from weir_change where op <> '${without}' and op <> 'TRUNCATE' and $1::boolean) as river_job`;

const READ_WAS = readSide("was", "INSERT");
const READ_BECAME = readSide("became", "DELETE");
const READ_TRUNCATED = `
select seq::text, tx::text, (extract(epoch from at) * 1000000)::bigint::text as at
from weir_change where op = 'TRUNCATE' and $1::boolean`;

/** Writes down every change of a job from now on: in a scratch of Weir's own, whose tables are River's by now, and nowhere else. */
export async function installRecorder({ url }: Scratch): Promise<void> {
  const db = postgres(url, { maxConnections: 1 });
  try {
    for (const sql of INSTALL) await db.query(sql, []);
  } finally {
    await db.close();
  }
}

type Place = Readonly<Record<"seq" | "tx" | "at", string>>;

/** All changes in the order of the record. To be read when nobody works in the database any more: what is not committed yet is not there. */
export async function readChanges(db: Db): Promise<readonly Change[]> {
  const [was, became, truncated] = await Promise.all([
    db.query<ObservedRow & Place>(READ_WAS, [true]),
    db.query<ObservedRow & Place>(READ_BECAME, [true]),
    db.query<Place>(READ_TRUNCATED, [true]),
  ]);
  const places = new Map<string, Place>();
  for (const row of [...was.rows, ...became.rows, ...truncated.rows]) places.set(row.seq, row);
  const [from, to] = [bySeq(was.rows), bySeq(became.rows)];
  return [...places.values()]
    .map(({ seq, tx, at }) => {
      const [before, after] = [from.get(seq) ?? null, to.get(seq) ?? null];
      const job = (after ?? before)?.id ?? null;
      return { seq: Number(seq), tx, at: sinceOrigin(at), job, from: before, to: after };
    })
    .sort((a, b) => a.seq - b.seq);
}

function bySeq(rows: readonly (ObservedRow & Place)[]): ReadonlyMap<string, Job> {
  const jobs = jobsOf(rows);
  return new Map(
    rows.flatMap(({ seq }, i) => (jobs[i] === undefined ? [] : [[seq, plain(jobs[i])]])),
  );
}

/** All rows as they are now, in the form of the record. */
export async function readRows(db: Db): Promise<readonly Job[]> {
  const { rows } = await db.query<ObservedRow>(OBSERVE, []);
  return jobsOf(rows).map(plain);
}

/** Where an error was thrown, which differs from language to language, is no matter of the rules; nor are the args. */
const plain = (job: Job): Job => ({
  ...job,
  args: "{}",
  errors: job.errors.map((error) => ("other" in error ? error : { ...error, trace: "" })),
});
