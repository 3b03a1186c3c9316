import { afterAll, beforeAll, beforeEach, describe, inject } from "vitest";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import { freshDatabase } from "./fresh.ts";
import { openPglite } from "./pglite.ts";

/** A database while tests run; `db` only then. */
export interface Subject {
  readonly db: Database;
  /** Whether statements sent at the same time run on connections of their own. */
  readonly isConcurrent: boolean;
}

type Open = () => Promise<{ db: Database; close: () => Promise<void> }>;

async function openPostgres(): ReturnType<Open> {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  await migrate(db);
  const close = async () => {
    await db.close();
    await fresh.drop();
  };
  return { db, close };
}

async function openEmbedded(): ReturnType<Open> {
  const db = await openPglite();
  return { db, close: () => db.close() };
}

/** Declares the same tests for PGlite and for Postgres, each with River's tables, emptied before every test. */
export function onBoth(declare: (subject: Subject) => void): void {
  describe("on PGlite", () => declare(prepared(openEmbedded, false)));
  describe("on Postgres", () => declare(prepared(openPostgres, true)));
}

function prepared(open: Open, isConcurrent: boolean): Subject {
  let opened: Awaited<ReturnType<Open>> | undefined;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());
  beforeEach(() =>
    subject.db.query("truncate river_job, river_queue, river_leader restart identity", []),
  );
  const subject: Subject = {
    isConcurrent,
    get db() {
      if (opened === undefined)
        throw new Error("The database must be open, but tests have not begun.");
      return opened.db;
    },
  };
  return subject;
}

const PUT = `
insert into river_job
select * from jsonb_populate_record(null::river_job, $1::text::jsonb)
returning id::text`;

const COLUMNS = {
  args: {},
  attempt: 0,
  created_at: "2030-01-01T00:00:00Z",
  kind: "weir",
  max_attempts: 25,
  metadata: {},
  priority: 1,
  queue: "default",
  state: "available",
  scheduled_at: "2030-01-01T00:00:00Z",
  tags: "{}",
};

/** Writes a row of `river_job` past every rule of the clients; what is absent is as a fresh job has it. */
export async function putRow(
  { db }: Subject,
  row: Readonly<Record<string, unknown>> & { readonly id: number },
): Promise<bigint> {
  const { rows } = await db.query<{ id: string }>(PUT, [JSON.stringify({ ...COLUMNS, ...row })]);
  return BigInt(rows[0]?.id ?? 0);
}
