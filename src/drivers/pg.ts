import type { Database, Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { abortedTransaction } from "./aborted.ts";
import { quoteIdentifier } from "./identifier.ts";
import { loadPackage } from "./load.ts";
import { listen } from "./pg-listen.ts";

/** What is asked of a pool of node-postgres, whose types users may not have. */
export interface PgPool {
  /** The settings of its connections, which those that listen share. */
  readonly options: object;
  query(statement: PgStatement): Promise<PgResult>;
  connect(): Promise<PgClient>;
}

/** What is asked of a connection from a pool of node-postgres. */
export interface PgClient {
  query(statement: PgStatement): Promise<PgResult>;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  release(broken?: Error): void;
}

/** A statement as node-postgres takes it; one with a name is prepared. */
export interface PgStatement {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

/** What node-postgres answers to a statement. */
export interface PgResult {
  readonly command: string;
  readonly rows: unknown[];
}

/** How to connect to Postgres. */
export interface PostgresOptions {
  /** The schema of River's tables, which then is all of the search_path; by default the search_path stays as it is. */
  readonly schema?: string;
  /** The most connections at a time, 10 by default. */
  readonly maxConnections?: number;
  /** Whether statements with parameters are prepared once a connection, true by default; false for poolers that cannot, such as PgBouncer before 1.21. */
  readonly prepare?: boolean;
}

/**
 * A Postgres as the queue's database, by node-postgres: a pool of our own to the URL, which `close` ends, or the caller's pool, which stays
 * open and whose search_path and size are the caller's. Connects with the first statement, which rejects with `driver_missing` if the package
 * `pg` is not installed.
 */
export function postgres(source: string | PgPool, options: PostgresOptions = {}): Database {
  if (typeof source !== "string") {
    refuseSettings(options);
    return databaseOf(Promise.resolve(source), options, async () => {});
  }
  const opening = openPool(source, options);
  // Told by the first statement; unheard until then, it would end the process.
  opening.catch(() => {});
  return databaseOf(opening, options, () =>
    opening.then(
      (pool) => pool.end(),
      () => {},
    ),
  );
}

function databaseOf(
  opening: Promise<PgPool>,
  {
    schema = null,
    prepare = true,
  }: { readonly schema?: string | null; readonly prepare?: boolean },
  close: () => Promise<void>,
): Database {
  return {
    schema,
    query: async (sql, params) => send(await opening, prepare, sql, params),
    begin: async (run) => begin(await opening, prepare, run),
    close,
    listen: async (topics, ear) => listen((await opening).options, topics, ear),
  };
}

async function openPool(
  url: string,
  options: PostgresOptions,
): Promise<PgPool & { end(): Promise<void> }> {
  const { default: pg } = await loadPackage("pg", () => import("pg"));
  const pool = new pg.Pool({
    connectionString: options.schema === undefined ? url : withSchema(url, options.schema),
    ...(options.maxConnections !== undefined && { max: options.maxConnections }),
  });
  // An idle connection that breaks is dropped from the pool and says so here; unheard, it would end the process.
  pool.on("error", () => {});
  return pool;
}

/** In the URL, because what it says of `options` outweighs what the pool is told. */
function withSchema(url: string, schema: string): string {
  const path = quoteIdentifier(schema).replaceAll(/[\\\s]/g, "\\$&");
  const setting = encodeURIComponent(`-c search_path=${path}`);
  if (/[?&]options=/.test(url)) return url.replace(/([?&]options=[^&]*)/, `$1%20${setting}`);
  return `${url}${url.includes("?") ? "&" : "?"}options=${setting}`;
}

function refuseSettings(options: PostgresOptions): void {
  if (options.schema !== undefined) {
    throw new QueueError(
      "schema_not_settable",
      `schema must not be given with a pool, but is ${options.schema}. Make the pool with options: "-c search_path=${options.schema}".`,
    );
  }
}

async function send<Row>(
  to: PgPool | PgClient,
  prepare: boolean,
  sql: string,
  params: readonly unknown[],
): Promise<{ readonly rows: readonly Row[] }> {
  // The queue's statements that take parameters are a fixed few, so their number per connection stays small.
  const named = prepare && params.length > 0;
  const { rows } = await to.query({
    ...(named && { name: nameOf(sql) }),
    text: sql,
    values: [...params],
  });
  return { rows: rows as Row[] };
}

const names = new Map<string, string>();
/** Two copies of this module in one process may share a caller's pool. */
const copy = Math.random().toString(36).slice(2, 8);

/** One name per text, so that no connection ever sees a name with two texts. */
function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `weir_${copy}_${names.size}`;
  names.set(sql, name);
  return name;
}

async function begin<T>(pool: PgPool, prepare: boolean, run: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The pool listens only to idle connections; one that breaks in use also rejects the statement under way, which is where it is handled.
  const ignore = () => {};
  client.on("error", ignore);
  let broken: Error | undefined;
  try {
    await client.query({ text: "begin" });
    const result = await run({ query: (sql, params) => send(client, prepare, sql, params) });
    await commit(client);
    return result;
  } catch (error) {
    broken = await rollback(client);
    throw error;
  } finally {
    client.off("error", ignore);
    client.release(broken);
  }
}

/** Commit of a transaction that failed rolls back and only its tag tells; a caller who swallowed the error of a statement must learn it. */
async function commit(client: PgClient): Promise<void> {
  const { command } = await client.query({ text: "commit" });
  if (command === "COMMIT") return;
  throw abortedTransaction();
}

/** The error that makes the connection unfit for another use, if there is one. */
async function rollback(client: PgClient): Promise<Error | undefined> {
  try {
    await client.query({ text: "rollback" });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
