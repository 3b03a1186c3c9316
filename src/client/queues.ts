import type { Db } from "../db.ts";
import { encodeJson } from "../json.ts";
import { queueGet } from "../ops/queue-get.ts";
import { queueList } from "../ops/queue-list.ts";
import { queuePause } from "../ops/queue-pause.ts";
import { queueResume } from "../ops/queue-resume.ts";
import { queueUpdate } from "../ops/queue-update.ts";
import type { Queue } from "../queue.ts";
import { checkQueue, type QueueConfig, type Settings } from "./options.ts";
import type { Runtime } from "./runtime.ts";

/** The queues of a client: their rows, which all clients share, and which of them this one works. */
export class Queues {
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #runtime: () => Runtime | null;
  #configured: Readonly<Record<string, QueueConfig>>;

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

  /** This client works it too, from now on if it is started. Throws `invalid` for a config that cannot be. */
  async add(name: string, config: QueueConfig): Promise<void> {
    checkQueue(name, config);
    this.#configured = { ...this.#configured, [name]: config };
    await this.#runtime()?.addQueue(name, config);
  }

  /** This client works it no more; resolves when what it works of it has ended. */
  async remove(name: string): Promise<void> {
    const { [name]: _, ...rest } = this.#configured;
    this.#configured = rest;
    await this.#runtime()?.removeQueue(name);
  }
}
