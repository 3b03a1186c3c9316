import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { encodeJson } from "../json.ts";
import { queueGet } from "../ops/queue-get.ts";
import { queueList } from "../ops/queue-list.ts";
import { queuePause } from "../ops/queue-pause.ts";
import { queueResume } from "../ops/queue-resume.ts";
import { queueUpdate } from "../ops/queue-update.ts";
import type { Queue } from "../queue.ts";
import type { QueueConfig } from "./options.ts";
import type { Runtime } from "./runtime.ts";
import { checkQueue, type Settings } from "./settings.ts";

/** The queues of a client: their rows, which all clients share, and which of them this one works. */
export class Queues {
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #runtime: () => Runtime | null;
  #configured: Readonly<Record<string, QueueConfig>>;
  /** What is being removed, or is being added. */
  readonly #changing = new Map<string, Promise<void>>();

  constructor(db: Db, settings: Settings, runtime: () => Runtime | null) {
    this.#db = db;
    this.#settings = settings;
    this.#runtime = runtime;
    this.#configured = settings.queues;
  }

  /** What this client works when it is started. */
  get configured(): Readonly<Record<string, QueueConfig>> {
    return this.#configured;
  }

  /** Throws `not_found` where no client has worked it lately. */
  get(name: string, { tx = this.#db }: { readonly tx?: Db } = {}): Promise<Queue> {
    return queueGet(tx, name);
  }

  /** By name, 100 at most by default. */
  list({
    limit = 100,
    tx = this.#db,
  }: {
    readonly limit?: number;
    readonly tx?: Db;
  } = {}): Promise<readonly Queue[]> {
    return queueList(tx, limit);
  }

  /** No client fetches from it any more; `*` is all queues. Throws `not_found` for a name that has no row. */
  pause(name: string, { tx = this.#db }: { readonly tx?: Db } = {}): Promise<void> {
    return queuePause(tx, this.#settings.now(), name);
  }

  /** Ends a pause; `*` is all queues. Throws `not_found` for a name that has no row. */
  resume(name: string, { tx = this.#db }: { readonly tx?: Db } = {}): Promise<void> {
    return queueResume(tx, this.#settings.now(), name);
  }

  /** Replaces its metadata, JSON data. Throws `not_found` for a name that has no row. */
  update(
    name: string,
    { metadata }: { readonly metadata: Readonly<Record<string, unknown>> },
    { tx = this.#db }: { readonly tx?: Db } = {},
  ): Promise<Queue> {
    return queueUpdate(tx, this.#settings.now(), name, {
      metadata: encodeJson(metadata, "metadata"),
    });
  }

  /**
   * This client works it too, from now on if it is started; one that is being removed, when that is done. Throws `invalid` for a config that
   * cannot be, or a queue that it works already, and what the database says: then it is not added.
   */
  async add(name: string, config: QueueConfig): Promise<void> {
    checkQueue(name, config);
    if (Object.hasOwn(this.#configured, name)) {
      throw new QueueError(
        "invalid",
        `queue must not be added twice, but ${name} is. Remove it first.`,
        { field: "name" },
      );
    }
    this.#configured = { ...this.#configured, [name]: config };
    try {
      await this.#change(name, async () => {
        await this.#runtime()?.addQueue(name, config);
      });
    } catch (error) {
      this.#forget(name);
      throw error;
    }
  }

  /** This client works it no more; resolves when what it works of it has ended. */
  async remove(name: string): Promise<void> {
    this.#forget(name);
    await this.#change(name, async () => {
      await this.#runtime()?.removeQueue(name);
    });
  }

  #forget(name: string): void {
    const { [name]: _, ...rest } = this.#configured;
    this.#configured = rest;
  }

  /** One change of a queue at a time. */
  async #change(name: string, change: () => Promise<void>): Promise<void> {
    const before = this.#changing.get(name) ?? Promise.resolve();
    const now = before.catch(() => {}).then(change);
    this.#changing.set(name, now);
    try {
      await now;
    } finally {
      if (this.#changing.get(name) === now) this.#changing.delete(name);
    }
  }
}
