import type { Database, Db } from "../db.ts";
import { queueGet } from "../ops/queue-get.ts";
import { Completer } from "./completer.ts";
import type { Events } from "./events.ts";
import { Leadership } from "./leadership.ts";
import { Loop } from "./loop.ts";
import { type Heard, Notifier } from "./notifier.ts";
import { checkQueue, type QueueConfig, type Settings } from "./options.ts";
import { Producer, type Shop } from "./producer.ts";
import { StopError } from "./reasons.ts";
import { Services } from "./services.ts";
import { watchRows } from "./watch.ts";

/** How often rows are looked at for what a notification should have told: by a client that listens, and by one that only polls. */
const WATCH_MS = 10_000;
const WATCH_POLLING_MS = 2_000;

/** A client that is at work, from its start to its end. */
export class Runtime {
  readonly #db: Db & Partial<Database>;
  readonly #settings: Settings;
  readonly #shop: Shop;
  readonly #producers = new Map<string, Producer>();
  readonly #leadership: Leadership | null;
  readonly #watch: Loop;
  readonly services: Services;
  #notifier: Notifier | null = null;
  #ending: Promise<void> | null = null;
  #isHard = false;
  #goHard: () => void = () => {};

  constructor(db: Db & Partial<Database>, settings: Settings, events: Events) {
    this.#db = db;
    this.#settings = settings;
    const completer = new Completer(db, settings, events, () => {
      for (const producer of this.#producers.values()) producer.onRoom();
    });
    const workers = new Map(settings.workers.map((worker) => [worker.type.kind, worker]));
    this.#shop = { db, settings, events, completer, workers };
    this.services = new Services(db, settings);
    this.#leadership = settings.mayLead ? new Leadership(db, settings, this.services) : null;
    this.#watch = new Loop(
      () => this.#look(),
      (error, tries) => settings.onProblem({ what: "watch", error, tries }),
    );
  }

  /** Rejects, with nothing left behind, where the database cannot be used. */
  async start(): Promise<void> {
    try {
      if (!this.#settings.pollOnly) {
        this.#notifier = await Notifier.open(this.#db, this.#heard(), this.#settings.onProblem);
      }
      for (const [name, config] of Object.entries(this.#settings.queues))
        await this.addQueue(name, config);
      this.#watch.start(this.#watchMs);
      this.#leadership?.start();
    } catch (error) {
      await this.stop(true);
      throw error;
    }
  }

  get isLeader(): boolean {
    return this.#leadership?.isLeader ?? false;
  }

  async addQueue(name: string, config: QueueConfig): Promise<void> {
    checkQueue(name, config);
    if (this.#producers.has(name) || this.#ending !== null) return;
    const producer = new Producer(this.#shop, name, config);
    this.#producers.set(name, producer);
    await producer.start();
  }

  /** Resolves when its attempts have ended; false where it is not worked. */
  async removeQueue(name: string): Promise<boolean> {
    const producer = this.#producers.get(name);
    if (producer === undefined) return false;
    await producer.stop();
    return this.#producers.delete(name);
  }

  /**
   * Fetches no more, lets attempts end, writes their results, resigns. `isHard` fires their signals, and in the end gives back what has not
   * ended; a soft stop under way becomes a hard one.
   */
  stop(isHard: boolean): Promise<void> {
    this.#ending ??= this.#stop();
    if (isHard) this.#goHard();
    return this.#ending;
  }

  async #stop(): Promise<void> {
    const { softStopMs, hardStopMs } = this.#settings;
    const producers = [...this.#producers.values()];
    const timers: NodeJS.Timeout[] = [];
    this.#goHard = () => {
      if (this.#isHard) return;
      this.#isHard = true;
      for (const producer of producers) producer.abort(new StopError());
      timers.push(
        setTimeout(() => {
          for (const producer of producers) producer.abandon();
          this.#shop.completer.giveUp();
        }, hardStopMs),
      );
    };
    if (softStopMs >= 0) timers.push(setTimeout(() => this.#goHard(), softStopMs));
    await Promise.all(producers.map((producer) => producer.stop()));
    const lost = await this.#shop.completer.drain();
    for (const timer of timers) clearTimeout(timer);
    if (lost > 0) {
      const error = new Error(
        `${lost} results must be written, but could not be. Their jobs will be rescued.`,
      );
      this.#settings.onProblem({ what: "stop", error, tries: 0 });
    }
    await this.#watch.stop();
    await this.#leadership?.stop();
    await this.#notifier?.close();
  }

  get #watchMs(): number {
    return this.#notifier === null ? WATCH_POLLING_MS : WATCH_MS;
  }

  /** Those that have just begun are left out: a look takes as long as most of them. */
  async #look(): Promise<number> {
    const attempts = [...this.#producers.values()].flatMap((producer) => [...producer.attempts]);
    await watchRows(this.#db, attempts);
    if (this.#notifier === null) await this.#lookAtQueues();
    return this.#watchMs;
  }

  async #lookAtQueues(): Promise<void> {
    for (const producer of this.#producers.values()) {
      const queue = await queueGet(this.#db, producer.queue);
      producer.setPaused(queue.pausedAt !== null);
    }
  }

  #heard(): Heard {
    const producers = this.#producers;
    const each = (run: (producer: Producer) => void) => {
      for (const producer of producers.values()) run(producer);
    };
    return {
      inserted: (queue) => producers.get(queue)?.wake(),
      cancelled: (id) => each((producer) => producer.cancel(id)),
      paused: (queue, isPaused) =>
        each((producer) => {
          if (queue === "*" || queue === producer.queue) producer.setPaused(isPaused);
        }),
      resigned: () => this.#leadership?.onResigned(),
      resignRequested: () => this.#leadership?.onResignRequested(),
      caughtUp: () => {
        each((producer) => producer.wake());
        this.#lookAtQueues().catch((error) =>
          this.#settings.onProblem({ what: "queue", error, tries: 0 }),
        );
        this.#watch.wake();
      },
    };
  }
}
