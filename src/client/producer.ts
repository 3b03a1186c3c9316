import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { type FetchParams, fetch } from "../ops/fetch.ts";
import { queueTouch } from "../ops/queue-touch.ts";
import type { Completer } from "./completer.ts";
import type { Events } from "./events.ts";
import { execute } from "./execute.ts";
import { backOffMs, Loop } from "./loop.ts";
import type { QueueConfig, Settings } from "./options.ts";
import { CancelledError } from "./reasons.ts";
import { RunningAttempt } from "./running-attempt.ts";
import type { Worker } from "./worker.ts";

/** What all producers of a client share. */
export type Shop = Readonly<{
  db: Db;
  settings: Settings;
  events: Events;
  completer: Completer;
  workers: ReadonlyMap<string, Worker>;
}>;

/** So often a client says that it works a queue, as River's do. */
const TOUCH_MS = 10 * 60_000;
/** So many results may wait for each worker before no more jobs are fetched. */
const BACKLOG_PER_WORKER = 3;

/** Fetches the jobs of one queue and runs them, as many at a time as it has workers. */
export class Producer {
  readonly queue: string;
  readonly #shop: Shop;
  readonly #config: Required<QueueConfig>;
  readonly #running = new Map<RunningAttempt, () => void>();
  readonly #poll: Loop;
  readonly #touch: Loop;
  /** Jobs of which somebody said that they are cancelled while a fetch was under way: its answer may be older than that. */
  readonly #cancelled = new Set<bigint>();
  #taken = 0;
  #fetching: Promise<void> | null = null;
  /** Whether there may be more than was fetched. */
  #isMore = false;
  #cooldown: NodeJS.Timeout | null = null;
  #failures = 0;
  #isPaused = false;
  #isStopped = false;
  #abortedBy: Error | null = null;
  #onIdle: (() => void) | null = null;

