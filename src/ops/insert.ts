import { columnText, wholeColumnText } from "../array.ts";
import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, maskText, toJob } from "../job.ts";
import { encodeArgs } from "../json.ts";
import { clientNow, type Micros, timestampText } from "../time.ts";
import { DEFAULT_UNIQUE_STATES, isUnique, type UniqueOptions, uniqueKeyText } from "../unique.ts";
import { checkInsert, type InsertRow } from "../validate.ts";
import { INSERT_KEYED, INSERT_ONE, INSERT_PLAIN } from "./insert-sql.ts";

/** One job to insert. What is absent takes River's default. */
export interface InsertParams {
  /** 1 to 127 characters. */
  readonly kind: string;
  /** JSON data, encoded as Go's encoding/json would; `{}` if neither this nor `argsText` is given. */
  readonly args?: unknown;
  /** The args as JSON text, in place of `args`; every byte counts for the unique key. */
  readonly argsText?: string;
  /** JSON text of an object. */
  readonly metadata?: string;
  readonly tags?: readonly string[];
  /** 1 (the default) goes first, 4 last. */
  readonly priority?: number;
  /** `default` by default. */
  readonly queue?: string;
  /** 25 by default. */
  readonly maxAttempts?: number;
  /** Makes the job `scheduled`, even if it is past; null or absent makes it available at once. */
  readonly scheduledAt?: Micros | null;
  /** Makes the job `pending`, which nothing but a later update ends. */
  readonly pending?: boolean;
  readonly unique?: UniqueOptions;
}

/** How to insert. */
export interface InsertOptions {
  /** Whether to wake the clients that listen, true by default. */
  readonly notify?: boolean;
  /** Whether to return the results, true by default; if not, the list is empty, and many jobs are inserted in three quarters of the time. */
  readonly answer?: boolean;
}

/** The job that was inserted; or, if `duplicate`, the one that already holds its unique key, unchanged. */
export interface InsertResult {
  readonly job: Job;
  readonly duplicate: boolean;
}

/**
 * Inserts jobs in one statement and answers in their order. `now` null is the database's clock; the period of a unique key is then reckoned
 * by the client's, as River does. Throws `invalid` and inserts nothing if the list is empty or any job breaks a rule.
 */
export async function insert(
  db: Db,
  now: Micros | null,
  jobs: readonly InsertParams[],
  options: InsertOptions = {},
): Promise<InsertResult[]> {
  if (jobs.length === 0) {
    throw new QueueError("invalid", "jobs must hold at least one job, but is empty.", {
      field: "jobs",
    });
  }
  const at = now ?? clientNow();
  const columns = noRows();
  for (const [place, job] of jobs.entries()) addRow(columns, job, at, `jobs[${place}]`);
  return insertColumns(db, now, columns, options);
}

/** Inserts the rows that were added, at least one. A run that its periodic job has had already is left out of the answer too. */
export async function insertColumns(
  db: Db,
  now: Micros | null,
  columns: Columns,
  { notify = true, answer = true }: InsertOptions,
): Promise<InsertResult[]> {
  const at = now === null ? null : timestampText(now, "now");
  const [sql, params] = statementFor(columns, answer);
  const result = await db.query<JobRow & { readonly duplicate: string }>(sql, [
    at,
    notify,
    ...params,
  ]);
  return result.rows.map((row) => ({ job: toJob(row), duplicate: row.duplicate === "true" }));
}

/** An element a job in each, '' for null, in the order of the statements' parameters. The last are empty but for unique and periodic jobs. */
export type Columns = readonly string[][];
const PLAIN_COLUMNS = 9;
const ALL_COLUMNS = 12;

/** Columns for `addRow`. */
export const noRows = (): Columns => Array.from({ length: ALL_COLUMNS }, () => []);

/** The quickest statement for these columns, with its parameters from the third on. */
function statementFor(columns: Columns, answer: boolean): readonly [string, readonly unknown[]] {
  const isPlain = columns
    .slice(PLAIN_COLUMNS)
    .every((column) => column.every((value) => value === ""));
  const way = answer ? "answering" : "silent";
  const [args = [], ...others] = isPlain ? columns.slice(0, PLAIN_COLUMNS) : columns;
  if (isPlain && args.length === 1) return [INSERT_ONE[way], [args, ...others].flat()];
  const params = [wholeColumnText(args), ...others.map(columnText)];
  return isPlain ? [INSERT_PLAIN[way], params] : [INSERT_KEYED, [...params, answer]];
}

/** One tick of a periodic job: the job is available, though it has a time. `periodicId` empty: it has none. */
export interface Run {
  readonly tick: Micros;
  readonly periodicId: string;
}

/** Adds a job to the columns. Throws `invalid`; then the columns are of no use. */
export function addRow(
  columns: Columns,
  job: InsertParams,
  now: Micros,
  name: string,
  run: Run | null = null,
): void {
  const row = withDefaults(job, name);
  checkInsert(row, name);
  const scheduledAt = run?.tick ?? job.scheduledAt ?? null;
  const unique = isUnique(row.unique);
  const states = row.unique.byState ?? [];
  const add = (place: number, value: string) => columns[place]?.push(value);
  add(0, row.argsText);
  add(1, row.kind);
  add(2, row.metadata);
  add(3, String(row.priority));
  add(4, row.queue);
  add(5, row.tags.length === 0 ? "[]" : JSON.stringify(row.tags));
  add(6, String(row.maxAttempts));
  add(7, run === null ? stateOf(job) : "available");
  add(8, scheduledAt === null ? "" : timestampText(scheduledAt, `${name}.scheduledAt`));
  add(9, unique ? uniqueKeyText(row.unique, { ...row, at: scheduledAt ?? now }) : "");
  add(10, unique ? maskText(states.length > 0 ? states : DEFAULT_UNIQUE_STATES) : "");
  add(11, run?.periodicId ?? "");
}

function withDefaults(job: InsertParams, name: string): InsertRow {
  if (job.args !== undefined && job.argsText !== undefined) {
    throw new QueueError("invalid", `${name} must have args or argsText, but has both.`, {
      field: `${name}.args`,
    });
  }
  return {
    kind: job.kind,
    argsText: job.argsText ?? (job.args === undefined ? "{}" : encodeArgs(job.args)),
    isEncoded: job.argsText === undefined,
    metadata: job.metadata ?? "{}",
    priority: job.priority ?? 1,
    queue: job.queue ?? "default",
    maxAttempts: job.maxAttempts ?? 25,
    tags: job.tags ?? [],
    unique: job.unique ?? {},
  };
}

function stateOf(job: InsertParams): "pending" | "scheduled" | "available" {
  if (job.pending === true) return "pending";
  return job.scheduledAt === undefined || job.scheduledAt === null ? "available" : "scheduled";
}
