import type { JobState, Micros } from "./state.ts";

/** River's unique options. An absent member is unset. */
export type UniqueOptions = Readonly<{
  byArgs?: boolean;
  /** In whole microseconds; at least one second. */
  byPeriod?: Micros;
  byQueue?: boolean;
  byState?: readonly JobState[];
  excludeKind?: boolean;
}>;

/** One job to insert. `id` is its label, `#id` in the notation: labels rise in order of insertion, and a duplicate uses its label up. */
export type InsertJob = Readonly<{
  id: number;
  kind?: string;
  /** JSON text, as the client encoded it: the unique key depends on every byte. */
  args?: string;
  /** JSON text. */
  metadata?: string;
  tags?: readonly string[];
  priority?: number;
  queue?: string;
  maxAttempts?: number;
  scheduledAt?: Micros;
  pending?: boolean;
  unique?: UniqueOptions;
}>;

/** How an attempt ended. `metadata` is JSON text of an object, merged into the job's own at top level. */
export type Outcome =
  | Readonly<{ kind: "complete"; metadata?: string }>
  /** `retryAt` null: the default retry policy decides. */
  | Readonly<{ kind: "error"; message: string; retryAt: Micros | null; metadata?: string }>
  | Readonly<{ kind: "discard"; message: string; metadata?: string }>
  | Readonly<{ kind: "cancel"; message: string; metadata?: string }>
  | Readonly<{ kind: "snooze"; for: Micros; metadata?: string }>
  | Readonly<{ kind: "interrupt"; metadata?: string }>;

/** The six ways in which an attempt can end. */
export type OutcomeKind = Outcome["kind"];

/** Inserts all jobs or none, in one call. */
export type InsertOp = Readonly<{ op: "insert"; now: Micros; jobs: readonly InsertJob[] }>;

/** Asks for at most `limit` jobs of one queue, in the name of a client. */
export type FetchOp = Readonly<{
  op: "fetch";
  now: Micros;
  queue: string;
  limit: number;
  client: string;
}>;

/** Ends an attempt of `job`: its latest fetch, or the one at index `fetch` (0 is its first). */
export type FinishOp = Readonly<{
  op: "finish";
  now: Micros;
  job: number;
  fetch?: number;
  outcome: Outcome;
}>;

/** Promotes what is due by `horizon`, never before `now`; at most `limit` jobs. */
export type ScheduleOp = Readonly<{
  op: "schedule";
  now: Micros;
  horizon: Micros;
  limit: number;
}>;

/** Asks for an end of `job`: at once, or of what its worker is doing. */
export type CancelOp = Readonly<{ op: "cancel"; now: Micros; job: number }>;

/** Makes `job` available once more, also a final one. */
export type RetryOp = Readonly<{ op: "retry"; now: Micros; job: number }>;

/** Asks for the row of `job`. */
export type GetOp = Readonly<{ op: "get"; now: Micros; job: number }>;

/** Takes the row of `job` away, unless it is running. */
export type DeleteOp = Readonly<{ op: "delete"; now: Micros; job: number }>;

/** Writes the output of `job`, JSON text, into its metadata. */
export type UpdateOp = Readonly<{ op: "update"; now: Micros; job: number; output: string }>;

/** Which jobs are meant: those that fit all of this. What is absent or empty is no filter. `ids` are labels. */
export type JobFilter = Readonly<{
  ids?: readonly number[];
  kinds?: readonly string[];
  priorities?: readonly number[];
  queues?: readonly string[];
  states?: readonly JobState[];
}>;

/** Takes away the rows of at most `limit` (100 if absent) jobs; without any filter only with `all`. */
export type DeleteManyOp = JobFilter &
  Readonly<{ op: "delete_many"; now: Micros; all?: boolean; limit?: number }>;

/** By what a list is ordered; `time` is that of its first state. */
export type ListOrder = "id" | "scheduled_at" | "finalized_at" | "time";

/** Lists jobs page by page, from cursor to cursor to the end. */
export type ListOp = JobFilter &
  Readonly<{
    op: "list";
    now: Micros;
    tagsAll?: readonly string[];
    tagsAny?: readonly string[];
    /** JSON text that the metadata must contain. */
    metadata?: string;
    /** `id` if absent. */
    orderBy?: ListOrder;
    descending?: boolean;
    /** The most jobs of a page; 100 if absent. */
    limit?: number;
    /** Begins after a job, or at the cursor that a list of all jobs in that order gives after its first. */
    after?: Readonly<{ job: number }> | Readonly<{ cursorOf: ListOrder }>;
  }>;

