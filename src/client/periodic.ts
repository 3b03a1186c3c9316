import { type CronSchedule, parseCron } from "../cron.ts";
import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import type { InsertParams } from "../ops/insert.ts";
import { enqueueRuns, type PeriodicRun, ticksOf } from "../ops/periodic.ts";
import type { Micros } from "../time.ts";
import { insertWithin } from "./inserting.ts";
import { paramsOf } from "./job-type.ts";
import { isLasting } from "./lasting.ts";
import type { Settings } from "./options.ts";
import type { PeriodicEntry } from "./periodic-entry.ts";

/** An entry while this client leads: the last tick that is done, or when it began to count. */
interface Running {
  readonly entry: PeriodicEntry;
  readonly schedule: CronSchedule;
  since: Micros;
  /** Whether it still has to run because the leader began. */
  isStarting: boolean;
}

/** A look at least so often, should the clock have been set. */
const LONGEST_WAIT_MS = 60_000;

/** Inserts periodic jobs while this client leads. A tick is done when its insert was committed, and only then the next one is counted, from that tick. */
export class PeriodicService {
  readonly name = "periodic";
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #onChange: () => void;
  #entries: readonly PeriodicEntry[] = [];
  #running: Running[] = [];

  /** Throws `invalid` for a schedule that cannot be read, or an id that two entries have. `onChange` is told when there may be something to do. */
  constructor(db: Db, settings: Settings, onChange: () => void) {
    this.#db = db;
    this.#settings = settings;
    this.#onChange = onChange;
    for (const entry of settings.periodic) this.add(entry);
  }

  add(entry: PeriodicEntry): void {
    const { id } = entry;
    if (id !== undefined && this.#entries.some((other) => other.id === id)) {
      throw new QueueError(
        "invalid",
        `periodic id must be one entry's only, but ${id} is another's.`,
        {
          field: "id",
        },
      );
    }
    const running = this.#begun(entry);
    this.#entries = [...this.#entries, entry];
    this.#running.push(running);
    this.#onChange();
  }

  /** Whether there was such an entry. Its id is free again. */
  remove(entry: PeriodicEntry): boolean {
    const { length } = this.#entries;
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#running = this.#running.filter((other) => other.entry !== entry);
    return this.#entries.length < length;
  }

  /** This client leads from now on. */
  begin(): void {
    this.#running = this.#entries.map((entry) => this.#begun(entry));
  }

  async run(isOver: () => boolean): Promise<number> {
    for (const running of [...this.#running]) {
      await this.#runEntry(running, isOver);
      if (isOver()) break;
    }
    return this.#untilNext();
  }

  #begun(entry: PeriodicEntry): Running {
    const { schedule, runOnStart = false } = entry;
    const parsed = typeof schedule === "string" ? parseCron(schedule) : schedule;
    return { entry, schedule: parsed, since: this.#settings.here(), isStarting: runOnStart };
  }

  async #runEntry(running: Running, isOver: () => boolean): Promise<void> {
    if (running.isStarting) {
      await this.#enqueue(running.entry, running.since);
      running.isStarting = false;
    }
    for (const tick of ticksOf(running.schedule, running.since, this.#settings.here())) {
      if (isOver()) return;
      await this.#enqueue(running.entry, tick);
      running.since = tick;
    }
  }

  /** Throws only what may pass, so that the tick is tried again; a job that cannot be inserted is told and passed over. */
  async #enqueue(entry: PeriodicEntry, tick: Micros): Promise<void> {
    const job = await this.#construct(entry, tick);
    if (job === null) return;
    try {
      await insertWithin(this.#settings, [job], (jobs) => this.#insert(jobs, tick, entry.id));
    } catch (error) {
      if (!isLasting(error)) throw error;
      this.#complain(entry, error);
    }
  }

  async #construct(entry: PeriodicEntry, tick: Micros): Promise<PeriodicRun["job"] | null> {
    try {
      const request = entry.job(new Date(Number(tick / 1000n)));
      if (request === null) return null;
      const made = await paramsOf(request, [entry.options ?? {}, this.#settings.defaults]);
      const { scheduledAt: _, pending: __, ...job } = made;
      return job;
    } catch (error) {
      this.#complain(entry, error);
      return null;
    }
  }

  #insert(jobs: readonly InsertParams[], tick: Micros, id: string | undefined) {
    const runs = jobs.map((job) => ({ tick, id, job }));
    return enqueueRuns(this.#db, this.#settings.here(), runs);
  }

  #complain({ id = "" }: PeriodicEntry, error: unknown): void {
    this.#settings.onProblem({ what: `periodic job ${id}`.trim(), error, tries: 0 });
  }

  #untilNext(): number {
    const now = this.#settings.here();
    const waits = this.#running.flatMap(({ schedule, since }) => {
      const next = schedule.next(since);
      return next === null ? [] : [Number(next - now) / 1000];
    });
    return Math.max(Math.min(LONGEST_WAIT_MS, ...waits), 1);
  }
}
