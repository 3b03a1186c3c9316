import { QueueError } from "../errors.ts";
import { type FetchParams, fetch } from "../ops/fetch.ts";
import { finish } from "../ops/finish.ts";
import { queueGet } from "../ops/queue-get.ts";
import { queueTouch } from "../ops/queue-touch.ts";
import type { Queue } from "../queue.ts";
import { Attempts, type Shop } from "./attempts.ts";
import { backOffMs, Loop } from "./loop.ts";
import type { QueueConfig } from "./options.ts";
import { Pause } from "./pause.ts";
import type { RunningAttempt } from "./running-attempt.ts";
import { Unanswered } from "./unanswered.ts";
import { watchRows } from "./watch.ts";

/** So often a client says that it works a queue, as River's do. */
const TOUCH_MS = 10 * 60_000;
/** The most jobs of one fetch: more would only keep the first of them waiting. */
const MOST_FETCHED = 1_000;
/** The most that a fetch asks for where the last one found fewer than it might have, as its plan may be old; and of the first, so that its jobs begin soon. */
const FEW = 50;
/** A fetch that takes longer has not found its few jobs well. */
const SLOW_MS = 100;

/** Fetches the jobs of one queue and runs them, as many at a time as it has workers. */
export class Producer {
  readonly queue: string;
  readonly #shop: Shop;
  readonly #config: Required<QueueConfig>;
  readonly #attempts: Attempts;
  readonly #pause: Pause;
  readonly #poll: Loop;
  readonly #touch: Loop;
  readonly #unanswered: Unanswered;
  /** Jobs of which somebody said that they are cancelled while a fetch was under way: its answer may be older than that. */
  readonly #cancelled = new Set<bigint>();
  #fetching: Promise<void> | null = null;
  /** Whether there may be more than was fetched. */
  #isMore = false;
  /** Whether jobs are thought to wait in numbers. */
  #isFlooded = false;
  #cooldown: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopping: Promise<void> | null = null;
  #onAbandoned: () => void = () => {};