/**
 * One pass of the rescuer, in batches of `limit` until one is short. Stuck is what has run for more than `after`; `timeout` is the
 * client's own, for kinds whose worker has none: −1 for never, else not longer than `after`.
 */
export type RescueOp = Readonly<{
  op: "rescue";
  now: Micros;
  after: Micros;
  timeout: Micros;
  limit: number;
}>;

/** Deletes at most `limit` final jobs; each member is how long jobs of that state are kept, −1 for ever. */
export type CleanOp = Readonly<{
  op: "clean";
  now: Micros;
  cancelled: Micros;
  completed: Micros;
  discarded: Micros;
  limit: number;
}>;

/** One entry of a leader's timetable. */
export type PeriodicJob = Readonly<{
  /** The periodic id; absent: it has none. */
  name?: string;
  /** Five fields of cron in UTC, or `@every 7s`. */
  schedule: string;
  /** Also inserted when the leader starts. */
  onStart?: true;
  /** What is inserted at each tick; null: nothing, as a constructor may decide. */
  job: Omit<InsertJob, "id" | "scheduledAt" | "pending"> | null;
}>;

/**
 * The leader looks at its timetable: for the first time where `since` is null, else as one that looked last, or began, at `since`. What it
 * inserts gets the labels `id`, `id + 1`, …
 */
export type EnqueuePeriodicOp = Readonly<{
  op: "enqueue_periodic";
  now: Micros;
  id: number;
  since: Micros | null;
  jobs: readonly PeriodicJob[];
}>;

/** Says that somebody works a queue. */
export type QueueTouchOp = Readonly<{ op: "queue_touch"; now: Micros; queue: string }>;

/** Pauses a queue, or `*`: all. */
export type QueuePauseOp = Readonly<{ op: "queue_pause"; now: Micros; queue: string }>;

/** Resumes a queue, or `*`: all. */
export type QueueResumeOp = Readonly<{ op: "queue_resume"; now: Micros; queue: string }>;

/** Replaces a queue's metadata, JSON text; absent, it only touches the queue. */
export type QueueUpdateOp = Readonly<{
  op: "queue_update";
  now: Micros;
  queue: string;
  metadata?: string;
}>;

/** Shows one queue. */
export type QueueGetOp = Readonly<{ op: "queue_get"; now: Micros; queue: string }>;

/** Shows at most `limit` queues. */
export type QueueListOp = Readonly<{ op: "queue_list"; now: Micros; limit: number }>;

/** A client asks to lead for `lease` microseconds. */
export type ElectOp = Readonly<{ op: "elect"; now: Micros; client: string; lease: Micros }>;

/** A client asks to lead for `lease` microseconds more: in its latest term, or in the one at index `term` (0 is its first). */
export type ReelectOp = Readonly<{
  op: "reelect";
  now: Micros;
  client: string;
  lease: Micros;
  term?: number;
}>;

/** A client gives up its latest term, or the one at index `term`. */
export type ResignOp = Readonly<{ op: "resign"; now: Micros; client: string; term?: number }>;

/** Somebody asks that the leader resign. */
export type RequestResignOp = Readonly<{ op: "request_resign"; now: Micros }>;

/** Deletes at most `limit` rows of queues that nobody has touched for longer than `after`. */
export type CleanQueuesOp = Readonly<{
  op: "clean_queues";
  now: Micros;
  after: Micros;
  limit: number;
}>;

/** Everything that can happen to the rows of queues. */
export type QueueOp =
  | QueueTouchOp
  | QueuePauseOp
  | QueueResumeOp
  | QueueUpdateOp
  | QueueGetOp
  | QueueListOp;

/** Everything that can happen to the leader. */
export type LeaderOp = ElectOp | ReelectOp | ResignOp | RequestResignOp;

/** Everything that can happen to a queue, as plain JSON, so that any adapter can replay it. */
export type Op =
  | InsertOp
  | FetchOp
  | FinishOp
  | ScheduleOp
  | CancelOp
  | RetryOp
  | GetOp
  | DeleteOp
  | UpdateOp
  | DeleteManyOp
  | ListOp
  | RescueOp
  | CleanOp
  | EnqueuePeriodicOp
  | CleanQueuesOp
  | QueueOp
  | LeaderOp;

/** The name of an operation, the same word in the notation, the protocol and the code. */
export type OpName = Op["op"];
