import { Completer } from "../client/completer.ts";
import type { Events } from "../client/events.ts";
import { execute } from "../client/execute.ts";
import { type Heard, Notifier } from "../client/notifier.ts";
import type { Problem } from "../client/options.ts";
import { CancelledError } from "../client/reasons.ts";
import { RunningAttempt } from "../client/running-attempt.ts";
import type { Settings } from "../client/settings.ts";
import type { Database } from "../db.ts";
import type { Job } from "../job.ts";
import type { FinishParams, Outcome } from "../ops/finish.ts";
import { get } from "../ops/get.ts";

/** An attempt that was worked. */
export interface Worked {
  /** The row as it was left. */
  readonly job: Job;
  /** How the attempt ended; of an error its message and trace. */
  readonly outcome: Outcome;
}

/** Runs attempts as a client's producer does, but waits for each. */
export class Attempts {
  readonly #db: Database;
  readonly #settings: Settings;
  readonly #events: Events;
  readonly #running = new Set<RunningAttempt>();

  constructor(db: Database, settings: Settings, events: Events) {
    this.#db = db;
    this.#settings = settings;
    this.#events = events;
  }

  /** Works a job that was fetched, to its end. Rejects where its handler does not settle, even long after its signal fired. */
  async work(fetched: Job): Promise<Worked> {
    const attempt = new RunningAttempt(fetched, this.#settings.now);
    this.#running.add(attempt);
    const outcome = await this.#run(attempt).finally(() => {
      attempt.end();
      this.#running.delete(attempt);
    });
    await this.#write(attempt.result(outcome), performance.now() - attempt.since);
    return { job: await get(this.#db, fetched.id), outcome };
  }

  /** While `run` goes on, who cancels a running job fires its signal. */
  async listening<T>(run: () => Promise<T>): Promise<T> {
    const notifier = await Notifier.open(this.#db, this.#heard, this.#settings.onProblem);
    try {
      return await run();
    } finally {
      await notifier?.close();
    }
  }

  #run(attempt: RunningAttempt): Promise<Outcome> {
    const { id, kind } = attempt.job;
    const worker = this.#settings.workers.find(({ type }) => type.kind === kind);
    return new Promise((resolve, reject) => {
      const onStuck = () =>
        reject(new Error(`The handler of job ${id} (${kind}) must settle, but has not.`));
      const onOver = (_: RunningAttempt, outcome: Outcome) => resolve(outcome);
      execute(attempt, worker, this.#settings, { onOver, onStuck }).catch(reject);
    });
  }

  async #write(result: FinishParams, ranMs: number): Promise<void> {
    const onProblem = (problem: Problem) => {
      // A test shall fail rather than wait for a database that may come back.
      completer.giveUp();
      this.#settings.onProblem(problem);
    };
    const settings = { ...this.#settings, onProblem };
    const completer = new Completer(this.#db, settings, this.#events, () => {});
    completer.add(result, ranMs);
    if ((await completer.drain()) > 0) {
      throw new Error(`The result of job ${result.id} must be written, but could not be.`);
    }
  }

  get #heard(): Heard {
    const ignore = () => {};
    return {
      inserted: ignore,
      cancelled: (id) => {
        for (const attempt of this.#running) {
          if (attempt.job.id === id) attempt.abort(new CancelledError());
        }
      },
      paused: ignore,
      resigned: ignore,
      resignRequested: ignore,
      caughtUp: ignore,
    };
  }
}
