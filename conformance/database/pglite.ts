import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { Database } from "../../src/db.ts";
import { pglite } from "../../src/drivers/pglite.ts";
import { migrate } from "../../src/migrate.ts";
import { migrations } from "../../src/migrations/main.ts";
import { cacheFolder } from "./cache.ts";

const DIGEST_BYTES = 32;

/**
 * A PGlite of one's own, in memory, with River's tables at the latest version: loaded from a snapshot, which is faster than setting one
 * up, and which the first call ever leaves in the cache. `close` frees it.
 */
export async function openPglite(): Promise<Database> {
  return owned(await openPgliteInstance());
}

/** The same as PGlite's own object, for whoever sends it several statements at once; in a folder, which must be empty, if one is given. */
export async function openPgliteInstance(folder?: string): Promise<PGlite> {
  const path = snapshotPath();
  const known = await readSnapshot(path);
  if (known === null) {
    const made = await makeSnapshot(path);
    if (folder === undefined) return made;
    await made.close();
    return openPgliteInstance(folder);
  }
  const loadDataDir = new Blob([known]);
  return PGlite.create({ loadDataDir, ...(folder !== undefined && { dataDir: folder }) });
}

/** Another PGlite cannot read it, and other migrations make other tables, so both are in its name. */
function snapshotPath(): string {
  const require = createRequire(import.meta.url);
  const entry = require.resolve("@electric-sql/pglite");
  const { version } = require(join(entry, "..", "..", "package.json")) as { version: string };
  const made = createHash("sha256").update(JSON.stringify(migrations)).digest("hex");
  return join(cacheFolder(), "pglite", `${version}-${made.slice(0, 12)}.snapshot`);
}

/** Null where there is none, or where what is there is not what was written. */
async function readSnapshot(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const file = await readFile(path).catch(() => null);
  if (file === null) return null;
  const content = new Uint8Array(file.subarray(DIGEST_BYTES));
  return digest(content).equals(file.subarray(0, DIGEST_BYTES)) ? content : null;
}

async function makeSnapshot(path: string): Promise<PGlite> {
  const instance = await PGlite.create();
  await migrate(await pglite(instance), { direction: "up" });
  const dump = await instance.dumpDataDir("none");
  const content = new Uint8Array(await dump.arrayBuffer());
  // Written aside and renamed, so that whoever reads at the same time finds all of it or nothing.
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(draft, Buffer.concat([digest(content), content]));
  await rename(draft, path);
  return instance;
}

function digest(content: Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

async function owned(instance: PGlite): Promise<Database> {
  return { ...(await pglite(instance)), close: () => instance.close() };
}
