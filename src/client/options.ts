import type { Job } from "../job.ts";
import type { InsertParams, InsertResult } from "../ops/insert.ts";
import type { Micros } from "../time.ts";
import type { JobOptions } from "./job-type.ts";
import type { PeriodicEntry } from "./periodic-entry.ts";
import type { Attempt, RetryPolicy, Worker } from "./worker.ts";

/** How a client works one queue. */
export interface QueueConfig {
  /** The most attempts at a time, 1 to 10,000. */
  readonly maxWorkers: number;
  /** After a full fetch, the next waits this long for more free workers, unless half are free; 2 by default. */
  readonly fetchCooldownMs?: number;
  /** How often to look for jobs of which no notification told; 1,000 by default, as River's clients do. */
  readonly fetchPollMs?: number;
}

/** Functions around what a client does, the first outermost. What `next` is not called for does not happen. */
export interface Middleware {
  /** Around each insert, also of periodic jobs; may change what is inserted. */
  insert?(
    jobs: readonly InsertParams[],
    next: (jobs: readonly InsertParams[]) => Promise<readonly InsertResult[]>,
  ): Promise<readonly InsertResult[]>;
  /** Around each attempt; what it throws is what the attempt fails with. Its `args` are as they are stored, until the schema has seen them. */
  work?(attempt: Attempt<unknown>, next: () => Promise<void>): Promise<void>;
}

/** Functions that are told, in order. What one throws fails the call or the attempt that it was told of. */
export interface Hooks {
  insertBegin?(job: InsertParams): void | Promise<void>;
  workBegin?(job: Job): void | Promise<void>;
  /** `error` is null where the handler resolved. */
  workEnd?(job: Job, error: unknown): void | Promise<void>;
}

/** Something that went wrong in the background, where no caller waits for it. The client goes on, and tries again. */
export interface Problem {
  /** What could not be done, such as `fetch`, `finish`, `listen`, `leader` or the name of a service. */
  readonly what: string;
  readonly error: unknown;
  /** How often in a row, 1 the first time; 0 where it is not tried again. */
  readonly tries: number;
}

/** What a client is told. Retentions and timeouts of −1 mean never; defaults are those of River's Go client 0.51 unless said otherwise. */
export interface ClientOptions {
  /** Stands in `attempted_by` and names the leader; must differ from every other client's. Random by default. */
  readonly id?: string;
  /** Which queues it works; none by default. */
  readonly queues?: Readonly<Record<string, QueueConfig>>;
  readonly workers?: readonly Worker[];
  readonly periodic?: readonly PeriodicEntry[];
  /** What jobs are inserted with where neither the call nor the job's type says. */
  readonly defaults?: JobOptions;
  readonly middleware?: readonly Middleware[];
  readonly hooks?: readonly Hooks[];
  /** Fetches only kinds that it has workers for. By default it fetches all, and the attempt of an unknown kind fails. */
  readonly onlyKnownKinds?: boolean;
  /** 60,000 by default. */
  readonly jobTimeoutMs?: number;
  /** An attempt that goes on for so long after its timeout is stuck; 10,000 by default. */
  readonly stuckAfterMs?: number;
  /** Told of each stuck attempt; true gives its place to another, as it may never end. */
  readonly onStuck?: (job: Job) => boolean;
  /** Told of each error of an attempt; "cancel" ends the job. */
  readonly onError?: (job: Job, error: unknown) => "cancel" | undefined;
  readonly retryDelayMs?: RetryPolicy;
  /** Never listens; jobs wait for the next poll, and cancellations for a look every 2 s. For poolers that cannot, such as PgBouncer by transaction. */
  readonly pollOnly?: boolean;
  /** Whether it may lead, true by default. Periodic jobs need a client that may. */
  readonly mayLead?: boolean;
  /** Running attempts are rescued after so long; an hour by default, or an hour more than `jobTimeoutMs` if that is longer. */
  readonly rescueAfterMs?: number;
  /** How long final jobs are kept: a day, a day, and a week by default. */
  readonly cancelledRetentionMs?: number;
  readonly completedRetentionMs?: number;
  readonly discardedRetentionMs?: number;
  /** When and which indexes the leader rebuilds: midnight UTC and River's by default; null never. */
  readonly reindex?: ReindexOptions | null;
  /** After a soft stop has lasted so long it becomes a hard one; never by default. */
  readonly softStopMs?: number;
  /** After a hard stop handlers have so long to end; then their attempts are given back without them. 5,000 by default. */
  readonly hardStopMs?: number;
  /** What went wrong in the background. By default `console.error`. */
  readonly onProblem?: (problem: Problem) => void;
  /** The clock, in microseconds since the Unix epoch; by default the database's, and where that cannot be, this machine's. */
  readonly clock?: () => Micros;
}

/** What the leader rebuilds, and when. */
export interface ReindexOptions {
  /** As `parseCron` takes it. */
  readonly schedule?: string;
  readonly indexes?: readonly string[];
}