  constructor(shop: Shop, queue: string, config: QueueConfig) {
    this.queue = queue;
    this.#shop = shop;
    this.#config = { fetchCooldownMs: 2, fetchPollMs: 1_000, ...config };
    const { onProblem } = shop.settings;
    this.#poll = new Loop(
      async () => {
        this.wake();
        return this.#config.fetchPollMs;
      },
      (error, tries) => onProblem({ what: "fetch", error, tries }),
    );
    this.#touch = new Loop(
      async () => {
        await this.look();
        return TOUCH_MS;
      },
      (error, tries) => onProblem({ what: "queue", error, tries }),
    );
  }

  /** Says that the queue is worked, and begins. Rejects where the database does not let it. */
  async start(): Promise<void> {
    await this.look();
    this.#touch.start(TOUCH_MS);
    this.#poll.start();
  }

  /** Creates or touches the queue's row, and learns from it whether it is paused. */
  async look(): Promise<void> {
    const { db, settings } = this.#shop;
    const { pausedAt } = await queueTouch(db, settings.now(), this.queue);
    this.setPaused(pausedAt !== null);
  }

  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    const kind = isPaused ? "queue_paused" : "queue_resumed";
    this.#shop.events.tell({ kind, queue: this.queue });
    if (!isPaused) this.wake();
  }

  /** There may be jobs. */
  wake(): void {
    this.#isMore = true;
    this.#fetch();
  }

  /** The attempts that run now. */
  get attempts(): Iterable<RunningAttempt> {
    return this.#running.keys();
  }

  get isIdle(): boolean {
    return this.#running.size === 0 && this.#fetching === null;
  }

  /** Somebody cancelled a job. */
  cancel(id: bigint): void {
    if (this.#fetching !== null) this.#cancelled.add(id);
    for (const attempt of this.#running.keys()) {
      if (attempt.job.id === id) attempt.abort(new CancelledError());
    }
  }

  /** Fetches nothing more; resolves when no attempt runs. What a fetch under way brings is worked. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#cooldown !== null) clearTimeout(this.#cooldown);
    await Promise.all([this.#poll.stop(), this.#touch.stop(), this.#fetching]);
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Fires every signal, also of what a fetch under way brings. */
  abort(reason: Error): void {
    this.#abortedBy = reason;
    for (const attempt of this.#running.keys()) attempt.abort(reason);
  }

  /** Gives every attempt back without its handler, which may go on but counts for nothing. */
  abandon(): void {
    for (const [attempt, leave] of [...this.#running]) {
      this.#shop.completer.add(attempt.result({ kind: "interrupt" }), 0);
      leave();
    }
  }

  get #free(): number {
    return this.#config.maxWorkers - this.#taken;
  }

  #fetch(): void {
    const { completer } = this.#shop;
    if (this.#fetching !== null || !this.#isMore || this.#isPaused || this.#isStopped) return;
    const isFull = completer.backlog > BACKLOG_PER_WORKER * this.#config.maxWorkers;
    if (this.#free <= 0 || isFull) return;
    if (this.#cooldown !== null) clearTimeout(this.#cooldown);
    this.#cooldown = null;
    this.#isMore = false;
    this.#fetching = this.#take(this.#free).finally(() => {
      this.#fetching = null;
      this.#cancelled.clear();
      this.#fetchSoon();
    });
  }

  async #take(limit: number): Promise<void> {
    const { db, settings, workers } = this.#shop;
    const params: FetchParams = {
      queue: this.queue,
      limit,
      client: settings.id,
      ...(settings.onlyKnownKinds && { kinds: [...workers.keys()] }),
    };
    try {
      const jobs = await fetch(db, settings.now(), params);
      this.#failures = 0;
      if (jobs.length === limit) this.#isMore = true;
      for (const job of jobs) this.#run(job);
    } catch (error) {
      this.#failures += 1;
      settings.onProblem({ what: "fetch", error, tries: this.#failures });
      this.#isMore = true;
    }
  }

  /** At once where it is worth it; else a little later, when more workers are free or the database may have come back. */
  #fetchSoon(): void {
    if (!this.#isMore || this.#isStopped) return;
    const isFailing = this.#failures > 0;
    if (!isFailing && this.#free * 2 >= this.#config.maxWorkers) {
      this.#fetch();
      return;
    }
    const ms = isFailing ? backOffMs(this.#failures) : this.#config.fetchCooldownMs;
    this.#cooldown ??= setTimeout(() => this.#fetchAfterCooldown(), ms);
  }

  #fetchAfterCooldown(): void {
    this.#cooldown = null;
    this.#fetch();
  }

  /** Results were written, so that there is room for more. */
  onRoom(): void {
    this.#fetchSoon();
  }

  #run(job: Job): void {
    const { settings, completer, workers, events } = this.#shop;
    const attempt = new RunningAttempt(job, settings.now);
    let hasPlace = true;
    const freePlace = () => {
      if (!hasPlace) return;
      hasPlace = false;
      this.#taken -= 1;
      this.#fetchSoon();
    };
    const leave = () => {
      if (!this.#running.delete(attempt)) return false;
      freePlace();
      if (this.#isStopped && this.#running.size === 0) this.#onIdle?.();
      return true;
    };
    this.#taken += 1;
    this.#running.set(attempt, leave);
    if (this.#cancelled.has(job.id)) attempt.abort(new CancelledError());
    if (this.#abortedBy !== null) attempt.abort(this.#abortedBy);
    const since = performance.now();
    const onStuck = () => {
      events.tell({ kind: "job_stuck", job, ranMs: performance.now() - since });
      if (settings.onStuck?.(job)) freePlace();
    };
    void execute(attempt, workers.get(job.kind), settings, onStuck).then((outcome) => {
      if (!this.#running.has(attempt)) return;
      completer.add(attempt.result(outcome), performance.now() - since);
      leave();
    });
  }
}
