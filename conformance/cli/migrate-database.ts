import { readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { pglite } from "../../src/drivers/pglite.ts";
import { QueueError } from "../../src/errors.ts";
import {
  requireServerUrl,
  ServerError,
  serverErrorOf,
  shownUrl,
} from "../database/server-error.ts";
import { UsageError } from "./exit.ts";
import { WEIR } from "./terminal.ts";

/** The user's own database. */
export interface OwnDatabase {
  readonly db: Database;
  /** How to name it, without a password. */
  readonly shown: string;
  /** What is thrown for an error of the database: one line that names it. Errors of Weir's own come back as they are. */
  failure(error: unknown): unknown;
  close(): Promise<void>;
}

/**
 * Opens what `--database` names, a Postgres URL or a folder of PGlite's. A folder that is empty or not there yet is made a PGlite only if
 * `mayMake`. Throws a `UsageError` for what is neither, and a `ServerError` for a folder that somebody may have open.
 */
export async function openOwn(given: string, mayMake: boolean): Promise<OwnDatabase> {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(given) ? openServer(given) : openFolder(given, mayMake);
}

function openServer(url: string): OwnDatabase {
  try {
    requireServerUrl(url);
  } catch (error) {
    throw error instanceof ServerError ? new UsageError(error.message) : error;
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: 10_000,
    application_name: "weir migrate",
  });
  pool.on("error", () => {});
  return {
    db: postgres(pool, { prepare: false }),
    shown: shownUrl(url),
    failure: (error) => {
      if (error instanceof QueueError) return new ServerError("other", error.message);
      return isServers(error) ? serverErrorOf(error, url) : error;
    },
    close: () => pool.end(),
  };
}

const isServers = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === "string" ||
  /timeout|onnection terminated|connection error|SASL/.test(String(error));

async function openFolder(path: string, mayMake: boolean): Promise<OwnDatabase> {
  await requireFolder(path, mayMake);
  const failure = (error: unknown) => {
    if (error instanceof QueueError) return new ServerError("other", error.message);
    const [said] = String(error instanceof Error ? error.message : error).split("\n");
    return new ServerError("other", `cannot use PGlite ${path}: ${said?.replace(/\.$/, "")}.`);
  };
  const db = await pglite(path).catch((error) => {
    throw failure(error);
  });
  return { db, shown: path, failure, close: () => db.close() };
}

/** PGlite opens whatever it is given: a folder of something else it fills, and one that is open elsewhere it opens once more, which damages it. */
async function requireFolder(path: string, mayMake: boolean): Promise<void> {
  const entries = await entriesOf(path, mayMake);
  if (entries.length > 0 && !entries.includes("PG_VERSION")) {
    throw new UsageError(`${path} must be a folder of PGlite's, but holds ${entries[0]}.`);
  }
  if (entries.length === 0 && !mayMake) {
    throw new UsageError(`no PGlite is at ${path}. ${WEIR} migrate up makes one.`);
  }
  if (entries.includes("postmaster.pid")) {
    throw new ServerError(
      "other",
      `${join(path, "postmaster.pid")} must not be there, but is: a process has this PGlite open, or ended without closing it. Stop it, then remove that file.`,
    );
  }
}

async function entriesOf(path: string, mayMake: boolean): Promise<readonly string[]> {
  return readdir(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTDIR") {
      throw new UsageError(`${path} must be a folder of PGlite's, but is a file.`);
    }
    if (error.code !== "ENOENT") throw new UsageError(`${path} cannot be read: ${error.code}.`);
    const parent = join(path, "..");
    if (mayMake && parent !== path) {
      await readdir(parent).catch(() => {
        throw new UsageError(
          `the folder ${parent} must exist to make ${path} in it, but does not.`,
        );
      });
    }
    return [];
  });
}
