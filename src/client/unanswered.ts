import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { list } from "../ops/list.ts";
import type { Micros } from "../time.ts";

/** The most jobs of one look. */
const CHUNK = 1_000;
/** How long after a failure an answer may have been on its way, and how often to look meanwhile. */
const DOUBT_MS = 60_000;
const AGAIN_MS = 5_000;

/**
 * Jobs that the database gave a client though the answer never came: they run by its name, but nobody works them. After a fetch that failed they are
 * looked for, at once and for a minute more, as a statement can outlive its connection.
 */
export class Unanswered {
  readonly #db: Db;
  readonly #queue: string;
  readonly #client: string;
  #since: Micros | null = null;
  #doubtUntil = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(db: Db, queue: string, client: string) {
    this.#db = db;
    this.#queue = queue;
    this.#client = client;
  }

  /** The client works from this instant of the database on: what another of its name had fetched before is for the rescuer. */
  begin(since: Micros): void {
    this.#since ??= since;
  }

  /** A fetch failed. */
  doubt(): void {
    this.#doubtUntil = performance.now() + DOUBT_MS;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  /** Whether there may be such jobs, and it is time to look for them. */
  get isDue(): boolean {
    const now = performance.now();
    return now < this.#doubtUntil && now >= this.#lookedAt + AGAIN_MS;
  }

  /** Such jobs; `known` are those that this client knew of before the look. No fetch may be under way. */
  async find(known: ReadonlySet<bigint>): Promise<readonly Job[]> {
    const found: Job[] = [];
    const params = { queues: [this.#queue], states: ["running"], limit: CHUNK } as const;
    for (let after: string | null = null; ; ) {
      const { jobs, cursor }: Awaited<ReturnType<typeof list>> = await list(this.#db, {
        ...params,
        after,
      });
      found.push(...jobs.filter((job) => this.#isOurs(job) && !known.has(job.id)));
      if (jobs.length < CHUNK) break;
      after = cursor;
    }
    this.#lookedAt = performance.now();
    return found;
  }

  #isOurs({ attemptedBy, attemptedAt }: Job): boolean {
    const since = this.#since;
    return (
      attemptedBy.at(-1) === this.#client &&
      since !== null &&
      attemptedAt !== null &&
      attemptedAt >= since
    );
  }
}
