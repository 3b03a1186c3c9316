import { type CronSchedule, parseCron } from "../cron.ts";
import type { Db } from "../db.ts";
import { RIVER_INDEXES, reindex } from "../ops/reindex.ts";
import type { Micros } from "../time.ts";
import type { ReindexOptions } from "./options.ts";
import type { Settings } from "./settings.ts";

const LONGEST_WAIT_MS = 3_600_000;

/** Rebuilds indexes against bloat, by a schedule that is counted from when this client began to lead. */
export class Reindexer {
  readonly name = "reindexer";
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #schedule: CronSchedule;
  readonly #indexes: readonly string[];
  #next: Micros | null = null;

  constructor(db: Db, settings: Settings, options: ReindexOptions) {
    this.#db = db;
    this.#settings = settings;
    this.#schedule = parseCron(options.schedule ?? "@midnight");
    this.#indexes = options.indexes ?? RIVER_INDEXES;
  }

  /** This client leads from now on. */
  begin(): void {
    this.#next = this.#schedule.next(this.#settings.here());
  }

  async run(isOver: () => boolean): Promise<number> {
    const { here } = this.#settings;
    if (this.#next !== null && this.#next <= here()) {
      this.#next = this.#schedule.next(here());
      for (const index of this.#indexes) {
        if (isOver()) break;
        await this.#rebuild(index);
      }
    }
    const waitMs =
      this.#next === null ? LONGEST_WAIT_MS : Math.max(Number(this.#next - here()) / 1000, 1);
    return Math.min(waitMs, LONGEST_WAIT_MS);
  }

  /** One that fails must not keep the others from it. */
  async #rebuild(index: string): Promise<void> {
    try {
      await reindex(this.#db, index);
    } catch (error) {
      this.#settings.onProblem({ what: `reindex of ${index}`, error, tries: 0 });
    }
  }
}