  constructor(shop: Shop, queue: string, config: QueueConfig) {
    this.queue = queue;
    this.#shop = shop;
    const { maxWorkers, fetchCooldownMs = 2, fetchPollMs = 1_000 } = config;
    this.#config = { maxWorkers, fetchCooldownMs, fetchPollMs };
    const { db, settings, events } = shop;
    this.#attempts = new Attempts(shop, () => this.#fetchSoon());
    this.#unanswered = new Unanswered(db, queue, settings.id);
    this.#pause = new Pause((isPaused) => {
      events.tell({ kind: isPaused ? "queue_paused" : "queue_resumed", queue });
      if (!isPaused) this.wake();
    });
    const onError = (what: string) => (error: unknown, tries: number) =>
      settings.onProblem({ what, error, tries });
    this.#poll = new Loop(async () => {
      this.wake();
      return fetchPollMs;
    }, onError("fetch"));
    this.#touch = new Loop(async () => {
      await this.#say();
      return TOUCH_MS;
    }, onError("queue"));
  }

  /** Says that the queue is worked, and begins once the client listens. Rejects where the database does not let it. */
  async start(listening: Promise<unknown> | null): Promise<void> {
    const [{ updatedAt }] = await Promise.all([this.#say(), listening]);
    this.#unanswered.begin(updatedAt);
    this.#touch.start(TOUCH_MS);
    this.wake();
    this.#poll.start(this.#config.fetchPollMs);
  }

  /** Creates or touches the queue's row, and learns from it whether it is paused. */
  #say(): Promise<Queue> {
    const { db, settings } = this.#shop;
    return this.#pause.look(() => queueTouch(db, settings.now(), this.queue));
  }

  /** Learns whether the queue is paused. */
  async look(): Promise<void> {
    try {
      await this.#pause.look(() => queueGet(this.#shop.db, this.queue));
    } catch (error) {
      if (!(error instanceof QueueError && error.code === "not_found")) throw error;
      // Somebody deleted the row.
      await this.#say();
    }
  }

  /** Somebody paused the queue, or resumed it. */
  noticePaused(isPaused: boolean): void {
    this.#pause.tell(isPaused);
  }

  /** There may be jobs. */
  wake(): void {
    this.#isMore = true;
    this.#fetch();
  }

  get maxWorkers(): number {
    return this.#config.maxWorkers;
  }

  /** The attempts that run now. */
  get attempts(): Iterable<RunningAttempt> {
    return this.#attempts;
  }

  /** Somebody cancelled a job. */
  cancel(id: bigint): void {
    if (this.#fetching !== null) this.#cancelled.add(id);
    this.#attempts.cancel(id);
  }

  /** Fetches nothing more; resolves when no attempt runs, or all were abandoned. What a fetch under way brings is worked. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.#cooldown !== null) clearTimeout(this.#cooldown);
    const abandoned = new Promise<void>((resolve) => {
      this.#onAbandoned = resolve;
    });
    await Promise.race([this.#end(), abandoned]);
  }

  async #end(): Promise<void> {
    await Promise.all([this.#poll.stop(), this.#touch.stop(), this.#fetching]);
    try {
      // What a fetch that has just failed may have taken would else wait for the rescuer.
      if (this.#unanswered.isDue) await this.#giveBackUnanswered();
    } catch (error) {
      this.#shop.settings.onProblem({ what: "fetch", error, tries: 0 });
    }
    await this.#attempts.idle();
  }

  /** Fires every signal. What a fetch under way brings is given back. */
  abort(reason: Error): void {
    this.#attempts.abort(reason);
  }

  /** Gives every attempt back without its handler, which may go on but counts for nothing. */
  abandon(): void {
    this.#attempts.abandon();
    this.#onAbandoned();
  }

  get #free(): number {
    return this.#config.maxWorkers - this.#attempts.taken;
  }

  #fetch(): void {
    const { completer, mostWaiting } = this.#shop;
    const mayFetch = this.#isMore && !this.#pause.isPaused && this.#stopping === null;
    if (this.#fetching !== null || !mayFetch) return;
    if (this.#free <= 0 || completer.backlog > mostWaiting()) return;
    if (this.#cooldown !== null) clearTimeout(this.#cooldown);
    this.#cooldown = null;
    this.#isMore = false;
    const most = this.#isFlooded ? MOST_FETCHED : FEW;
    this.#fetching = this.#take(Math.min(this.#free, most)).finally(() => {
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
      expectsFew: !this.#isFlooded,
      ...(settings.onlyKnownKinds && { kinds: [...workers.keys()] }),
    };
    try {
      if (this.#unanswered.isDue) await this.#giveBackUnanswered();
      const began = performance.now();
      const jobs = await fetch(db, settings.now(), params);
      this.#failures = 0;
      this.#isMore ||= jobs.length === limit;
      this.#isFlooded = jobs.length === limit || performance.now() - began > SLOW_MS;
      for (const job of jobs) this.#attempts.run(job);
      this.#lookAtCancelled();
    } catch (error) {
      this.#failures += 1;
      this.#unanswered.doubt();
      settings.onProblem({ what: "fetch", error, tries: this.#failures });
      this.#isMore = true;
    }
  }

  /** A cancellation that was told during the fetch may be of the attempt that it began, or older than a retry: the rows tell. */
  #lookAtCancelled(): void {
    const { db, settings } = this.#shop;
    if (this.#cancelled.size === 0) return;
    const told = [...this.#attempts].filter(({ job }) => this.#cancelled.has(job.id));
    watchRows(db, told).catch((error) => settings.onProblem({ what: "watch", error, tries: 0 }));
  }

  /** Their attempts never began, so they are given back, and nobody is told. */
  async #giveBackUnanswered(): Promise<void> {
    const { db, settings, completer } = this.#shop;
    const running = [...this.#attempts].map(({ job }) => job.id);
    const found = await this.#unanswered.find(new Set([...running, ...completer.ids]));
    const results = found.map(({ id, attempt, attemptedAt }) => {
      return {
        id,
        attempt,
        attemptedAt: attemptedAt ?? 0n,
        outcome: { kind: "interrupt" } as const,
      };
    });
    await finish(db, settings.now(), results);
  }

  /** At once where it is worth it; else a little later, when more workers are free or the database may have come back. */
  #fetchSoon(): void {
    if (!this.#isMore || this.#stopping !== null) return;
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
}
