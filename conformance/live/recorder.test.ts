import { expect, inject, onTestFinished, test } from "vitest";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import { fetch } from "../../src/ops/fetch.ts";
import { finish } from "../../src/ops/finish.ts";
import { insert } from "../../src/ops/insert.ts";
import { createScratch } from "../database/scratch.ts";
import { installRecorder, readChanges, readRows } from "./recorder.ts";

async function recorded(): Promise<Database> {
  const scratch = await createScratch(inject("postgresUrl"));
  const db = postgres(scratch.url);
  onTestFinished(async () => {
    await db.close();
    await scratch.drop();
  });
  await migrate(db);
  await installRecorder(scratch);
  return db;
}

const told = async (db: Database) =>
  (await readChanges(db)).map(({ job, from, to }) => [job, from?.state ?? null, to?.state ?? null]);

test("every change of a job is written down, with the rows before and after it and never its args", async () => {
  const db = await recorded();
  await insert(db, null, [{ kind: "weir", args: { secret: "s" } }, { kind: "weir" }]);
  const [job] = await fetch(db, null, { queue: "default", limit: 1, client: "c1" });
  if (job === undefined) throw new Error("A job must be fetched.");
  const result = { id: job.id, attempt: job.attempt, attemptedAt: job.attemptedAt ?? 0n };
  const outcome = { kind: "error", message: "m", trace: "here", retryAt: null } as const;
  await finish(db, null, [{ ...result, outcome }]);
  await db.query("delete from river_job where id = 2", []);
  expect(await told(db)).toEqual([
    [1, null, "available"],
    [2, null, "available"],
    [1, "available", "running"],
    [1, "running", "available"],
    [2, "available", null],
  ]);
  const changes = await readChanges(db);
  expect(JSON.stringify(changes)).not.toContain("secret");
  expect(changes[2]?.to).toMatchObject({ attempt: 1, attemptedBy: ["c1"] });
  expect(changes[3]?.to?.errors).toMatchObject([{ error: "m", attempt: 1, trace: "" }]);
  expect(changes[3]?.at).toBeGreaterThanOrEqual(changes[2]?.at ?? Number.POSITIVE_INFINITY);
  expect(changes[3]?.to).toEqual((await readRows(db))[0]);
  expect(changes[0]?.tx).toBe(changes[1]?.tx);
  expect(changes[2]?.tx).not.toBe(changes[3]?.tx);
});

test("an update that changes nothing, and what is rolled back, leave no trace", async () => {
  const db = await recorded();
  await insert(db, null, [{ kind: "weir" }]);
  await db.query("update river_job set priority = priority", []);
  const undone = db.begin(async (tx) => {
    await tx.query("update river_job set priority = 2", []);
    throw new Error("no");
  });
  await expect(undone).rejects.toThrow("no");
  expect(await told(db)).toEqual([[1, null, "available"]]);
});

test("a table that is emptied is written down as such", async () => {
  const db = await recorded();
  await insert(db, null, [{ kind: "weir" }]);
  await db.query("truncate river_job", []);
  expect(await told(db)).toEqual([
    [1, null, "available"],
    [null, null, null],
  ]);
});

test("what is changed while the recorder is off shows in the next change", async () => {
  const db = await recorded();
  await insert(db, null, [{ kind: "weir" }]);
  await db.query("alter table river_job disable trigger weir_record", []);
  await db.query("update river_job set max_attempts = 7", []);
  await db.query("alter table river_job enable trigger weir_record", []);
  await fetch(db, null, { queue: "default", limit: 1, client: "c1" });
  const [first, second] = await readChanges(db);
  expect(first?.to?.maxAttempts).toBe(25);
  expect(second?.from?.maxAttempts).toBe(7);
});
