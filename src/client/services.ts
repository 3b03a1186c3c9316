import type { Db } from "../db.ts";
import { clean } from "../ops/clean.ts";
import { cleanQueues } from "../ops/clean-queues.ts";
import { rescue } from "../ops/rescue.ts";
import { schedule } from "../ops/schedule.ts";
import type { Micros } from "../time.ts";
import { microsOf } from "./job-type.ts";
import type { Duties } from "./leadership.ts";
import { Loop } from "./loop.ts";
import { PeriodicService } from "./periodic.ts";
import { Reindexer } from "./reindexer.ts";
import type { Settings } from "./settings.ts";

/** One thing that a leader does now and then. */
interface Service {
  readonly name: string;
  /** Whether it can wait a moment when a client begins to lead. */
  readonly canWait?: boolean;
  /** This client leads from now on. */
  begin?(): void;
  /** Does it once, or until it is over; answers in how many milliseconds it wants to do it again. */
  run(isOver: () => boolean): Promise<number>;
}

type IsOver = () => boolean;

/** So often the services run, as River's do. */
const SCHEDULE_MS = 5_000;
const RESCUE_MS = 30_000;
const CLEAN_MS = 30_000;
const CLEAN_QUEUES_MS = 60 * 60_000;
/** The longest that one waits which can, as the client itself may have just begun, with jobs to fetch. River's services all wait, up to a second. */
const STAGGER_MS = 250;
/** A queue that nobody touched for a day is forgotten. */
const QUEUE_RETENTION_MS = 24 * 60 * 60_000;

/** For a service that has ended; it is stopped before. */
const LONGEST_MS = 60_000;

/** The most rows of one statement, so that none is long. */
const SCHEDULE_BATCH = 10_000;
const BATCH = 1_000;

/** What the leader does: schedules, rescues, cleans, enqueues periodic jobs, rebuilds indexes. */
export class Services implements Duties {
  readonly #settings: Settings;
  readonly periodic: PeriodicService;
  readonly #services: readonly Service[];
  #loops: ReadonlyMap<Service, Loop> = new Map();
  #end = () => {};

  constructor(db: Db, settings: Settings) {
    this.#settings = settings;
    this.periodic = new PeriodicService(db, settings, () => this.#loops.get(this.periodic)?.wake());
    this.#services = [
      { name: "scheduler", run: (isOver) => runScheduler(db, settings, isOver) },
      { name: "rescuer", canWait: true, run: (isOver) => runRescuer(db, settings, isOver) },
      { name: "cleaner", canWait: true, run: (isOver) => runCleaner(db, settings, isOver) },
      {
        name: "queue cleaner",
        canWait: true,
        run: (isOver) => runQueueCleaner(db, settings, isOver),
      },
      this.periodic,
      ...(settings.reindex === null ? [] : [new Reindexer(db, settings, settings.reindex)]),
    ];
  }

  async start(isLeading: () => boolean): Promise<void> {
    const { onProblem } = this.#settings;
    for (const service of this.#services) service.begin?.();
    let hasEnded = false;
    this.#end = () => {
      hasEnded = true;
    };
    const isOver = () => hasEnded || !isLeading();
    const loopOf = (service: Service) =>
      new Loop(
        // A timer that is late, in a process that was busy or asleep, must not do what another leader does by now.
        async () => (isOver() ? LONGEST_MS : service.run(isOver)),
        (error, tries) => onProblem({ what: service.name, error, tries }),
      );
    this.#loops = new Map(this.#services.map((service) => [service, loopOf(service)]));
    for (const [{ canWait }, loop] of this.#loops) {
      loop.start(canWait ? Math.random() * STAGGER_MS : 0);
    }
  }

  /** Does not wait for an index that is being rebuilt, as that can take hours and may go on beside another leader. */
  async stop(): Promise<void> {
    const loops = this.#loops;
    this.#loops = new Map();
    this.#end();
    const ends = [...loops].map(([{ name }, loop]) => [name, loop.stop()] as const);
    await Promise.all(ends.flatMap(([name, end]) => (name === "reindexer" ? [] : [end])));
  }
}

/** Looks ahead to its next run; a fetch still waits for each job's own time. */
async function runScheduler(db: Db, { now, here }: Settings, isOver: IsOver): Promise<number> {
  const runAgain = async () => {
    const horizon = here() + microsOf(SCHEDULE_MS, "horizon");
    return (await schedule(db, now(), { horizon, limit: SCHEDULE_BATCH })).length;
  };
  while ((await runAgain()) === SCHEDULE_BATCH && !isOver());
  return SCHEDULE_MS;
}

async function runRescuer(db: Db, settings: Settings, isOver: IsOver): Promise<number> {
  const { workers, jobTimeoutMs, rescueAfterMs, now } = settings;
  const own = workers.flatMap(({ type, timeoutMs }) =>
    timeoutMs === undefined ? [] : [[type.kind, retention(timeoutMs)] as const],
  );
  const params = {
    after: microsOf(rescueAfterMs, "rescueAfterMs"),
    timeouts: Object.fromEntries(own),
    timeout: retention(jobTimeoutMs),
    limit: BATCH,
  };
  while ((await rescue(db, now(), params)) === BATCH && !isOver());
  return RESCUE_MS;
}

async function runCleaner(db: Db, settings: Settings, isOver: IsOver): Promise<number> {
  const params = {
    cancelled: retention(settings.cancelledRetentionMs),
    completed: retention(settings.completedRetentionMs),
    discarded: retention(settings.discardedRetentionMs),
    limit: BATCH,
  };
  while ((await clean(db, settings.now(), params)) === BATCH && !isOver());
  return CLEAN_MS;
}

async function runQueueCleaner(db: Db, { now }: Settings, isOver: IsOver): Promise<number> {
  const params = { after: microsOf(QUEUE_RETENTION_MS, "after"), limit: BATCH };
  while ((await cleanQueues(db, now(), params)) === BATCH && !isOver());
  return CLEAN_QUEUES_MS;
}

/** −1 is never, whatever the unit. */
const retention = (ms: number): Micros => (ms < 0 ? -1n : microsOf(ms, "retention"));
