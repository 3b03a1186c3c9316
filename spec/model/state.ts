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

/** A state by its name in the database. Cancelled, completed and discarded are final. */
export type JobState = (typeof JOB_STATES)[number];

/** Microseconds since the run's origin; negative before it. Postgres keeps microseconds, and order depends on them. */
export type Micros = number;

/** JSON text as Postgres prints `jsonb`: members sorted, repeated keys resolved, numbers untouched. */
export type JsonbText = string;

/** One element of `errors`. Elements that are not of River's form are kept as their text. */
export type AttemptError =
  | Readonly<{ at: Micros; attempt: number; error: string; trace: string }>
  | Readonly<{ other: JsonbText }>;

/** A row of `river_job`. Null is SQL's null; null arrays are read as empty ones. */
export type Job = Readonly<{
  id: number;
  state: JobState;
  attempt: number;
  maxAttempts: number;
  attemptedAt: Micros | null;
  createdAt: Micros;
  finalizedAt: Micros | null;
  scheduledAt: Micros;
  priority: number;
  args: JsonbText;
  attemptedBy: readonly string[];
  errors: readonly AttemptError[];
  kind: string;
  metadata: JsonbText;
  queue: string;
  tags: readonly string[];
  /** Lowercase hex of the SHA-256, null without uniqueness. */
  uniqueKey: string | null;
  /** Eight bits, the leftmost (128) is scheduled; null without uniqueness, or on rows from before River 0.12. */
  uniqueStates: number | null;
}>;

/** A column of `river_job`, in camel case. */
export type JobColumn = keyof Job;

/** What a worker was handed by a fetch; the result of an attempt applies to this fetch alone. */
export type Held = Readonly<{ attempt: number; attemptedAt: Micros }>;

/** A row of `river_queue`. `pausedAt` null: it is not paused. */
export type Queue = Readonly<{
  name: string;
  createdAt: Micros;
  metadata: JsonbText;
  pausedAt: Micros | null;
  updatedAt: Micros;
}>;

/** The one row of `river_leader`. */
export type Leader = Readonly<{ leaderId: string; electedAt: Micros; expiresAt: Micros }>;

/** River's channels, without the schema that precedes their names: `insert` is `public.river_insert`. */
export const CHANNELS = ["insert", "control", "leadership"] as const;

/** A channel by its name without schema and prefix. */
export type Channel = (typeof CHANNELS)[number];

/** What listeners are told; the payload in the form of `jsonb`. */
export type Notification = Readonly<{ channel: Channel; payload: JsonbText }>;

/**
 * All jobs by id, in order of insertion, and for each job its fetches so far, oldest first; all queues by name; the leader, null if there
 * is none; for each client the `elected_at` of each term that it was told of, oldest first; and for each queue when listeners were last
 * told, or could have been told, that a job of it is available.
 */
export type State = Readonly<{
  jobs: ReadonlyMap<number, Job>;
  fetches: ReadonlyMap<number, readonly Held[]>;
  queues: ReadonlyMap<string, Queue>;
  leader: Leader | null;
  terms: ReadonlyMap<string, readonly Micros[]>;
  notifiedAt: ReadonlyMap<string, Micros>;
}>;

/** A database in which nothing has happened. */
export const EMPTY: State = {
  jobs: new Map(),
  fetches: new Map(),
  queues: new Map(),
  leader: null,
  terms: new Map(),
  notifiedAt: new Map(),
};
