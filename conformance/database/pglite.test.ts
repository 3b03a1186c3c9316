import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { migrationStatus } from "../../src/migrate.ts";
import { openPglite } from "./pglite.ts";

let cache = "";
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "weir-cache-"));
  vi.stubEnv("WEIR_CACHE", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

const JOB = "insert into river_job (kind, args) values ($1, '{}') returning id::text as id";

/** Opens one, inserts its first job, and closes it. */
async function useOne(): Promise<void> {
  const db = await openPglite();
  try {
    expect((await migrationStatus(db)).pending).toEqual([]);
    expect((await db.query(JOB, ["a"])).rows).toEqual([{ id: "1" }]);
  } finally {
    await db.close();
  }
}

async function snapshot(): Promise<string> {
  const files = await readdir(join(cache, "pglite"));
  expect(files).toHaveLength(1);
  return join(cache, "pglite", String(files[0]));
}

test("every PGlite is migrated and its own, from the snapshot or not", async () => {
  await useOne();
  const made = await readFile(await snapshot());
  await useOne();
  expect((await readFile(await snapshot())).equals(made)).toBe(true);
});

test("a snapshot that was damaged is made anew", async () => {
  await useOne();
  const path = await snapshot();
  const damaged = await readFile(path);
  damaged[damaged.length >> 1] = ~(damaged[damaged.length >> 1] ?? 0) & 0xff;
  await writeFile(path, damaged);
  await useOne();
  expect((await readFile(await snapshot())).equals(damaged)).toBe(false);
  await writeFile(path, "");
  await useOne();
  expect((await readFile(path)).length).toBe(damaged.length);
});
