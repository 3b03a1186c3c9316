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
  /** Whether to return the results, true by default; if not, the list is empty, and many jobs are inserted in two thirds of the time. */
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
  const rows = jobs.map((job, at) => toRow(job, now ?? clientNow(), `jobs[${at}]`));
  return insertRows(db, now, rows, options);
}

/** Inserts rows that `toRow` made, at least one. A run that its periodic job has had already is left out of the answer too. */
export async function insertRows(
  db: Db,
  now: Micros | null,
  rows: readonly Row[],
  { notify = true, answer = true }: InsertOptions,
): Promise<InsertResult[]> {
  const at = now === null ? null : timestampText(now, "now");
  const [sql, params] = statementFor(rows, answer);
  const result = await db.query<JobRow & { readonly duplicate: string }>(sql, [
    at,
    notify,
    ...params,
  ]);
  return result.rows.map((row) => ({ job: toJob(row), duplicate: row.duplicate === "true" }));
}

/** The columns of a job in the order of the statements' parameters: first those that every job has, the others empty but for unique and periodic jobs. */
type Row = readonly string[];
const PLAIN_COLUMNS = 9;

/** The quickest statement for these rows, with its parameters from the third on. */
function statementFor(
  rows: readonly Row[],
  answer: boolean,
): readonly [string, readonly unknown[]] {
  const [first = []] = rows;
  const isPlain = rows.every(isPlainRow);
  const way = answer ? "answering" : "silent";
  const sent = isPlain ? first.slice(0, PLAIN_COLUMNS) : first;
  if (isPlain && rows.length === 1) return [INSERT_ONE[way], sent];
  const [args = [], ...columns] = sent.map((_, place) => rows.map((row) => row[place] ?? ""));
  const params = [wholeColumnText(args), ...columns.map(columnText)];
  return isPlain ? [INSERT_PLAIN[way], params] : [INSERT_KEYED, [...params, answer]];
}

function isPlainRow(row: Row): boolean {
  for (let place = PLAIN_COLUMNS; place < row.length; place++) if (row[place] !== "") return false;
  return true;
}

/** One tick of a periodic job: the job is available, though it has a time. `periodicId` empty: it has none. */
export interface Run {
  readonly tick: Micros;
  readonly periodicId: string;
}

/** The columns of one job. Throws `invalid`. */
export function toRow(job: InsertParams, now: Micros, name: string, run: Run | null = null): Row {
  const row = withDefaults(job, name);
  checkInsert(row, name);
  const scheduledAt = run?.tick ?? job.scheduledAt ?? null;
  const unique = isUnique(row.unique);
  const states = row.unique.byState ?? [];
  return [
    row.argsText,
    row.kind,
    row.metadata,
    String(row.priority),
    row.queue,
    JSON.stringify(row.tags),
    String(row.maxAttempts),
    run === null ? stateOf(job) : "available",
    scheduledAt === null ? "" : timestampText(scheduledAt, `${name}.scheduledAt`),
    unique ? uniqueKeyText(row.unique, { ...row, at: scheduledAt ?? now }) : "",
    unique ? maskText(states.length > 0 ? states : DEFAULT_UNIQUE_STATES) : "",
    run?.periodicId ?? "",
  ];
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
