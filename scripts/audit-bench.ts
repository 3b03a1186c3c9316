import { availableParallelism } from "node:os";
import { audit } from "../conformance/audit/audit.ts";
import { listJobs } from "../conformance/audit/list.ts";
import { repairSql } from "../conformance/audit/repair.ts";
import { inSnapshot } from "../conformance/audit/snapshot.ts";
import { startEmbeddedPostgres } from "../conformance/database/embedded.ts";
import { postgres } from "../src/drivers/pg.ts";
import { migrate } from "../src/migrate.ts";

const ROWS = 1_000_000;
const OPTIONS = {
  schema: null,
  now: null,
  timeoutMs: 300_000,
  limits: { stuck: "1h", late: "5m", paused: "1d" },
  retention: 7 * 86_400,
} as const;

// Half of the jobs are unique, one in a hundred was discarded by the scheduler, one in a thousand waits past its time.
const FILL = `
insert into river_job (state, kind, args, metadata, max_attempts, attempt, attempted_at, created_at, finalized_at, scheduled_at, unique_key, unique_states)
select case when n % 100 = 0 then 'discarded' when n % 1000 = 1 then 'scheduled' when n % 10 = 2 then 'available' else 'completed' end::river_job_state,
       'kind_' || n % 20, jsonb_build_object('text', repeat('x', 200)),
       case when n % 100 = 0 then '{"unique_key_conflict": "scheduler_discarded"}' else '{}' end::jsonb,
       25, case when n % 100 = 0 then 0 else 1 end,
       case when n % 100 = 0 then null else now() - interval '1 hour' end,
       now() - interval '2 hours',
       case when n % 100 = 0 or not (n % 1000 = 1 or n % 10 = 2) then now() - interval '1 hour' end,
       now() - interval '2 hours',
       case when n % 2 = 0 then sha256(n::text::bytea) end, case when n % 2 = 0 then b'11110101' end
from generate_series(1, $1::int) as n`;

async function timed(what: string, run: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  const said = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`  ${what.padEnd(34)} ${seconds.padStart(5)} s   ${said}\n`);
}

const server = await startEmbeddedPostgres();
const db = postgres(server.url, { prepare: false, maxConnections: 1 });
try {
  await migrate(db);
  await db.query(FILL, [ROWS]);
  await db.query("vacuum analyze river_job", []);
  const cores = `${availableParallelism()} cores · Node ${process.versions.node} · Postgres ${server.version}`;
  process.stdout.write(`  ${ROWS.toLocaleString("en-US")} jobs · ${cores}\n\n`);
  await timed("audit", async () => {
    const { outcomes } = await audit(db, OPTIONS);
    const found = outcomes.filter((each) => "weight" in each);
    return found.map((each) => `${each.check} ${"count" in each ? each.count : 0}`).join(", ");
  });
  await timed("audit without the unique index", async () => {
    await db.query("alter index river_job_unique_idx rename to kept", []);
    await db.query(
      "update pg_index set indisvalid = false where indexrelid = 'kept'::regclass",
      [],
    );
    const { outcomes } = await audit(db, OPTIONS);
    await db.query("update pg_index set indisvalid = true where indexrelid = 'kept'::regclass", []);
    return `${outcomes.filter((each) => "weight" in each).length} checks found something`;
  });
  await timed("--list late", async () => {
    let rows = 0;
    await inSnapshot(db, OPTIONS, async (tx, place) => {
      for await (const batch of listJobs(tx, place, "late", OPTIONS)) rows += batch.length;
    });
    return `${rows} rows`;
  });
  await timed("--list discarded", async () => {
    let rows = 0;
    await inSnapshot(db, OPTIONS, async (tx, place) => {
      for await (const batch of listJobs(tx, place, "discarded", OPTIONS)) rows += batch.length;
    });
    return `${rows} rows`;
  });
  let sql = "";
  await timed("--repair-sql", async () => {
    await inSnapshot(db, OPTIONS, async (tx, place) => {
      for await (const part of repairSql(tx, place)) sql += part;
    });
    return `${sql.length.toLocaleString("en-US")} characters`;
  });
  await timed("the repair, run", async () => {
    for (const part of sql.split(/(?<=^commit;\n)/m)) await db.query(part, []);
    const { outcomes } = await audit(db, OPTIONS);
    return outcomes
      .filter((each) => "count" in each)
      .map((each) => each.check)
      .join(", ");
  });
  const most = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`\n  most memory of this process: ${Math.round(most)} MB\n`);
} finally {
  await db.close();
  await server.stop();
}
