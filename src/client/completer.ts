import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { type FinishParams, finish, type Outcome } from "../ops/finish.ts";
import type { Events, JobEvent } from "./events.ts";
import { isLasting } from "./lasting.ts";
import { backOffMs } from "./loop.ts";
import type { Settings } from "./options.ts";
import { messageOf } from "./reasons.ts";

/** A result that waits to be written. */
type Waiting = Readonly<{ result: FinishParams; ranMs: number }>;

/** The most results of one statement. */
const BATCH = 2_000;

/**
 * Writes the results of attempts, all that have come together while the last ones were being written. A statement that fails for a reason that
 * passes is sent again until it succeeds, so that no result is lost while the process lives.
 */
export class Completer {
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #events: Events;
  readonly #onRoom: () => void;
  #waiting: Waiting[] = [];
  #written = 0;
  #underway: Promise<void> | null = null;
  #giveUp = new AbortController();

  /** `onRoom` is told whenever results were written. */
  constructor(db: Db, settings: Settings, events: Events, onRoom: () => void) {
    this.#db = db;
    this.#settings = settings;
    this.#events = events;
    this.#onRoom = onRoom;
  }

  /** How many results are not written yet. */
  get backlog(): number {
    return this.#waiting.length + this.#written;
  }

  add(result: FinishParams, ranMs: number): void {
    this.#waiting.push({ result, ranMs });
    this.#underway ??= this.#write();
  }

  /** Resolves when all that was added is written or given up; answers how many were given up. */
  async drain(): Promise<number> {
    await this.#underway;
    return this.backlog;
  }

  /** Tries each result once more at most. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  async #write(): Promise<void> {
    // What ends in the same turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
      this.#written = batch.length;
      if (!(await this.#finish(batch))) {
        this.#waiting.unshift(...batch);
        this.#written = 0;
        break;
      }
      this.#written = 0;
      this.#onRoom();
    }
    this.#underway = null;
  }

  /** A job that was fetched twice has two results, and a statement takes one of each job. */
  #take(): readonly Waiting[] {
    const ids = new Set<bigint>();
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const each of this.#waiting) {
      const { id } = each.result;
      if (batch.length === BATCH || ids.has(id)) rest.push(each);
      else batch.push(each);
      ids.add(id);
    }
    this.#waiting = rest;
    return batch;
  }

  /** False where it was given up. */
  async #finish(batch: readonly Waiting[]): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        const jobs = await finish(
          this.#db,
          this.#settings.now(),
          batch.map(({ result }) => result),
          { answer: this.#events.isHeard },
        );
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
  async #finishFailed({ result, ranMs }: Waiting, error: unknown): Promise<boolean> {
    this.#settings.onProblem({ what: "finish", error, tries: 0 });
    const message = `result must be one that Postgres can store, but is not: ${messageOf(error)}`;
    const plain: Outcome = { kind: "error", message, retryAt: null };
    const { outcome, ...fetched } = result;
    // If even that cannot be written, the job stays running until it is rescued.
    if (outcome.kind === "error" && outcome.metadata === undefined) return true;
    return this.#finish([{ result: { ...fetched, outcome: plain }, ranMs }]);
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

/** What was committed counts, not what was asked for. */
function kindOf({ state }: Job, { kind }: Outcome): JobEvent["kind"] {
  if (state === "completed") return "job_completed";
  if (state === "cancelled") return "job_cancelled";
  if (state !== "discarded" && kind === "snooze") return "job_snoozed";
  if (state !== "discarded" && kind === "interrupt") return "job_interrupted";
  return "job_failed";
}
