import { type Micros, readEpoch, readRfc3339 } from "./time.ts";

/** River's job states, in the order of its enum `river_job_state`. */
export const JOB_STATES = [
  "available",
  "cancelled",
  "completed",
  "discarded",
  "pending",
  "retryable",
  "running",
  "scheduled",
] as const;

/** One of River's job states. */
export type JobState = (typeof JOB_STATES)[number];

/** One element of a job's `errors`: River's form, `at` being when the attempt started, or else the element as Postgres prints it. */
export type AttemptError =
  | {
      readonly at: Micros;
      readonly attempt: number;
      readonly error: string;
      readonly trace: string;
    }
  | { readonly other: string };

/** A row of `river_job` as it was when the operation that returns it was done. Null arrays are read as empty ones. */
export interface Job {
  readonly id: bigint;
  readonly state: JobState;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** When the latest attempt started; with `attempt` it names one fetch. */
  readonly attemptedAt: Micros | null;
  readonly createdAt: Micros;
  readonly finalizedAt: Micros | null;
  readonly scheduledAt: Micros;
  /** 1 goes first, 4 last. */
  readonly priority: number;
  /** JSON text as Postgres prints `jsonb`, every digit kept, to be parsed by whoever needs it. */
  readonly argsText: string;
  /** The clients that fetched it, oldest first, the last 100 at most. */
  readonly attemptedBy: readonly string[];
  readonly errors: readonly AttemptError[];
  readonly kind: string;
  /** JSON text; the schema does not promise an object. */
  readonly metadataText: string;
  readonly queue: string;
  readonly tags: readonly string[];
  /** SHA-256 as lowercase hex; null without uniqueness. */
  readonly uniqueKey: string | null;
  /** The states in which it holds its key; null without uniqueness, and on rows from before River 0.12. */
  readonly uniqueStates: readonly JobState[] | null;
}

/** What every statement returns of a job: text throughout, so that no driver's type parsers can lose digits. */
export interface JobRow {
  readonly id: string;
  readonly state: JobState;
  readonly attempt: string;
  readonly max_attempts: string;
  readonly attempted_at: string | null;
  readonly created_at: string;
  readonly finalized_at: string | null;
  readonly scheduled_at: string;
  readonly priority: string;
  readonly args: string;
  readonly attempted_by: string | null;
  readonly errors: string | null;
  readonly kind: string;
  readonly metadata: string;
  readonly queue: string;
  readonly tags: string;
  readonly unique_key: string | null;
  readonly unique_states: string | null;
}

/** Reads a row; never throws on what the schema lets a row hold. */
export function toJob(row: JobRow): Job {
  return {
    id: BigInt(row.id),
    state: row.state,
    attempt: Number(row.attempt),
    maxAttempts: Number(row.max_attempts),
    attemptedAt: row.attempted_at === null ? null : readEpoch(row.attempted_at),
    createdAt: readEpoch(row.created_at),
    finalizedAt: row.finalized_at === null ? null : readEpoch(row.finalized_at),
    scheduledAt: readEpoch(row.scheduled_at),
    priority: Number(row.priority),
    argsText: row.args,
    attemptedBy: readTexts(row.attempted_by),
    errors: readTexts(row.errors).map(readError),
    kind: row.kind,
    metadataText: row.metadata,
    queue: row.queue,
    tags: readTexts(row.tags),
    uniqueKey: row.unique_key,
    uniqueStates: row.unique_states === null ? null : readMask(row.unique_states),
  };
}

/** A text[] as JSON. The schema permits nulls in it, and more than one dimension. */
function readTexts(json: string | null): string[] {
  if (json === null || json === "[]") return [];
  const items: unknown[] = JSON.parse(json);
  if (items.every((item) => typeof item === "string")) return items;
  return items.flat(Number.POSITIVE_INFINITY).map((item) => String(item));
}

function readError(text: string): AttemptError {
  const { at, attempt, error, trace }: Record<string, unknown> = JSON.parse(text) ?? {};
  const instant = typeof at === "string" ? readRfc3339(at) : null;
  if (instant === null || typeof error !== "string" || typeof trace !== "string") {
    return { other: text };
  }
  return Number.isInteger(attempt)
    ? { at: instant, attempt: Number(attempt), error, trace }
    : { other: text };
}

/** The bits of `unique_states` from the left, as `river_job_state_in_bitmask` numbers them. */
const BITS: readonly JobState[] = [
  "scheduled",
  "running",
  "retryable",
  "pending",
  "discarded",
  "completed",
  "cancelled",
  "available",
];

const readMask = (bits: string): readonly JobState[] =>
  JOB_STATES.filter((state) => bits.charAt(BITS.indexOf(state)) === "1");

/** The states as `unique_states` keeps them, eight bits. */
export const maskText = (states: readonly JobState[]): string =>
  BITS.map((state) => (states.includes(state) ? "1" : "0")).join("");
