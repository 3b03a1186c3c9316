import type { Database } from "../db.ts";
import { loadPackage } from "../drivers/load.ts";
import { type PgliteInstance, pglite } from "../drivers/pglite.ts";
import { migrate } from "../migrate.ts";

/** What the first database of this process came to, with River's tables and nothing in them; the next ones begin with it. */
let template: Promise<Blob> | null = null;

/**
 * A PGlite in memory with River's tables, which `close` frees. The first of a process is set up, and what it comes to is loaded into each that
 * follows, as that takes a fifth of the time. Rejects with `driver_missing` if the package `@electric-sql/pglite` is not installed.
 */
export async function openTestDatabase(): Promise<Database> {
  if (template === null) {
    const first = setUp();
    template = first.then(({ dump }) => dump);
    template.catch(() => {
      template = null;
    });
    return (await first).db;
  }
  const PGlite = await load();
  return owned(await PGlite.create({ loadDataDir: await template }));
}

async function setUp(): Promise<{ db: Database; dump: Blob }> {
  const PGlite = await load();
  const instance = await PGlite.create();
  const db = await owned(instance);
  await migrate(db);
  return { db, dump: await instance.dumpDataDir("none") };
}

async function load() {
  const name = "@electric-sql/pglite";
  const { PGlite } = await loadPackage(name, () => import("@electric-sql/pglite"));
  return PGlite;
}

async function owned(instance: PgliteInstance): Promise<Database> {
  return { ...(await pglite(instance)), close: () => instance.close() };
}
