import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import type { AnyJobType, JobType } from "./job-type.ts";

/** What a worker is given of one attempt. Its functions need no `this`. */
export interface Attempt<Args> {
  /** The row as it was fetched. */
  readonly job: Job;
  readonly args: Args;
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Fires when the work should end: its `reason` is a `CancelledError` where somebody cancelled the job, `TimeoutError` after the timeout,
   * `StopError` where the client stops hard, `LostError` where the job is no longer this attempt's.
   */
  readonly signal: AbortSignal;
  /** Ends the attempt by throwing: the job comes again after so many milliseconds, and the attempt does not count. */
  snooze(forMs: number): never;
  /** Ends the attempt by throwing: the job is cancelled for this reason and never tried again. */
  cancel(reason: unknown): never;
  /** Ends the attempt by throwing: the job is discarded for this reason, whatever attempts it has left. */
  discard(reason: unknown): never;
  /** Records JSON data as the job's `output`, stored with the attempt's result, whatever that is. The last call counts. */
  output(value: unknown): void;
  /** Adds to the job's metadata, top-level keys replaced, stored with the attempt's result. */
  metadata(updates: Readonly<Record<string, unknown>>): void;
  /** Completes the job inside the caller's transaction: if that is rolled back, and nothing else is said, the job is completed after all. */
  complete(tx: Db): Promise<Job>;
  /**
   * Does a part of the work that is not done again where an earlier attempt did it: a step that was passed over answers null. Steps have names of
   * their own, are always asked for in the same order, and do not nest. As River's resumable steps since 0.37.
   */
  step<Result>(name: string, run: () => Promise<Result> | Result): Promise<Result | null>;
  /** As `step`, for work that can be taken up in its midst: `run` is given what `save` recorded last, null if nothing. */
  stepFrom<Cursor, Result>(
    name: string,
    run: (cursor: Cursor | null, save: (cursor: Cursor) => void) => Promise<Result> | Result,
  ): Promise<Result | null>;
}

/** How a worker is run. */
export interface WorkerOptions {
  /** After so long the signal fires; −1 never. By default the client's `jobTimeoutMs`. */
  readonly timeoutMs?: number;
  /** When the next attempt is due after an error, in milliseconds from now; null is River's default, n⁴ s ± 10 % after the n-th error. */
  readonly retryDelayMs?: RetryPolicy;
}

/** When the next attempt is due. What is negative or not finite is taken for null. */
export type RetryPolicy = (job: Job, error: unknown) => number | null;

/** A kind of job with what works it. */
export interface Worker extends WorkerOptions {
  readonly type: AnyJobType;
  readonly handle: (attempt: Attempt<unknown>) => unknown;
}

/** What works a kind of job: the attempt succeeds when `handle` resolves, to whatever; it fails with what `handle` throws. */
export function worker<Input, Output>(
  type: JobType<Input, Output>,
  handle: (attempt: Attempt<Output>) => unknown,
  options: WorkerOptions = {},
): Worker {
  return { type, handle: handle as Worker["handle"], ...options };
}
