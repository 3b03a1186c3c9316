import type { EnqueuePeriodicOp, Op } from "../../spec/model/op.ts";
import type { Bug, Edit } from "./bug.ts";

const inInsert = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/insert-sql.ts", find, replace },
];

/** Asks a leader something else than the suite asks. */
const asked =
  (change: (op: EnqueuePeriodicOp) => EnqueuePeriodicOp) =>
  (op: Op): Op =>
    op.op === "enqueue_periodic" ? change(op) : op;

const entries =
  (change: (entry: EnqueuePeriodicOp["jobs"][number]) => EnqueuePeriodicOp["jobs"][number]) =>
  (op: EnqueuePeriodicOp): EnqueuePeriodicOp => ({ ...op, jobs: op.jobs.map(change) });

const DONE = "periodic_id = '' or not exists";

/** Bugs of the leader's timetable. */
export const PERIODIC_BUGS: readonly Bug[] = [
  {
    name: "periodic-scheduled-at-now",
    origin: "River up to v0.5, PR 341: scheduled_at was the instant of the insertion",
    what: "A run's scheduled_at is when it was inserted, not when it was due.",
    breaks: ["PER-3", "PER-7"],
    edits: inInsert(
      "coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now())",
      "case when state = 'available' then coalesce($1::timestamptz, now()) else coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now()) end",
    ),
  },
  {
    name: "periodic-ignores-unique",
    origin: "River up to v0.0.16, PR 168: periodic inserts skipped uniqueness",
    what: "Runs have no unique key.",
    breaks: ["INS-15", "PER-8", "PER-9", "INS-10", "INS-13"],
    edits: [],
    op: asked(
      entries((entry) => {
        if (entry.job === null) return entry;
        const { unique: _, ...job } = entry.job;
        return { ...entry, job };
      }),
    ),
  },
  {
    name: "periodic-nil-inserts",
    origin:
      "River up to v0.11.4, PR 572: a constructor that returned nothing inserted all the same",
    what: "A constructor's nothing is inserted as a job without args.",
    breaks: ["PER-5", "INV-12"],
    edits: [],
    op: asked(entries((entry) => ({ ...entry, job: entry.job ?? {} }))),
  },
  {
    name: "periodic-twice-across-leaders",
    origin: "pgqueuer issue 536: a schedule fires twice across replicas",
    what: "A leader enqueues ticks that another one has enqueued.",
    breaks: ["PER-7"],
    edits: inInsert(DONE, "true or not exists"),
  },
  {
    name: "periodic-id-once",
    origin: "invented",
    what: "An id that has a job has no more runs, whatever the tick.",
    breaks: ["PER-1", "PER-2", "PER-4"],
    edits: inInsert("and done.scheduled_at = given.scheduled_at::timestamptz", ""),
  },
  {
    name: "periodic-only-latest",
    origin: "River up to v0.1, PR 284: the next tick was counted from now",
    what: "Of the ticks that a late leader missed only some are enqueued.",
    breaks: ["PER-1", "PER-2"],
    edits: [],
    op: asked((op) => ({
      ...op,
      since: op.since === null ? null : Math.max(op.since, op.now - 20_000_000),
    })),
  },
  {
    name: "periodic-always-starts",
    origin: "invented",
    what: "Entries that run on start run at every look.",
    breaks: ["PER-1", "PER-2", "PER-4"],
    edits: [],
    op: asked((op) => ({
      ...op,
      since: op.since === null || op.jobs.some((job) => job.onStart) ? null : op.since,
    })),
  },
  {
    name: "periodic-never-starts",
    origin: "invented",
    what: "A leader that begins does not run what runs on start.",
    breaks: ["PER-4"],
    edits: [],
    op: asked(entries(({ onStart: _, ...entry }) => entry)),
  },
  {
    name: "periodic-nameless",
    origin: "River before v0.24, PR 992: the id was not written down",
    what: "A run does not say whose it is.",
    breaks: ["PER-6", "PER-7"],
    edits: [],
    op: asked(entries(({ name: _, ...entry }) => entry)),
  },
  {
    name: "periodic-late-by-a-tick",
    origin: "invented",
    what: "What falls due within a moment waits for the next look.",
    breaks: ["PER-1", "PER-2"],
    edits: [],
    op: asked((op) => ({ ...op, now: op.since === null ? op.now : op.now - 100_000 })),
  },
  {
    name: "periodic-period-ignored",
    origin: "invented",
    what: "A run is unique for ever, not for the period of its tick.",
    breaks: ["PER-9", "INS-15", "PER-8"],
    edits: [],
    op: asked(
      entries((entry) => {
        if (entry.job?.unique === undefined) return entry;
        const { byPeriod: _, ...unique } = entry.job.unique;
        return { ...entry, job: { ...entry.job, unique } };
      }),
    ),
  },
  {
    name: "periodic-first-conflict-drops-rest",
    origin:
      "River v0.51.1: runs of one key on one look fail together, and all are lost; not yet reported",
    what: "Where two runs have one key, none of the look is inserted.",
    breaks: ["PER-8", "PER-1", "PER-2", "PER-4"],
    edits: [],
    op: asked((op) => {
      const keyed = op.jobs.flatMap(({ job }) => (job?.unique === undefined ? [] : [job.args]));
      return new Set(keyed).size < keyed.length ? { ...op, jobs: [] } : op;
    }),
  },
];
