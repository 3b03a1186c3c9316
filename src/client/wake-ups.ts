import type { Db } from "../db.ts";
import type { InsertParams } from "../ops/insert.ts";
import { notifyInsert } from "../ops/notify-insert.ts";

/** After a queue's clients were told of a job they are not told again for so long: notifications make commits wait for each other. */
const QUIET_MS = 10;

/**
 * Whether an insert tells of its jobs itself, or leaves it to one notification at the end of the queue's quiet time, which comes whatever becomes
 * of the insert that was told: none that commits goes untold. Inserts in a caller's transaction tell themselves, as nobody here sees them commit.
 */
export class WakeUps {
  readonly #db: Db;
  readonly #quietUntil = new Map<string, number>();
  readonly #owed = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Runs an insert of its own transaction; `insert` is told whether it shall notify. */
  async around<Result>(
    jobs: readonly InsertParams[],
    insert: (notify: boolean) => Promise<Result>,
  ): Promise<Result> {
    const queues = availableIn(jobs);
    const now = performance.now();
    const loud = queues.filter((queue) => (this.#quietUntil.get(queue) ?? 0) <= now);
    for (const queue of loud) this.#quietUntil.set(queue, now + QUIET_MS);
    const result = await insert(loud.length > 0);
    if (loud.length === 0 && queues.length > 0) this.#owe(queues);
    return result;
  }

  #owe(queues: readonly string[]): void {
    for (const queue of queues) this.#owed.add(queue);
    this.#timer ??= setTimeout(() => void this.#pay(), QUIET_MS);
  }

  async #pay(): Promise<void> {
    this.#timer = null;
    const queues = [...this.#owed];
    this.#owed.clear();
    const until = performance.now() + QUIET_MS;
    for (const queue of queues) this.#quietUntil.set(queue, until);
    try {
      await notifyInsert(this.#db, queues);
    } catch {
      // The database may have been closed since; and the jobs are found by the next poll.
    }
  }
}

/** The queues in which the jobs are available at once. */
function availableIn(jobs: readonly InsertParams[]): readonly string[] {
  const now = jobs.filter(({ pending, scheduledAt }) => !pending && (scheduledAt ?? null) === null);
  return [...new Set(now.map(({ queue = "default" }) => queue))];
}
