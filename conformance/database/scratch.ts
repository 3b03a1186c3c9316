import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { guard } from "../leftovers.ts";
import { noPermission, readOnly, requireServerUrl, serverErrorOf } from "./server-error.ts";

/** A database, or where the user may not create one a schema, that is Weir's own and empty. */
export type Scratch = Readonly<{
  kind: "database" | "schema";
  /** `weir_` and twelve random hexadecimal digits. */
  name: string;
  /** Leads clients of any language there: to the database, or by its search path to the schema. Holds the server's password. */
  url: string;
  /** Removes it and cuts whoever is still connected to it. May be called twice. */
  drop(): Promise<void>;
}>;

const CONNECT_MS = 10_000;
const DENIED = "42501";

/** Removes what this process leaves behind when it ends early. Run by a process of its own, since an exit cannot wait. */
const DROP_SCRIPT = `
const { default: pg } = await import(process.argv[1]);
const client = new pg.Client({ connectionString: process.env.WEIR_URL, connectionTimeoutMillis: 3000 });
client.on("error", () => {});
await client.connect();
await client.query(process.env.WEIR_DROP);
await client.end();
`;

/**
 * Creates a scratch on the server, to be dropped by the caller; it is also dropped when this process is interrupted or dies. Nothing
 * that it did not create is ever touched. Throws a `ServerError`.
 */
export async function createScratch(serverUrl: string): Promise<Scratch> {
  requireServerUrl(serverUrl);
  const name = `weir_${randomBytes(6).toString("hex")}`;
  const kind = await withClient(serverUrl, (client) => create(client, name, serverUrl));
  const dropSql =
    kind === "database"
      ? `drop database if exists ${name} with (force)`
      : `drop schema if exists ${name} cascade`;
  const release = guard(() => dropAtExit(serverUrl, dropSql));
  return {
    kind,
    name,
    url: scratchUrl(serverUrl, kind, name),
    async drop() {
      await withClient(serverUrl, (client) => client.query(dropSql));
      release();
    },
  };
}

async function create(client: pg.Client, name: string, url: string): Promise<Scratch["kind"]> {
  const { rows } = await client.query<{ standby: boolean; readonly: string }>(
    `select pg_is_in_recovery() as standby, current_setting('default_transaction_read_only') as readonly`,
  );
  if (rows[0]?.standby) throw readOnly(url, "it is a hot standby and takes no writes");
  if (rows[0]?.readonly === "on") throw readOnly(url, "default_transaction_read_only is on");
  const made = await unlessDenied(client, `create database ${name} template template0`);
  if (made) {
    // What is thrown away at the end need not survive a crash of the server.
    await client.query(`alter database ${name} set synchronous_commit = off`);
    return "database";
  }
  if (await unlessDenied(client, `create schema ${name}`)) return "schema";
  throw noPermission(url);
}

async function unlessDenied(client: pg.Client, sql: string): Promise<boolean> {
  try {
    await client.query(sql);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === DENIED) return false;
    throw error;
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  // An idle connection that is cut emits this; the statement that runs then rejects by itself.
  client.on("error", () => {});
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    throw serverErrorOf(error, url);
  } finally {
    await client.end().catch(() => {});
  }
}

function scratchUrl(serverUrl: string, kind: Scratch["kind"], name: string): string {
  const url = requireServerUrl(serverUrl);
  if (kind === "database") url.pathname = `/${name}`;
  else {
    const options = [url.searchParams.get("options"), `-c search_path=${name}`];
    url.searchParams.set("options", options.filter(Boolean).join(" "));
  }
  // URLSearchParams writes a space as +, which libpq and pgx take for a plus sign.
  return url.href.replaceAll("+", "%20");
}

function dropAtExit(serverUrl: string, dropSql: string): void {
  const driver = pathToFileURL(createRequire(import.meta.url).resolve("pg")).href;
  spawnSync(process.execPath, ["--input-type=module", "-e", DROP_SCRIPT, driver], {
    env: { ...process.env, WEIR_URL: serverUrl, WEIR_DROP: dropSql },
    stdio: "ignore",
    timeout: 10_000,
  });
}
