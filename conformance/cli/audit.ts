import pg from "pg";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { type AuditOptions, audit as auditDatabase } from "../audit/audit.ts";
import { auditJson } from "../audit/audit-json.ts";
import { cellsOf, csvLine } from "../audit/csv.ts";
import { columnsOf, LIST_NAMES, listJobs, listNamed } from "../audit/list.ts";
import { repairSql } from "../audit/repair.ts";
import { type AuditLook, exitOf, verdictOf, wholeScreen } from "../audit/screen.ts";
import { inSnapshot } from "../audit/snapshot.ts";
import { requireServerUrl, ServerError, serverErrorOf } from "../database/server-error.ts";
import { SCREEN_WIDTH } from "../report/screen.ts";
import { watchDatabase } from "./audit-watch.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { secondsOf } from "./options.ts";
import { lookOf, print, type ScreenOptions, WEIR } from "./terminal.ts";

/** The options of `weir audit`, as the command line gives them. */
export type AuditCommandOptions = ScreenOptions &
  Readonly<{
    schema?: string;
    list?: string;
    repairSql?: boolean;
    json?: boolean;
    every?: string;
    retention: string;
    stuck: string;
    late: string;
    paused: string;
    timeout: string;
  }>;

/** Runs `weir audit`: looks for jobs that were wrongly discarded and for what else is odd, and changes nothing. */
export async function audit(url: string, options: AuditCommandOptions): Promise<ExitCode> {
  requireUrl(url);
  const asked = optionsOf(options);
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: 10_000,
    application_name: "weir audit",
  });
  pool.on("error", () => {});
  const db = postgres(pool, { prepare: false });
  try {
    if (options.list !== undefined) return await list(db, options.list, asked);
    if (options.repairSql === true) return await repair(db, asked);
    const look = lookAt(url, options);
    if (options.every !== undefined) {
      const everyMs = secondsOf("every", options.every) * 1000;
      const failure = (error: unknown) => failureOf(error, url, options);
      return await watchDatabase(db, asked, {
        everyMs,
        look,
        failure,
        json: options.json === true,
      });
    }
    return await once(db, asked, look, options);
  } catch (error) {
    throw failureOf(error, url, options);
  } finally {
    await pool.end();
  }
}

function requireUrl(url: string): void {
  try {
    requireServerUrl(url);
  } catch (error) {
    throw error instanceof ServerError ? new UsageError(error.message) : error;
  }
}

/** Durations go to Postgres as they are: it reads the same units. */
function optionsOf(options: AuditCommandOptions): AuditOptions {
  const limit = (name: "stuck" | "late" | "paused") => {
    secondsOf(name, options[name]);
    return options[name];
  };
  return {
    schema: options.schema ?? null,
    now: null,
    timeoutMs: Math.ceil(secondsOf("timeout", options.timeout) * 1000),
    limits: { stuck: limit("stuck"), late: limit("late"), paused: limit("paused") },
    retention: options.retention === "forever" ? null : secondsOf("retention", options.retention),
  };
}

const CANCELLED = "57014";
const LOCKED = "55P03";

/** What of the server's errors has a remedy here; the rest is told as elsewhere, and what is no error of the server as it is. */
function failureOf(error: unknown, url: string, { timeout }: AuditCommandOptions): unknown {
  if (error instanceof UsageError || error instanceof ServerError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === CANCELLED) {
    const what = `a statement must end within ${timeout}, but did not. Allow more with --timeout.`;
    return new ServerError("other", what);
  }
  if (code === LOCKED) {
    return new ServerError(
      "other",
      "a table must be readable within 5 s, but is locked. Try again.",
    );
  }
  const isServers =
    typeof code === "string" ||
    /timeout|onnection terminated|connection error|SASL/.test(String(error));
  return isServers ? serverErrorOf(error, url) : error;
}

const lookAt = (url: string, options: AuditCommandOptions): Omit<AuditLook, "seconds"> => ({
  ...lookOf(options),
  width: SCREEN_WIDTH,
  command: `${WEIR} audit ${shownUrl(url)}`,
});

/** Never a password, nor what is too long for a line. */
function shownUrl(url: string): string {
  const { username, host, pathname } = requireServerUrl(url);
  const text = `postgres://${username === "" ? "" : `${username}@`}${host}${pathname}`;
  return text.length > 32 ? "…" : text;
}

async function once(
  db: Database,
  asked: AuditOptions,
  look: Omit<AuditLook, "seconds">,
  options: AuditCommandOptions,
): Promise<ExitCode> {
  const started = performance.now();
  const result = await auditDatabase(db, asked);
  const seconds = (performance.now() - started) / 1000;
  const exit = exitOf(result);
  if (options.json === true) {
    for (const line of auditJson(result, seconds, exit)) print(JSON.stringify(line));
    return exit;
  }
  if (options.quiet !== true) print(...wholeScreen(result, { ...look, seconds }));
  print(verdictOf(result));
  return exit;
}

async function list(db: Database, text: string, asked: AuditOptions): Promise<ExitCode> {
  const name = listNamed(text);
  if (name === null) {
    throw new UsageError(`--list must be one of ${LIST_NAMES.join(", ")}, but is ${text}.`);
  }
  return inSnapshot(db, asked, async (tx, place) => {
    const columns = columnsOf(name);
    await write(csvLine(columns));
    for await (const rows of listJobs(tx, place, name, asked)) {
      await write(rows.map((row) => csvLine(cellsOf(row, columns))).join(""));
    }
    return EXIT.pass;
  });
}

async function repair(db: Database, asked: AuditOptions): Promise<ExitCode> {
  return inSnapshot(db, asked, async (tx, place) => {
    for await (const text of repairSql(tx, place)) await write(text);
    return EXIT.pass;
  });
}

/** Waits until whoever reads can take more, so that long lists are never all in memory. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}
