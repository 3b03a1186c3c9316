import type { Client } from "./client/client.ts";
import { Events } from "./client/events.ts";
import type { AnyJobType, JobType } from "./client/job-type.ts";
import type { ClientOptions, Problem } from "./client/options.ts";
import { PeriodicService } from "./client/periodic.ts";
import { messageOf } from "./client/reasons.ts";
import { type Settings, settingsOf } from "./client/settings.ts";
import type { Database } from "./db.ts";
import type { Job } from "./job.ts";
import { migrate } from "./migrate.ts";
import { fetch } from "./ops/fetch.ts";
import type { ListParams } from "./ops/list.ts";
import { queueList } from "./ops/queue-list.ts";
import { queueTouch } from "./ops/queue-touch.ts";
import { schedule } from "./ops/schedule.ts";
import { Attempts, type Worked } from "./testing/attempts.ts";
import { TestClient } from "./testing/client.ts";
import { TestClock } from "./testing/clock.ts";
import { openTestDatabase } from "./testing/database.ts";
import { takeOne } from "./testing/take.ts";
import type { Micros } from "./time.ts";

export type { Worked } from "./testing/attempts.ts";
export type { TestClock } from "./testing/clock.ts";

/** What the queue under test stands on. */
export interface TestGround {
  /** A database that no other test uses now; it is migrated, and `close` leaves it open. By default a PGlite in memory. */
  readonly db?: Database;
  /** Where the clock stands at first; by default at this machine's time. */
  readonly now?: Date | Micros;
}

/** Which jobs, and in which order; as `Client.list` has it. */
export type JobSelection = Omit<ListParams, "after" | "limit">;

/** A job with its args, as they were given to `insert`. */
export type InsertedJob<Args> = Job & { readonly args: Args };

/** The most jobs that one statement of the scheduler moves. */
const BATCH = 1_000;
/** The most queues that are looked at for being paused. */
const MOST_QUEUES = 10_000;
/** So many attempts of one `drain` look endless. */
const ENDLESS = 1_000;

const EMPTY = `
truncate river_job, river_queue, river_leader
restart identity`;

/**
 * A queue for tests: its client inserts, and nothing is worked until `work` or `drain` says so, one attempt after another, as a started client
 * would, but by a clock that stands still. Takes the options of your own client. What a client would only log in the background these calls
 * throw, unless there is an `onProblem`.
 */
export async function testQueue(
  options: Omit<ClientOptions, "clock"> = {},
  { db: given, now }: TestGround = {},
): Promise<TestQueue> {
  const clock = new TestClock(now);
  const problems: Problem[] = [];
  const all: ClientOptions = {
    id: "test",
    onProblem: (problem) => void problems.push(problem),
    ...options,
    clock: () => clock.micros,
  };
  const settings = settingsOf(all);
  const db = given ?? (await openTestDatabase());
  const release = given === undefined ? () => db.close() : async () => {};
  try {
    if (given !== undefined) await migrate(db);
    const events = new Events();
    const periodic = new PeriodicService(db, settings, () => {});
    const client = new TestClient(db, all, events, periodic);
    const attempts = new Attempts(db, settings, events);
    await touchQueues(db, client, clock);
    const end = async () => {
      events.close();
      await release();
    };
    return new TestQueue({ db, clock, client, settings, periodic, attempts, problems, end });
  } catch (error) {
    await release();
    throw error;
  }
}

/** As a client that starts says which queues it works. */
async function touchQueues(db: Database, client: Client, clock: TestClock): Promise<void> {
  for (const name of Object.keys(client.queues.configured)) {
    await queueTouch(db, clock.micros, name);
  }
}

type Parts = Readonly<{
  db: Database;
  clock: TestClock;
  client: Client;
  settings: Settings;
  periodic: PeriodicService;
  attempts: Attempts;
  /** Those of which no call has told yet. */
  problems: Problem[];
  end: () => Promise<void>;
}>;

