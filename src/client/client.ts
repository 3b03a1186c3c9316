import type { Database, Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import type { Job } from "../job.ts";
import { type MigrateOptions, type MigrationResult, migrate } from "../migrate.ts";
import { cancel } from "../ops/cancel.ts";
import { deleteJob } from "../ops/delete.ts";
import { type DeleteManyParams, deleteMany } from "../ops/delete-many.ts";
import { get } from "../ops/get.ts";
import { type InsertResult, insert } from "../ops/insert.ts";
import { type ListParams, type ListResult, list } from "../ops/list.ts";
import { requestResign } from "../ops/request-resign.ts";
import { retry } from "../ops/retry.ts";
import { update } from "../ops/update.ts";
import { type EventKind, type EventOf, type EventStream, Events } from "./events.ts";
import { insertWithin } from "./inserting.ts";
import { checkArgs, type JobOptions, type JobRequest, paramsOf } from "./job-type.ts";
import type { ClientOptions } from "./options.ts";
import type { PeriodicEntry } from "./periodic-entry.ts";
import { Queues } from "./queues.ts";
import { Runtime } from "./runtime.ts";
import { checkPeriodic, type Settings, settingsOf } from "./settings.ts";
import { onSignals, type StopSignal } from "./signals.ts";
import { WakeUps } from "./wake-ups.ts";

/** Where a call takes place. */
export interface CallOptions {
  /**
   * The caller's open transaction: what the call does is committed or rolled back with it, and any error of the database has ended it. At `repeatable
   * read` or `serializable` that can be SQLSTATE 40001, also where a unique key was taken since the transaction began: run all of it again.
   */
  readonly tx?: Db;
}

/** A client that works. `await using` stops it softly at the end of the block. */
export interface Running extends AsyncDisposable {
  /** Whether this client believes that it leads. */
  readonly isLeader: boolean;
  /** Fetches no more and resolves when what runs has ended and is written; `hard` fires the signals of what runs. May be called again. */
  stop(options?: { readonly hard?: boolean }): Promise<void>;
  /** Resolves when it has stopped, for whatever reason. */
  readonly stopped: Promise<void>;
}

/** How to start. */
export interface StartOptions {
  /** On the first of these it stops softly, on the second hard. `["SIGTERM"]` by default; none in a process whose owner handles them. */
  readonly signals?: readonly StopSignal[];
}

/**
 * A queue's client: inserts and controls jobs, and works them from `start` on. Calls throw `QueueError` for what breaks a rule; what the database
 * says passes as the driver throws it.
 */
export class Client {
  readonly id: string;
  readonly queues: Queues;
  readonly #db: Db & Partial<Database>;
  readonly #settings: Settings;
  readonly #events: Events;
  readonly #wakeUps: WakeUps;
  #runtime: Runtime | null = null;
  #periodic: readonly PeriodicEntry[];

  /**
   * `db` may be anything with `query`; without `begin` it cannot migrate, and without `listen` it polls. Throws `invalid` for options that cannot be.
   * `events` is who tells, where others tell too.
   */
  constructor(db: Db & Partial<Database>, options: ClientOptions = {}, events = new Events()) {
    this.#db = db;
    this.#events = events;
    this.#settings = settingsOf(options);
    this.#wakeUps = new WakeUps(db);
    this.#periodic = this.#settings.periodic;
    this.id = this.#settings.id;
    this.queues = new Queues(db, this.#settings, () => this.#runtime);
  }

  /** Brings River's tables up to date, or as the options say. */
  migrate(options?: MigrateOptions): Promise<MigrationResult> {
    if (this.#db.begin !== undefined) return migrate(this.#db as Database, options);
    throw new QueueError(
      "invalid",
      "database must have begin to be migrated, but has none. Use postgres() or pglite().",
    );
  }

  /** Inserts a job, or finds the one that holds its unique key. */
  async insert(request: JobRequest, options: JobOptions & CallOptions = {}): Promise<InsertResult> {
    const { tx, ...own } = options;
    const [result] = await this.insertMany([[request, own]], tx === undefined ? {} : { tx });
    if (result === undefined) throw new Error("Middleware must answer with a result for each job.");
    return result;
  }

  /** Inserts jobs in one statement, all or none; answers in their order. */
  insertMany(
    requests: readonly (JobRequest | readonly [JobRequest, JobOptions])[],
    { tx }: CallOptions = {},
  ): Promise<readonly InsertResult[]> {
    return this.#insert(requests, tx, true);
  }

  /** As `insertMany`, in three quarters of the time for many jobs, as it says nothing of them. */
  async insertManyFast(
    requests: readonly (JobRequest | readonly [JobRequest, JobOptions])[],
    { tx }: CallOptions = {},
  ): Promise<void> {
    await this.#insert(requests, tx, false);
  }

  async #insert(
    requests: readonly (JobRequest | readonly [JobRequest, JobOptions])[],
    tx: Db | undefined,
    answer: boolean,
  ): Promise<readonly InsertResult[]> {
    const { defaults, now } = this.#settings;
    await checkArgs(requests.map((each) => (isPair(each) ? each[0] : each)));
    const jobs = requests.map((each) =>
      isPair(each) ? paramsOf(each[0], each[1], defaults) : paramsOf(each, undefined, defaults),
    );
    return insertWithin(this.#settings, jobs, (asked) => {
      if (tx !== undefined) return insert(tx, now(), asked, { answer });
      return this.#wakeUps.around(asked, (notify) =>
        insert(this.#db, now(), asked, { notify, answer }),
      );
    });
  }

  /** Throws `not_found` if there is none. */
  get(id: bigint, { tx = this.#db }: CallOptions = {}): Promise<Job> {
    return get(tx, id);
  }

  /** A page of jobs. */
  list(params?: ListParams, { tx = this.#db }: CallOptions = {}): Promise<ListResult> {
    return list(tx, params);
  }

  /** Every job that fits, page after page, `limit` at a time. */
  async *listAll(params: Omit<ListParams, "after"> = {}): AsyncGenerator<Job, void> {
    for (let after: string | null = null; ; ) {
      const { jobs, cursor }: ListResult = await list(this.#db, { ...params, after });
      yield* jobs;
      if (cursor === null) return;
      after = cursor;
    }
  }

  /** Ends a job that does not run, and fires the signal of one that does, wherever it does. */
  cancel(id: bigint, { tx = this.#db }: CallOptions = {}): Promise<Job> {
    return cancel(tx, this.#settings.now(), id);
  }

  /** Makes a job available at once, also one that had ended. */
  retry(id: bigint, { tx = this.#db }: CallOptions = {}): Promise<Job> {
    return retry(tx, this.#settings.now(), id);
  }

  /** Deletes a job that does not run, and returns it. */
  delete(id: bigint, { tx = this.#db }: CallOptions = {}): Promise<Job> {
    return deleteJob(tx, id);
  }

  /** Deletes jobs that do not run, and returns them. */
  deleteMany(
    params: DeleteManyParams,
    { tx = this.#db }: CallOptions = {},
  ): Promise<readonly Job[]> {
    return deleteMany(tx, params);
  }

  /** Writes a job's output, JSON data, in place of an earlier one. */
  update(
    id: bigint,
    params: { readonly output: unknown },
    { tx = this.#db }: CallOptions = {},
  ): Promise<Job> {
    return update(tx, id, params);
  }

  /** Asks whoever leads to resign. */
  requestResign({ tx = this.#db }: CallOptions = {}): Promise<void> {
    return requestResign(tx);
  }

  /** What this client does from now on, of these kinds; of all if none is named. Ends when the client has stopped, or by `break`. */
  events<K extends EventKind = EventKind>(...kinds: readonly K[]): EventStream<EventOf<K>> {
    return this.#events.open(kinds);
  }

  /** Adds a periodic job, also while this client leads. Throws `invalid` for a schedule that cannot be read, or an id that another entry has. */
  addPeriodic(entry: PeriodicEntry): void {
    const entries = [...this.#periodic, entry];
    checkPeriodic(this.#settings, entries);
    this.#periodic = entries;
    this.#runtime?.services.periodic.add(entry);
  }

  /** Whether there was such an entry. Its id is free again. */
  removePeriodic(entry: PeriodicEntry): boolean {
    const { length } = this.#periodic;
    this.#periodic = this.#periodic.filter((other) => other !== entry);
    this.#runtime?.services.periodic.remove(entry);
    return this.#periodic.length < length;
  }

  /** Begins to work. Rejects where the database cannot be used, and then nothing runs; throws `invalid` where it works already. */
  async start({ signals = ["SIGTERM"] }: StartOptions = {}): Promise<Running> {
    if (this.#runtime !== null) {
      throw new QueueError("invalid", "client must not be started twice, but is. Stop it first.");
    }
    const settings = {
      ...this.#settings,
      periodic: this.#periodic,
      queues: this.queues.configured,
    };
    const runtime = new Runtime(this.#db, settings, this.#events);
    this.#runtime = runtime;
    try {
      await runtime.start();
    } catch (error) {
      this.#runtime = null;
      throw error;
    }
    let end: () => void = () => {};
    const stopped = new Promise<void>((resolve) => {
      end = resolve;
    });
    const release = onSignals(signals, (nth) => void stop(nth > 1));
    const stop = async (isHard: boolean) => {
      await runtime.stop(isHard);
      if (this.#runtime === runtime) {
        this.#runtime = null;
        this.#events.close();
      }
      end();
      release();
    };
    return {
      get isLeader() {
        return runtime.isLeader;
      },
      stop: ({ hard = false } = {}) => stop(hard),
      stopped,
      [Symbol.asyncDispose]: () => stop(false),
    };
  }
}

const isPair = (
  each: JobRequest | readonly [JobRequest, JobOptions],
): each is readonly [JobRequest, JobOptions] => Array.isArray(each);
