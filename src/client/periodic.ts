import { type CronSchedule, parseCron } from "../cron.ts";
import type { Db } from "../db.ts";
import type { InsertParams } from "../ops/insert.ts";
import { enqueueRuns, type PeriodicRun, ticksOf } from "../ops/periodic.ts";
import type { Micros } from "../time.ts";
import { insertWithin } from "./inserting.ts";
import { checkArgs, paramsOf } from "./job-type.ts";
import { isLasting } from "./lasting.ts";
import { backOffMs } from "./loop.ts";
import type { PeriodicEntry } from "./periodic-entry.ts";
import type { Settings } from "./settings.ts";

/** An entry while this client leads: the last tick that is done, or when it began to count. */
interface Running {
  readonly entry: PeriodicEntry;
  readonly schedule: CronSchedule;
  since: Micros;
  /** When there is something to do again; null if never. */
  next: Micros | null;
  /** Whether it still has to run because the leader began. */
  isStarting: boolean;
  /** How often in a row it could not be done. */
  failures: number;
}

/** A look at least so often, should the clock have been set. */
const LONGEST_WAIT_MS = 60_000;
/** A clock that is further behind the last tick than ticks are enqueued ahead, and than clocks are nudged, was set back. */
const SET_BACK: Micros = 60_000_000n;

/** Inserts periodic jobs while this client leads. A tick is done when its insert was committed, and only then the next one is counted, from that tick. */
export class PeriodicService {
  readonly name = "periodic";
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #onChange: () => void;
  #running: readonly Running[] = [];

  /** The entries must be fit to be run together. `onChange` is told when there may be something to do. */
  constructor(db: Db, settings: Settings, onChange: () => void) {
    this.#db = db;
    this.#settings = settings;
    this.#onChange = onChange;
    for (const entry of settings.periodic) this.add(entry);
  }

  add(entry: PeriodicEntry): void {
    this.#running = [...this.#running, this.#begun(entry)];
    this.#onChange();
  }

  remove(entry: PeriodicEntry): void {
    this.#running = this.#running.filter((other) => other.entry !== entry);
  }

  /** This client leads from now on. */
  begin(): void {
    this.#running = this.#running.map(({ entry }) => this.#begun(entry));
  }

  /** What keeps one entry from its run keeps no other; it is tried again, the sooner the less often it failed. */
  async run(isOver: () => boolean): Promise<number> {
    for (const running of this.#running) {
      if (isOver()) break;
      try {
        await this.#runEntry(running, isOver);
        running.failures = 0;
      } catch (error) {
        running.failures += 1;
        this.#settings.onProblem({ what: this.name, error, tries: running.failures });
      }
    }
    return this.#untilNext();
  }

  #begun(entry: PeriodicEntry): Running {
    const { schedule, runOnStart = false } = entry;
    const parsed = typeof schedule === "string" ? parseCron(schedule) : schedule;
    const since = this.#settings.here();
    return {
      entry,
      schedule: parsed,
      since,
      next: since,
      isStarting: runOnStart,
      failures: 0,
    };
  }

  async #runEntry(running: Running, isOver: () => boolean): Promise<void> {
    const now = this.#settings.here();
    // Else it would not run until the clock is again where it should not have been.
    if (now < running.since - SET_BACK) running.since = now;
    if (running.isStarting) {
      await this.#enqueue(running.entry, running.since);
      running.isStarting = false;
    }
    for (const tick of ticksOf(running.schedule, running.since, now)) {
      if (isOver() || !this.#running.includes(running)) return;
      await this.#enqueue(running.entry, tick);
      running.since = tick;
    }
    running.next = running.schedule.next(running.since);
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
      await checkArgs([request]);
      const made = paramsOf(request, entry.options, this.#settings.defaults);
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
    const waits = this.#running.map(({ next, failures }) => {
      if (failures > 0) return backOffMs(failures);
      return next === null ? LONGEST_WAIT_MS : Number(next - now) / 1000;
    });
    return Math.max(Math.min(LONGEST_WAIT_MS, ...waits), 1);
  }
}