/** What `testQueue` makes. */
export class TestQueue implements AsyncDisposable {
  readonly #parts: Parts;
  #ending: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get client(): Client {
    return this.#parts.client;
  }

  get clock(): TestClock {
    return this.#parts.clock;
  }

  get db(): Database {
    return this.#parts.db;
  }

  /** The jobs there are, of one kind with the type of its args. In whatever state and in the order of their ids, unless the selection says otherwise. */
  insertedJobs<Input, Output>(
    type: JobType<Input, Output>,
    selection?: JobSelection,
  ): Promise<readonly InsertedJob<Input>[]>;
  insertedJobs(selection?: JobSelection): Promise<readonly InsertedJob<unknown>[]>;
  async insertedJobs(
    asked: JobSelection | AnyJobType = {},
    more: JobSelection = {},
  ): Promise<readonly InsertedJob<unknown>[]> {
    const selection = typeof asked === "function" ? { ...more, kinds: [asked.kind] } : asked;
    const found: InsertedJob<unknown>[] = [];
    for await (const job of this.client.listAll(selection)) {
      found.push({ ...job, args: JSON.parse(job.argsText) });
    }
    return found;
  }

  /** Inserts what periodic jobs are due by the clock, as the leader does. `drain` does it too. */
  async runPeriodic(): Promise<void> {
    await this.#parts.periodic.run(() => false);
    this.#complain();
  }

  /**
   * Works one job and no other, whether or not its queue is paused. It must be due, or `invalid` is thrown; before that, whatever has come due by
   * the clock is made available, as the scheduler does.
   */
  async work(job: bigint | { readonly id: bigint }): Promise<Worked> {
    const { attempts, clock, settings, db } = this.#parts;
    const id = typeof job === "bigint" ? job : job.id;
    await this.#schedule();
    const worked = await attempts.listening(async () =>
      attempts.work(await takeOne(db, clock.micros, id, settings.id)),
    );
    this.#complain();
    return worked;
  }

  /**
   * Works all that is due by the clock, with periodic jobs and what handlers insert, until nothing is; answers what was worked, in that order:
   * queue after queue, in each by priority, time and id. Queues are those of the options, or all if these name none; a paused one is left out.
   * Throws after more than `limit` attempts, 1,000 by default, as they might never end.
   */
  async drain({ limit = ENDLESS }: { readonly limit?: number } = {}): Promise<readonly Worked[]> {
    const worked: Worked[] = [];
    await this.#parts.attempts.listening(async () => {
      let before: number;
      do {
        before = worked.length;
        await this.runPeriodic();
        await this.#schedule();
        for (const queue of await this.#queues()) await this.#drainQueue(queue, worked, limit);
      } while (worked.length > before);
    });
    return worked;
  }

  /** Empties the tables for another test: ids begin at 1, periodic jobs anew. The clock stays where it is. */
  async reset(): Promise<void> {
    const { db, client, clock, periodic } = this.#parts;
    await db.query(EMPTY, []);
    periodic.begin();
    await touchQueues(db, client, clock);
  }

  /** May be called again. */
  close(): Promise<void> {
    this.#ending ??= this.#parts.end();
    return this.#ending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #schedule(): Promise<void> {
    const move = () => schedule(this.db, this.clock.micros, { horizon: null, limit: BATCH });
    while ((await move()).length === BATCH);
  }

  async #queues(): Promise<readonly string[]> {
    const rows = await queueList(this.db, MOST_QUEUES);
    const paused = new Set(
      rows.filter(({ pausedAt }) => pausedAt !== null).map(({ name }) => name),
    );
    const own = Object.keys(this.client.queues.configured);
    const names = own.length > 0 ? own : await this.#queuesWithJobs();
    return names.filter((name) => !paused.has(name));
  }

  async #queuesWithJobs(): Promise<readonly string[]> {
    const names = new Set<string>();
    const available = this.client.listAll({ states: ["available"], orderBy: "scheduled_at" });
    for await (const { queue, scheduledAt } of available) {
      if (scheduledAt > this.clock.micros) break;
      names.add(queue);
    }
    return [...names];
  }

  async #drainQueue(queue: string, worked: Worked[], limit: number): Promise<void> {
    const { attempts, clock, settings, db } = this.#parts;
    for (;;) {
      const [job] = await fetch(db, clock.micros, { queue, limit: 1, client: settings.id });
      if (job === undefined) return;
      const last = await attempts.work(job);
      worked.push(last);
      this.#complain();
      if (worked.length > limit) throw endless(limit, last);
    }
  }

  #complain(): void {
    const [problem] = this.#parts.problems.splice(0);
    if (problem === undefined) return;
    const { what, error } = problem;
    throw new Error(`${what} must not fail, but did: ${messageOf(error)}`, { cause: error });
  }
}

function endless(limit: number, { job, outcome }: Worked): Error {
  return new Error(
    `drain must come to an end within ${limit} attempts, but has not: the last was attempt ${job.attempt} of job ${job.id} (${job.kind}), which ended by ${outcome.kind} and left it ${job.state}. Find what makes jobs due again at once, or raise limit.`,
  );
}
