import { QueueError } from "./errors.ts";
import { JOB_STATES, type JobState } from "./job.ts";
import { splitObject } from "./json.ts";
import { isShortAndPlain, isStorable, whyNotJsonb } from "./jsonb.ts";
import { LONGEST, type Micros } from "./time.ts";
import type { UniqueOptions } from "./unique.ts";

/** What an insert asks for, defaults filled in. JSON is text. */
export interface InsertRow {
  readonly kind: string;
  readonly argsText: string;
  /** Whether `encodeArgs` wrote that text, so that it is JSON for certain. */
  readonly isEncoded: boolean;
  readonly metadata: string;
  readonly priority: number;
  readonly queue: string;
  readonly maxAttempts: number;
  readonly tags: readonly string[];
  readonly unique: UniqueOptions;
}

/** Throws `invalid`: "`field` must `rule`, but is `value`." */
export function refuse(field: string, rule: string, value: unknown): never {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  const cut = shown.length <= 80 ? shown : `${shown.slice(0, 79)}…`;
  throw new QueueError("invalid", `${field} must ${rule}, but is ${cut}.`, { field });
}

/** Refuses what is no integer from `least` to `most`. */
export function checkInteger(value: number, field: string, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  refuse(field, `be an integer from ${least} to ${most}`, value);
}

const MAX_ID = 9_223_372_036_854_775_807n;

/** Refuses what is no number that a job could have. */
export function checkId(id: bigint, field: string): void {
  if (typeof id === "bigint" && id >= -MAX_ID && id <= MAX_ID) return;
  refuse(field, "be a bigint of 64 bits", id);
}

/** Throws `not_found` for a job. */
export function notFound(id: bigint): never {
  throw new QueueError("not_found", `job ${id} must be there, but is not.`, { field: "id" });
}

/** Refuses what is no number of microseconds from `least` to the longest that River's clients know. */
export function checkDuration(value: Micros, field: string, least: Micros): void {
  if (typeof value === "bigint" && value >= least && value <= LONGEST) return;
  refuse(field, `be from ${least} to ${LONGEST} microseconds`, value);
}

/** Refuses text that Postgres cannot keep. */
export function checkText(text: string, field: string): void {
  if (typeof text === "string" && isStorable(text)) return;
  refuse(field, "be text without NUL or half of a surrogate pair", text);
}

/** Refuses text that is not JSON, or that jsonb cannot hold. */
export function checkJson(text: string, field: string): void {
  const why = typeof text === "string" ? whyNotJsonb(text) : "is no text";
  if (why === null) return;
  throw new QueueError(
    "invalid",
    `${field} must be JSON that Postgres' jsonb can hold, but ${why}.`,
    { field },
  );
}

/** As `checkJson`, and refuses what is no object. */
export function checkObject(text: string, field: string): void {
  if (text === "{}") return;
  checkJson(text, field);
  if (splitObject(text) === null) refuse(field, "be a JSON object", text);
}

const QUEUE = /^[a-z0-9]+(?:[_|-][a-z0-9]+)*$/;
const TAG = /^\w[\w-]+\w$/;

/** Refuses what no queue can be called. */
export function checkQueueName(queue: string, field: string): void {
  if (typeof queue === "string" && queue.length <= 64 && QUEUE.test(queue)) return;
  refuse(field, "have 1 to 64 of a-z and 0-9, with single _, - or | between", queue);
}

/** Refuses what River's client 0.51 refuses of a job, and what Postgres would; `name` begins the field, as in `jobs[2]`. */
export function checkInsert(row: InsertRow, name: string): void {
  const { kind, queue, tags } = row;
  checkText(kind, `${name}.kind`);
  // Characters are at most as many as their code units.
  const length = kind.length <= 127 ? kind.length : [...kind].length;
  if (length < 1 || length > 127) refuse(`${name}.kind`, "have 1 to 127 characters", kind);
  checkQueueName(queue, `${name}.queue`);
  for (const tag of tags) {
    if (typeof tag === "string" && tag.length <= 255 && TAG.test(tag)) continue;
    const rule = "have 3 to 255 of A-Z, a-z, 0-9, _ and -, the last not at either end";
    refuse(`${name}.tags`, rule, tag);
  }
  checkInteger(row.priority, `${name}.priority`, 1, 4);
  checkInteger(row.maxAttempts, `${name}.maxAttempts`, 1, 32_767);
  if (!row.isEncoded || !isShortAndPlain(row.argsText)) checkJson(row.argsText, `${name}.args`);
  checkObject(row.metadata, `${name}.metadata`);
  checkUnique(row.unique, `${name}.unique`);
}

const SECOND: Micros = 1_000_000n;

/** Without these a job would lose its key on its way to being worked. */
const REQUIRED_STATES: readonly JobState[] = ["available", "pending", "running", "scheduled"];

function checkUnique(unique: UniqueOptions, name: string): void {
  const { byArgs = false, byPeriod, byQueue = false, byState = [], excludeKind = false } = unique;
  if (byPeriod !== undefined && (typeof byPeriod !== "bigint" || byPeriod < SECOND)) {
    refuse(`${name}.byPeriod`, "be a second or more, in microseconds", byPeriod);
  }
  if (typeof byArgs === "object" && byArgs.length === 0) {
    refuse(`${name}.byArgs`, "name at least one path", "[]");
  }
  if (excludeKind && byArgs === false && !byQueue && byPeriod === undefined) {
    refuse(`${name}.excludeKind`, "stand beside byArgs, byPeriod or byQueue", "alone");
  }
  if (byState.length === 0) return;
  const unknown = byState.filter((state) => !JOB_STATES.includes(state));
  if (unknown.length > 0) refuse(`${name}.byState`, "hold states", unknown.join(", "));
  const missing = REQUIRED_STATES.filter((state) => !byState.includes(state));
  if (missing.length > 0) {
    refuse(`${name}.byState`, `also hold ${missing.join(", ")}`, byState.join(", "));
  }
}
