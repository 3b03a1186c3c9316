import type { Database, Db, Ear } from "../db.ts";
import { QueueError } from "../errors.ts";
import { abortedTransaction } from "./aborted.ts";
import { quoteIdentifier } from "./identifier.ts";
import { loadPackage } from "./load.ts";

/** What is asked of a PGlite, whose types users may not have. */
export interface PgliteInstance extends Db {
  exec(sql: string): Promise<unknown>;
  transaction<T>(run: (tx: Db) => Promise<T>): Promise<T>;
  onNotification(heard: (channel: string, payload: string) => void): () => void;
  close(): Promise<void>;
}

/** How to open a PGlite. */
export interface PgliteOptions {
  /** The schema of River's tables, which then is all of the search_path; by default the search_path stays as it is. */
  readonly schema?: string;
}

/**
 * A PGlite (Postgres in WebAssembly, one connection) as the queue's database: one in `source`, a directory, or one in memory if there is
 * no source, either of which `close` closes; or the caller's own instance, which stays open and whose search_path is the caller's. Rejects with
 * `driver_missing` if one is to be opened and the package `@electric-sql/pglite` is not installed.
 */
export async function pglite(
  source?: string | PgliteInstance,
  options: PgliteOptions = {},
): Promise<Database> {
  const own = source === undefined || typeof source === "string";
  if (!own && options.schema !== undefined) {
    throw new QueueError(
      "schema_not_settable",
      `schema must not be given with a PGlite instance, but is ${options.schema}. Set the instance's search_path.`,
    );
  }
  const instance = own ? await open(source) : source;
  if (options.schema !== undefined) {
    await instance.exec(`set search_path to ${quoteIdentifier(options.schema)}`);
  }
  return {
    schema: options.schema ?? null,
    query: async <Row>(sql: string, params: readonly unknown[]) => {
      await breathe();
      return instance.query<Row>(sql, [...params]);
    },
    begin: async (run) => {
      await breathe();
      return instance.transaction((tx) => runInside(tx, run));
    },
    close: async () => {
      if (own) await instance.close();
    },
    listen: (topics, ear) => listen(instance, topics, ear),
  };
}

/** So long statements may follow each other without a look at timers and sockets. */
const BREATH_MS = 10;
let breathedAt = 0;

/** PGlite answers without ever going back to the event loop, so that a program that only waits for statements would keep all else from running. */
async function breathe(): Promise<void> {
  if (performance.now() < breathedAt + BREATH_MS) return;
  await new Promise((resolve) => setImmediate(resolve));
  breathedAt = performance.now();
}

async function open(folder: string | undefined): Promise<PgliteInstance> {
  const { PGlite } = await loadPackage(
    "@electric-sql/pglite",
    () => import("@electric-sql/pglite"),
  );
  return PGlite.create({ ...(folder !== undefined && { dataDir: folder }) });
}

async function listen(
  instance: PgliteInstance,
  topics: readonly string[],
  ear: Ear,
): Promise<() => Promise<void>> {
  const { rows } = await instance.query<{ schema: string }>(
    "select current_schema()::text as schema",
    [],
  );
  const prefix = `${rows[0]?.schema}.`;
  const end = instance.onNotification((channel, payload) => {
    const topic = topics.find((each) => channel === `${prefix}${each}`);
    if (topic !== undefined) ear.hear(topic, payload);
  });
  // Not by PGlite's own `listen`, whose end does not quote the name. The session goes on listening: others may share it, and it costs nothing.
  for (const topic of topics)
    await instance.query(`listen ${quoteIdentifier(`${prefix}${topic}`)}`, []);
  return async () => end();
}

async function runInside<T>(tx: Db, run: (tx: Db) => Promise<T>): Promise<T> {
  const result = await run({ query: (sql, params) => tx.query(sql, [...params]) });
  await checkAlive(tx);
  return result;
}

/** Commit of a transaction that failed rolls back and says nothing; any statement tells. A caller who swallowed an error must learn it. */
async function checkAlive(tx: Db): Promise<void> {
  try {
    await tx.query("select", []);
  } catch {
    throw abortedTransaction();
  }
}
