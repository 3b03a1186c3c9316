import { expect, inject, test } from "vitest";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { pglite } from "../../src/drivers/pglite.ts";
import { migrate } from "../../src/migrate.ts";
import { latestVersion } from "../../src/migrations/status.ts";
import { freshDatabase } from "../database/fresh.ts";
import { audit } from "./audit.ts";
import { optionsAt } from "./graded.ts";
import { LIST_NAMES, listJobs } from "./list.ts";
import { repairSql } from "./repair.ts";
import { inSnapshot } from "./snapshot.ts";

const OPTIONS = optionsAt(0);

const unjudgedIn = async (db: Database, schema: string | null) =>
  (await audit(db, { ...OPTIONS, schema })).outcomes.flatMap((each) =>
    "unjudged" in each ? [each.check] : [],
  );

test("every version of River's tables since there are jobs is looked at as far as it goes", {
  timeout: 120_000,
}, async () => {
  const db = await pglite();
  const masks = ["discarded", "doubles", "index", "rivals", "unclear", "legacy"];
  try {
    for (let target = 2; target <= latestVersion; target++) {
      await migrate(db, { direction: "up", target });
      const owed = [...(target < 6 ? masks : []), ...(target < 4 ? ["paused"] : [])];
      expect((await unjudgedIn(db, null)).sort(), `migration ${target}`).toEqual(owed.sort());
      if (![2, 5, 6].includes(target)) continue;
      await inSnapshot(db, OPTIONS, async (tx, place) => {
        for (const name of LIST_NAMES) {
          for await (const rows of listJobs(tx, place, name, OPTIONS)) expect(rows).toEqual([]);
        }
        for await (const text of repairSql(tx, place)) expect(text).toMatch(/^-- /);
      });
    }
  } finally {
    await db.close();
  }
});

test("the schema is the one that is named, else the one in the search path", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url, { prepare: false });
  try {
    await expect(audit(db, OPTIONS)).rejects.toThrow(
      /must have a table river_job, but has none. Nor is there one/,
    );
    await db.query(`create schema "Odd ""one"`, []);
    await migrate(db, { direction: "up", schema: 'Odd "one' });
    await expect(audit(db, OPTIONS)).rejects.toThrow(/There is one in Odd "one/);
    expect(await unjudgedIn(db, 'Odd "one')).toEqual([]);
    await db.query("create table river_job (id int)", []);
    await expect(audit(db, OPTIONS)).rejects.toThrow(
      "river_job in schema public must be River's, but has no column state.",
    );
  } finally {
    await db.close();
    await fresh.drop();
  }
});

test("a user who may read only some of it is told what is missing", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url, { prepare: false });
  const role = `${new URL(fresh.url).pathname.slice(1)}_reader`;
  const url = new URL(fresh.url);
  url.username = role;
  const theirs = postgres(url.href, { prepare: false, maxConnections: 1 });
  try {
    await migrate(db);
    await db.query(`create role ${role} login`, []);
    await expect(audit(theirs, OPTIONS)).rejects.toThrow(
      "may not read river_job.id in schema public. Grant select",
    );
    await db.query(
      `grant select (id, state, attempt, max_attempts, attempted_at, created_at, finalized_at, scheduled_at, kind, queue, errors, metadata, unique_key, unique_states)
       on river_job to ${role}`,
      [],
    );
    expect(await unjudgedIn(theirs, null)).toEqual(["paused", "leader", "migrations"]);
    await db.query(`grant select on river_queue, river_leader, river_migration to ${role}`, []);
    expect(await unjudgedIn(theirs, null)).toEqual([]);
    await db.query("revoke usage on schema public from public", []);
    await expect(audit(theirs, { ...OPTIONS, schema: "public" })).rejects.toThrow(
      "may not use schema public",
    );
  } finally {
    await theirs.close();
    await db.query(`drop owned by ${role}`, []);
    await db.query(`drop role ${role}`, []);
    await db.close();
    await fresh.drop();
  }
});
