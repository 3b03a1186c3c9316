import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, inject, test, vi } from "vitest";
import { eventually } from "../../conformance/database/clients.ts";
import { type FreshDatabase, freshDatabase } from "../../conformance/database/fresh.ts";
import { openPgliteInstance } from "../../conformance/database/pglite.ts";
import { type ClientProcess, runClient } from "../../conformance/database/run-client.ts";
import type { Database } from "../db.ts";
import { postgres } from "../drivers/pg.ts";
import { pglite } from "../drivers/pglite.ts";
import { migrate } from "../migrate.ts";
import { insert } from "../ops/insert.ts";
import { list } from "../ops/list.ts";

// Processes take their time to start where others are at work.
vi.setConfig({ testTimeout: 180_000 });
const PATIENCE_MS = 80_000;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function run(...args: readonly string[]): ClientProcess {
  const child = runClient(...args);
  ends.push(async () => {
    child.kill("SIGKILL");
    await child.ended;
  });
  return child;
}

async function database(): Promise<FreshDatabase & { db: Database }> {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  ends.push(async () => {
    await db.close();
    await fresh.drop();
  });
  await migrate(db);
  return { ...fresh, db };
}

const says = ({ lines }: ClientProcess, line: string) =>
  eventually(`it says ${line}`, () => lines.includes(line), PATIENCE_MS);

/** A client in a process, at work on one job. */
async function working(manner: string) {
  const { db, url } = await database();
  const child = run(url, manner);
  await says(child, "started");
  await insert(db, null, [{ kind: "task" }]);
  await says(child, "begun 1");
  const row = async () => (await list(db)).jobs[0];
  return { child, row, db };
}

test("where the database is down, start rejects and nothing keeps the process alive", async () => {
  const child = run("postgres://nobody@127.0.0.1:1/none", "quick");
  expect([await child.ended, child.lines]).toEqual([0, ["refused ECONNREFUSED"]]);
});

test("SIGTERM stops softly, then ends the process as it would have without a client", async () => {
  const { child, row } = await working("slow");
  child.kill("SIGTERM");
  expect(await child.ended).toBe("SIGTERM");
  expect(child.lines).toEqual(["started", "begun 1", "stopped"]);
  expect(await row()).toMatchObject({ state: "completed" });
});

test.each(["obedient", "deaf"])("a second SIGTERM gives back what runs: %s", async (manner) => {
  const { child, row, db } = await working(manner);
  const isLed = async () => (await db.query("select from river_leader", [])).rows.length > 0;
  await eventually("it leads", isLed);
  child.kill("SIGTERM");
  // Softly: it leads no more, but the job runs on. Two signals at once would be one to the system.
  await eventually("it has resigned", async () => !(await isLed()));
  expect(await row()).toMatchObject({ state: "running" });
  child.kill("SIGTERM");
  expect(await child.ended).toBe("SIGTERM");
  expect(await row()).toMatchObject({ state: "available", attempt: 0, errors: [] });
});

test("after a hard stop nothing of a client keeps its process alive, not even a handler that never ends", async () => {
  const { url, db } = await database();
  const child = run(url, "never");
  expect(await child.ended).toBe(0);
  expect(child.lines).toEqual(["started", "begun 1", "closed", "stopped"]);
  expect((await list(db)).jobs).toMatchObject([{ state: "available", attempt: 0 }]);
});

test("of a process that was killed the jobs run on in the table, for the rescuer", async () => {
  const { child, row } = await working("obedient");
  child.kill("SIGKILL");
  expect(await child.ended).toBe("SIGKILL");
  expect(await row()).toMatchObject({ state: "running", attempt: 1 });
});

test("a PGlite folder survives the kill of its process, with all that was committed", async () => {
  const directory = await mkdtemp(join(tmpdir(), "weir-killed-"));
  ends.push(() => rm(directory, { recursive: true, force: true }));
  const folder = join(directory, "data");
  const log = join(directory, "handled");
  await (await openPgliteInstance(folder)).close();
  const handled = async () =>
    existsSync(log) ? (await readFile(log, "utf8")).trim().split("\n") : [];
  const child = run(folder, "quick", log);
  await eventually("it works", async () => (await handled()).length > 50, PATIENCE_MS);
  child.kill("SIGKILL");
  await child.ended;
  const db = await pglite(folder);
  try {
    const { rows } = await db.query<{ state: string; count: number; runs: number }>(
      "select state::text, count(*)::int as count, sum(attempt)::int as runs from river_job group by state order by state",
      [],
    );
    const counted = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    expect(
      Object.keys(counted).every((state) => /^(available|completed|running)$/.test(state)),
    ).toBe(true);
    // No job was handled twice: what the kill found running is running still.
    const ids = await handled();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeLessThanOrEqual((counted.completed ?? 0) + (counted.running ?? 0));
    expect(counted.completed).toBeGreaterThan(0);
  } finally {
    await db.close();
  }
});
