import type { Database, Db } from "../db.ts";
import { queueList } from "../ops/queue-list.ts";
import type { Shop } from "./attempts.ts";
import { Completer } from "./completer.ts";
import type { Events } from "./events.ts";
import { Leadership } from "./leadership.ts";
import { Loop } from "./loop.ts";
import { type Heard, Notifier } from "./notifier.ts";
import type { QueueConfig } from "./options.ts";
import { Producer } from "./producer.ts";
import { StopError } from "./reasons.ts";
import { Services } from "./services.ts";
import type { Settings } from "./settings.ts";
import { Timer } from "./timer.ts";
import { watchRows } from "./watch.ts";

/** How often rows are looked at for what a notification should have told: by a client that listens, and by one that only polls. */
const WATCH_MS = 10_000;
const WATCH_POLLING_MS = 2_000;
/** So many results may wait for each worker of all queues: one that is busy must not keep a small one from its jobs. */
const WAITING_PER_WORKER = 3;
/** Attempts that have just begun are not looked at: a look takes as long as most of them. */
const YOUNG_MS = 500;
/** When a hard stop gives up, what is under way in the database has so long to end. */
const LAST_MS = 2_500;

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
    const mostWaiting = () => WAITING_PER_WORKER * this.#countWorkers();
    this.#shop = { db, settings, events, completer, workers, mostWaiting };
    this.services = new Services(db, settings);
    this.#leadership = settings.mayLead ? new Leadership(db, settings, this.services) : null;
    this.#watch = new Loop(
      () => this.#look(),
      (error, tries) => settings.onProblem({ what: "watch", error, tries }),
    );
  }

  /** Rejects, with nothing left behind, where the database cannot be used. */
  async start(): Promise<void> {
    const { pollOnly, queues, onProblem } = this.#settings;
    try {
      // A client without queues asks for nothing else at first.
      if (Object.keys(queues).length === 0) await queueList(this.#db, 1);
      const listening = pollOnly ? null : Notifier.open(this.#db, this.#heard(), onProblem);
      const adding = Object.entries(queues).map(([name, config]) =>
        this.addQueue(name, config, listening),
      );
      const [listened, ...added] = await Promise.allSettled([listening, ...adding]);
      if (listened.status === "fulfilled") this.#notifier = listened.value;
      const failed = [listened, ...added].find(({ status }) => status === "rejected");
      if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
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

  /** Rejects, and then does not work it, where the database does not let it, or `listening` rejects. */
  async addQueue(
    name: string,
    config: QueueConfig,
    listening: Promise<unknown> | null = null,
  ): Promise<void> {
    if (this.#ending !== null) return;
    const producer = new Producer(this.#shop, name, config);
    this.#producers.set(name, producer);
    try {
      await producer.start(listening);
    } catch (error) {
      await producer.stop();
      this.#producers.delete(name);
      throw error;
    }
  }

  /** Resolves when its attempts have ended. */
  async removeQueue(name: string): Promise<void> {
    await this.#producers.get(name)?.stop();
    this.#producers.delete(name);
  }

  /**
   * Fetches no more, lets attempts end, writes their results, resigns. `isHard` fires their signals, and in the end gives back what has not
   * ended; a soft stop under way becomes a hard one. Never rejects.
   */
  stop(isHard: boolean): Promise<void> {
    this.#ending ??= this.#stop();
    if (isHard) this.#goHard();
    return this.#ending;
  }

  async #stop(): Promise<void> {
    const { softStopMs, hardStopMs } = this.#settings;
    const timer = new Timer();
    const givenUp = new Promise<void>((resolve) => {
      this.#goHard = () => {
        if (this.#isHard) return;
        this.#isHard = true;
        for (const producer of this.#producers.values()) producer.abort(new StopError());
        timer.start(hardStopMs, () => {
          for (const producer of this.#producers.values()) producer.abandon();
          this.#shop.completer.giveUp();
          timer.start(LAST_MS, resolve);
        });
      };
    });
    if (softStopMs >= 0) timer.start(softStopMs, this.#goHard);
    const producing = [...this.#producers.values()].map((producer) => producer.stop());
    // Others can lead while attempts end here, however long that takes.
    const resigning = this.#leadership?.stop();
    const end = async () => {
      await Promise.all(producing);
      this.#complainOf(await this.#shop.completer.drain());
      await Promise.all([this.#watch.stop(), resigning, this.#notifier?.close()]);
    };
    await Promise.race([end(), givenUp]);
    timer.clear();
  }

  #complainOf(lost: number): void {
    if (lost === 0) return;
    const error = new Error(
      `${lost} results must be written, but could not be. Their jobs will be rescued.`,
    );
    this.#settings.onProblem({ what: "stop", error, tries: 0 });
  }

  #countWorkers(): number {
    let count = 0;
    for (const { maxWorkers } of this.#producers.values()) count += maxWorkers;
    return count;
  }

  get #watchMs(): number {
    return this.#notifier === null ? WATCH_POLLING_MS : WATCH_MS;
  }

  async #look(): Promise<number> {
    const before = performance.now() - YOUNG_MS;
    const attempts = [...this.#producers.values()].flatMap((producer) => [...producer.attempts]);
    await watchRows(
      this.#db,
      attempts.filter(({ since }) => since < before),
    );
    if (this.#notifier === null) await this.#lookAtQueues();
    return this.#watchMs;
  }

  async #lookAtQueues(): Promise<void> {
    for (const producer of this.#producers.values()) await producer.look();
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
          if (queue === "*" || queue === producer.queue) producer.noticePaused(isPaused);
        }),
      resigned: (leader) => this.#leadership?.onResigned(leader),
      resignRequested: () => this.#leadership?.onResignRequested(),
      caughtUp: () => this.#catchUp(),
    };
  }

  /** Nothing was heard for a while. */
  #catchUp(): void {
    for (const producer of this.#producers.values()) producer.wake();
    this.#watch.wake();
    this.#leadership?.onResigned(null);
    this.#lookAtQueues().catch((error) =>
      this.#settings.onProblem({ what: "queue", error, tries: 0 }),
    );
  }
}
