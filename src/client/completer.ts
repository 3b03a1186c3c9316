import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { type FinishParams, finish, type Outcome } from "../ops/finish.ts";
import { Backlog, type Waiting } from "./backlog.ts";
import type { Events, JobEvent } from "./events.ts";
import { isLasting } from "./lasting.ts";
import { backOffMs } from "./loop.ts";
import { messageOf } from "./reasons.ts";
import type { Settings } from "./settings.ts";

/** A statement that takes longer waits for somebody's lock, or for the database: what comes after it goes by another. */
const HELD_UP_MS = 1_000;
/** The most statements at a time. */
const MOST_STATEMENTS = 4;
/** When results are given up, what is under way has so long to end. */
const LAST_MS = 2_000;

/**
 * Writes the results of attempts, all that have come together while the last ones were being written. A statement that fails for a reason that
 * passes is sent again until it succeeds, so that no result is lost while the process lives.
 */
export class Completer {
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #events: Events;
  readonly #onRoom: () => void;
  readonly #backlog = new Backlog();
  readonly #writers = new Set<Promise<void>>();
  /** How many of them will look for more, and how many of these are held up. */
  #active = 0;
  #heldUp = 0;
  readonly #giveUp = new AbortController();

  /** `onRoom` is told whenever results were written. */
  constructor(db: Db, settings: Settings, events: Events, onRoom: () => void) {
    this.#db = db;
    this.#settings = settings;
    this.#events = events;
    this.#onRoom = onRoom;
  }

  /** How many results are not written yet. */
  get backlog(): number {
    return this.#backlog.size;
  }

  /** The jobs of which a result is not written yet. */
  get ids(): readonly bigint[] {
    return this.#backlog.ids;
  }

  add(result: FinishParams, ranMs: number): void {
    this.#backlog.add({ result, ranMs });
    this.#begin();
  }

  /** Resolves when all that was added is written or given up; answers how many were given up. */
  async drain(): Promise<number> {
    const { signal } = this.#giveUp;
    const end = new Promise<void>((resolve) => {
      const last = () => setTimeout(resolve, LAST_MS).unref();
      if (signal.aborted) last();
      else signal.addEventListener("abort", last);
    });
    const all = async () => {
      while (this.#writers.size > 0) await Promise.all(this.#writers);
    };
    await Promise.race([all(), end]);
    return this.backlog;
  }

  /** Tries each result once more at most. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  #begin(): void {
    if (this.#active > this.#heldUp || this.#active >= MOST_STATEMENTS) return;
    if (!this.#backlog.isWaiting) return;
    this.#active += 1;
    const writer: Promise<void> = this.#write().finally(() => this.#writers.delete(writer));
    this.#writers.add(writer);
  }

  async #write(): Promise<void> {
    try {
      // What ends in the same turn of the event loop goes together.
      await new Promise((resolve) => setImmediate(resolve));
      for (let batch = this.#backlog.take(); batch !== null; batch = this.#backlog.take()) {
        const isWritten = await this.#watched(this.#finish([...batch.values()]));
        if (!isWritten) {
          this.#backlog.giveBack(batch);
          return;
        }
        this.#backlog.done(batch);
        this.#onRoom();
      }
    } finally {
      // At once: whatever is added from now on begins another.
      this.#active -= 1;
    }
  }

  async #watched(writing: Promise<boolean>): Promise<boolean> {
    let isHeldUp = false;
    const timer = setTimeout(() => {
      isHeldUp = true;
      this.#heldUp += 1;
      this.#begin();
    }, HELD_UP_MS);
    try {
      return await writing;
    } finally {
      clearTimeout(timer);
      if (isHeldUp) this.#heldUp -= 1;
    }
  }

  /** False where it was given up. */
  async #finish(batch: readonly Waiting[]): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        const results = batch.map(({ result }) => result);
        const answer = this.#events.isHeard;
        const jobs = await finish(this.#db, this.#settings.now(), results, { answer });
        this.#tell(batch, jobs);
        return true;
      } catch (error) {
        if (isLasting(error)) return this.#finishApart(batch, error);
        this.#settings.onProblem({ what: "finish", error, tries });
        if (this.#giveUp.signal.aborted) return false;
        await this.#pause(backOffMs(tries));
      }
    }
  }

  /** One result that cannot be written must not hold up the others: halves, down to the one. */
  async #finishApart(batch: readonly Waiting[], error: unknown): Promise<boolean> {
    const [one] = batch;
    if (one !== undefined && batch.length === 1) return this.#finishFailed(one, error);
    const half = Math.ceil(batch.length / 2);
    const first = await this.#finish(batch.slice(0, half));
    return (await this.#finish(batch.slice(half))) && first;
  }

  /** What was recorded cannot be stored: the attempt has failed by that, and is told without it. */
  async #finishFailed({ result, ranMs, isPlain }: Waiting, error: unknown): Promise<boolean> {
    this.#settings.onProblem({ what: "finish", error, tries: 0 });
    // If even that cannot be written, the job stays running until it is rescued.
    if (isPlain) return true;
    const message = `result must be one that Postgres can store, but is not: ${messageOf(error)}`;
    const outcome: Outcome = { kind: "error", message, retryAt: null };
    return this.#finish([{ result: { ...result, outcome }, ranMs, isPlain: true }]);
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#giveUp;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }

  #tell(batch: readonly Waiting[], jobs: readonly Job[]): void {
    if (!this.#events.isHeard) return;
    const rows = new Map(jobs.map((job) => [job.id, job]));
    for (const { result, ranMs } of batch) {
      const job = rows.get(result.id);
      // Of a job that is gone, or that has been fetched again, this attempt decided nothing.
      if (job === undefined || job.attemptedAt !== result.attemptedAt) continue;
      this.#events.tell({ kind: kindOf(job, result.outcome), job, ranMs });
    }
  }
}

/** What was committed counts, not what was asked for: others may have ended the attempt before. */
function kindOf({ state }: Job, { kind }: Outcome): JobEvent["kind"] {
  if (state === "completed") return "job_completed";
  if (state === "cancelled") return "job_cancelled";
  const isBack = state === "available" || state === "scheduled";
  if (isBack && kind === "snooze") return "job_snoozed";
  if (isBack && kind === "interrupt") return "job_interrupted";
  return "job_failed";
}
