import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import type { Completer } from "./completer.ts";
import type { Events } from "./events.ts";
import { execute, type Witness } from "./execute.ts";
import { CancelledError } from "./reasons.ts";
import { RunningAttempt } from "./running-attempt.ts";
import type { Settings } from "./settings.ts";
import type { Worker } from "./worker.ts";

/** What all queues of a client share. */
export type Shop = Readonly<{
  db: Db;
  settings: Settings;
  events: Events;
  completer: Completer;
  workers: ReadonlyMap<string, Worker>;
  /** So many results may wait to be written, of all queues, before no more jobs are fetched. */
  mostWaiting: () => number;
}>;

/** The attempts of one queue that run now, each in a place of its own unless that was given up as stuck. */
export class Attempts {
  readonly #shop: Shop;
  readonly #onFree: () => void;
  readonly #running = new Set<RunningAttempt>();
  /** Those of them that have no place any more. */
  readonly #placeless = new Set<RunningAttempt>();
  #taken = 0;
  #abortedBy: Error | null = null;
  #onIdle: (() => void)[] = [];

  /** `onFree` is told whenever a place is free again. */
  constructor(shop: Shop, onFree: () => void) {
    this.#shop = shop;
    this.#onFree = onFree;
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#taken;
  }

  [Symbol.iterator](): Iterator<RunningAttempt> {
    return this.#running.keys();
  }

  /** Works a job. Where all attempts were aborted it is given back at once. */
  run(job: Job): void {
    const { settings, workers } = this.#shop;
    const attempt = new RunningAttempt(job, settings.now);
    if (this.#abortedBy !== null) {
      this.#giveBack(attempt);
      return;
    }
    this.#taken += 1;
    this.#running.add(attempt);
    void execute(attempt, workers.get(job.kind), settings, this.#witness);
  }

  /** Somebody cancelled a job. */
  cancel(id: bigint): void {
    for (const attempt of this) if (attempt.job.id === id) attempt.abort(new CancelledError());
  }

  /** Fires every signal; what comes from now on is given back. */
  abort(reason: Error): void {
    this.#abortedBy = reason;
    for (const attempt of this) attempt.abort(reason);
  }

  /** Gives every attempt back without its handler, which may go on but counts for nothing. */
  abandon(): void {
    for (const attempt of [...this]) {
      this.#giveBack(attempt);
      this.#leave(attempt);
    }
  }

  /** Resolves when no attempt runs. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #giveBack(attempt: RunningAttempt): void {
    const ranMs = performance.now() - attempt.since;
    this.#shop.completer.add(attempt.result({ kind: "interrupt" }), ranMs);
  }

  #leave(attempt: RunningAttempt): void {
    this.#running.delete(attempt);
    attempt.end();
    if (!this.#placeless.delete(attempt)) this.#freePlace();
    if (this.#running.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #freePlace(): void {
    this.#taken -= 1;
    this.#onFree();
  }

  readonly #witness: Witness = {
    onOver: (attempt, outcome) => {
      if (!this.#running.has(attempt)) return;
      this.#shop.completer.add(attempt.result(outcome), performance.now() - attempt.since);
      this.#leave(attempt);
    },
    onStuck: (attempt) => this.#onStuck(attempt),
  };

  #onStuck(attempt: RunningAttempt): void {
    const { settings, events } = this.#shop;
    const { job, since } = attempt;
    events.tell({ kind: "job_stuck", job, ranMs: performance.now() - since });
    try {
      if (!settings.onStuck?.(job) || !this.#running.has(attempt)) return;
      this.#placeless.add(attempt);
      this.#freePlace();
    } catch (error) {
      settings.onProblem({ what: "onStuck", error, tries: 0 });
    }
  }
}
