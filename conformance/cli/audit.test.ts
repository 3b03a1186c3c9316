import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import { type FreshDatabase, freshDatabase } from "../database/fresh.ts";
import { weirIn } from "./spawn.ts";

const WEIR = fileURLToPath(new URL("../weir.mjs", import.meta.url));
const weir = weirIn(() => tmpdir());

/** A start takes a second or two, unless the machine is busy. */
const LONG = 300_000;

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await freshDatabase(inject("postgresUrl"));
  db = postgres(fresh.url);
  await migrate(db);
});
afterAll(async () => {
  await db.close();
  await fresh.drop();
});
beforeEach(() => db.query("truncate river_job, river_queue restart identity", []));

/** Jobs that the scheduler discarded an hour ago; `released` ones had let go of their key. */
const DISCARD = `
insert into river_job (state, kind, args, metadata, max_attempts, attempt, attempted_at, errors, created_at, finalized_at, scheduled_at, unique_key, unique_states)
select 'discarded', $2, '{"secret": "args"}', '{"unique_key_conflict": "scheduler_discarded"}', 25, $3::int, now() - interval '3 hours',
       case when $3::int > 0 then array['{}']::jsonb[] end, now() - interval '1 day', now() - interval '1 hour', now() - interval '1 hour',
       sha256(($2 || n)::bytea), case when $3::int > 0 then b'11010101' else b'11110101' end
from generate_series(1, $1::int) as n`;

const discard = (count: number, kind: string, attempt = 0) =>
  db.query(DISCARD, [count, kind, attempt]);

test.concurrent.each([
  [["mysql://x"], "the database must be a URL such as postgres://", 64],
  [["postgres://u:secret@127.0.0.1:1/x"], "connection refused", 4],
  [["postgres://x", "--retention", "7"], "--retention must be a duration", 64],
])("%j is answered with one line", { timeout: LONG }, async (args, message, code) => {
  const ran = await weir(["audit", ...args]);
  expect(ran.err.trim().split("\n")).toEqual([expect.stringContaining(message)]);
  expect(ran.err).not.toContain("secret");
  expect(ran.code).toBe(code);
});

test("a database without jobs of River, or without a schema", { timeout: LONG }, async () => {
  const none = await weir(["audit", inject("postgresUrl")]);
  expect([none.code, none.err]).toEqual([
    4,
    expect.stringContaining("must have a table river_job"),
  ]);
  const other = await weir(["audit", fresh.url, "--schema", "nowhere"]);
  expect([other.code, other.err]).toEqual([4, expect.stringContaining("use --schema public")]);
});

test("sound is 0, an open question 2, a broken rule 1", { timeout: LONG }, async () => {
  const sound = await weir(["audit", fresh.url]);
  expect(sound.out).toContain("✓ 15 checks: nothing found");
  expect([sound.code, sound.err]).toEqual([0, ""]);
  await discard(1, "mail", 1);
  const open = await weir(["audit", fresh.url]);
  expect(open.out).toContain("? 1 job was discarded by the scheduler, perhaps rightly");
  expect(open.out).toContain("exit 2: 1 open question; nothing was changed, no args were read");
  expect(open.code).toBe(2);
  await discard(3, "invoice\u001b[31m\n");
  const broken = await weir(["audit", fresh.url]);
  expect(broken.out).toContain("✗ 3 jobs were discarded by the scheduler, wrongly");
  expect(broken.out).toContain("… 1 more: --list SCH-3 > victims.csv");
  expect(broken.out).not.toContain("\u001b");
  expect(broken.out).not.toContain("secret");
  for (const line of broken.out.split("\n")) expect([...line].length).toBeLessThanOrEqual(88);
  expect(broken.code).toBe(1);
});

test("lists are CSV, reports are lines of JSON, a repair is SQL", { timeout: LONG }, async () => {
  await discard(2, 'a "quoted", kind');
  const list = await weir(["audit", fresh.url, "--list", "SCH-3"]);
  expect(list.out).toMatch(
    /^id,kind,queue,due,discarded_at,attempts,key,grade\n1,"a ""quoted"", kind",default,\d{4}-\S+Z,\S+Z,0,[0-9a-f]{64},proved\n2,/,
  );
  const json = await weir(["audit", fresh.url, "--json"]);
  const events = json.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ event: "header", schema: "public", jobs: 2 });
  expect(events).toContainEqual(
    expect.objectContaining({ check: "discarded", rule: "SCH-3", found: 2 }),
  );
  expect(events.at(-1)).toMatchObject({ event: "footer", exit: 1, marked: { proved: 2 } });
  const { out } = await weir(["audit", fresh.url, "--repair-sql"]);
  expect(out).toContain("array[1, 2];");
  // The server's simple protocol takes it whole, as psql would send it.
  await db.query(out, []);
  expect((await weir(["audit", fresh.url, "--quiet"])).out).toBe(
    "  exit 0; nothing was changed, no args were read\n",
  );
});

test("a watch tells what is new, outlives a lost connection, and ends on Ctrl-C with a summary", {
  timeout: LONG,
}, async () => {
  await discard(1, "old");
  const child = spawn(process.execPath, [WEIR, "audit", fresh.url, "--every", "1s", "--json"], {
    stdio: "pipe",
  });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  const events: {
    event: string;
    kind?: string;
    looks?: number;
    failures?: number;
    exit?: number;
  }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line)));
  const ended = once(child, "close");
  try {
    await expect
      .poll(() => events.map(({ event }) => event), { timeout: LONG / 4 })
      .toContain("footer");
    // The first look, which is not tried again, is told before it has ended.
    const looking =
      "select from pg_stat_activity where datname = current_database() and application_name = 'weir audit' and state <> 'idle'";
    await expect
      .poll(async () => (await db.query(looking, [])).rows.length, { timeout: LONG / 4 })
      .toBe(0);
    await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'weir audit'",
      [],
    );
    await db.query("alter table river_job rename to away", []);
    await expect.poll(() => errors.join(), { timeout: LONG / 4 }).toContain("Trying again in 1 s.");
    await db.query("alter table away rename to river_job", []);
    await discard(1, "new");
    await expect
      .poll(() => events.flatMap(({ event, kind }) => (event === "job" ? [kind] : [])), {
        timeout: LONG / 4,
      })
      .toEqual(["new"]);
    expect(errors.join()).toContain("the database answers again");
  } finally {
    child.kill("SIGINT");
  }
  expect(await ended).toEqual([1, null]);
  expect(events.at(-1)).toMatchObject({ event: "end", exit: 1, news: 1 });
  expect(events.at(-1)?.failures).toBeGreaterThan(0);
});
