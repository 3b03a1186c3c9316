import { refuse } from "../../spec/model/effect.ts";
import { STATE_BITS } from "../../spec/model/key.ts";
import { step } from "../../spec/model/step.ts";
import { hears, type Mutant, obeys, says, sees, unchanged } from "./mutant.ts";
import { CONTROL_MUTANTS } from "./mutants-control.ts";
import { FINISH_MUTANTS } from "./mutants-finish.ts";
import { SCHEDULE_MUTANTS } from "./mutants-schedule.ts";
import { SERVICE_MUTANTS } from "./mutants-services.ts";
import { TICK } from "./world.ts";

const INSERT_MUTANTS: readonly Mutant[] = [
  {
    name: "insert-never-scheduled",
    what: "A job with a time of its own is available at once.",
    rules: ["INS-3"],
    model: says("INS-3", () => ({ state: "available" })),
  },
  {
    name: "insert-past-is-available",
    what: "A job whose time has passed is available.",
    rules: ["INS-3"],
    model: says("INS-3", (set, { job, op }) =>
      job.scheduledAt <= op.now ? { state: "available" } : set,
    ),
  },
  {
    name: "insert-pending-forgotten",
    what: "A pending job is available.",
    rules: ["INS-2"],
    model: says("INS-2", () => ({ state: "available" })),
  },
  {
    name: "insert-three-attempts",
    what: "The default maximum of attempts is 3.",
    rules: ["INS-7"],
    model: says("INS-7", (set) => ("maxAttempts" in set ? { ...set, maxAttempts: 3 } : set)),
  },
  {
    name: "insert-time-forgotten",
    what: "Every job is due now.",
    rules: ["INS-6"],
    model: says("INS-6", (_, { op }) => ({ scheduledAt: op.now })),
  },
  {
    name: "insert-cancelled-holds",
    what: "Masks have cancelled too.",
    rules: ["INS-13"],
    model: says("INS-13", (_, { job }) => ({
      uniqueStates: (job.uniqueStates ?? 0) | STATE_BITS.cancelled,
    })),
  },
  {
    name: "insert-completed-forgotten",
    what: "A completed job never holds its key.",
    rules: ["INS-15", "INS-14", "INS-4"],
    model: sees((job, op) =>
      op.op === "insert" && job.state === "completed" ? { uniqueKey: null } : {},
    ),
  },
  {
    name: "insert-duplicate-raises-priority",
    what: "A duplicate makes its holder more urgent.",
    rules: ["INS-15"],
    model: says("INS-15", () => ({ priority: 4 })),
  },
  {
    name: "insert-key-without-kind",
    what: "The unique key leaves the kind out.",
    rules: ["INS-9", "INS-10", "INS-11", "INS-12"],
    model: obeys((law) => ({
      ...law,
      sha256: (text) => law.sha256(text.replace(/^&kind=[^&]*/, "")),
    })),
  },
  {
    name: "insert-period-of-insertion",
    what: "A unique period is that of the insertion.",
    rules: ["INS-11"],
    model: obeys((law) => ({ ...law, edition: { ...law.edition, periodOfScheduledAt: false } })),
  },
  {
    name: "insert-priority-four-refused",
    what: "Priority 4 is refused.",
    rules: ["INS-20"],
    model: (state, op, law) =>
      op.op === "insert" && op.jobs.some((job) => job.priority === 4)
        ? refuse(state, "INS-20", "The priority is 4.")
        : step(state, op, law),
  },
  {
    name: "insert-one-key-a-call",
    what: "A call that names a key twice is refused.",
    rules: ["INS-16"],
    model: (state, op, law) => {
      const right = step(state, op, law);
      const isTwice = right.effects.some((effect) => effect.rule === "INS-16");
      return isTwice ? refuse(state, "INS-16", "A key is named twice.") : right;
    },
  },
];

const FETCH_MUTANTS: readonly Mutant[] = [
  {
    name: "fetch-early",
    what: "Jobs are taken up to five seconds before their time.",
    rules: ["FET-2", "FET-4", "INV-7"],
    model: sees((job, op) =>
      op.op === "fetch" && job.scheduledAt > op.now && job.scheduledAt <= op.now + TICK
        ? { scheduledAt: op.now }
        : {},
    ),
  },
  {
    name: "fetch-any-queue",
    what: "A fetch takes jobs of every queue.",
    rules: ["FET-1", "FET-3", "FET-4"],
    model: sees((_, op) => (op.op === "fetch" ? { queue: op.queue } : {})),
  },
  {
    name: "fetch-newest-first",
    what: "Of jobs with one priority the newest is taken first.",
    rules: ["FET-3", "FET-4"],
    model: sees((job, op) =>
      op.op === "fetch" && job.scheduledAt <= op.now
        ? { scheduledAt: -1e15 - job.scheduledAt }
        : {},
    ),
  },
  {
    name: "fetch-ignores-priority",
    what: "Priorities do not count.",
    rules: ["FET-3", "FET-4"],
    model: sees((_, op) => (op.op === "fetch" ? { priority: 1 } : {})),
  },
  {
    name: "fetch-one-more",
    what: "One job more than asked for is taken.",
    rules: ["FET-3", "FET-4"],
    model: hears((op) => (op.op === "fetch" ? { ...op, limit: op.limit + 1 } : op)),
  },
  {
    name: "fetch-counts-twice",
    what: "A fetch counts as two attempts.",
    rules: ["FET-5"],
    model: says("FET-5", (_, { job }) => ({ attempt: job.attempt + 2 })),
  },
  {
    name: "fetch-uncounted",
    what: "A fetch counts as no attempt.",
    rules: ["FET-5"],
    model: says("FET-5", (_, { job }) => ({ attempt: job.attempt })),
  },
  {
    name: "fetch-remembers-one-client",
    what: "Only the last client is remembered.",
    rules: ["FET-6"],
    model: says("FET-6", ({ attemptedBy = [] }) => ({ attemptedBy: attemptedBy.slice(-1) })),
  },
  {
    name: "fetch-first-time-stays",
    what: "attempted_at is that of the first attempt.",
    rules: ["FET-4"],
    model: says("FET-4", (set, { job }) =>
      job.attemptedAt === null ? set : unchanged(set, job, "attemptedAt"),
    ),
  },
];

/** Every mutant of the model: what the reference must show to be wrong. */
export const MUTANTS: readonly Mutant[] = [
  ...INSERT_MUTANTS,
  ...FETCH_MUTANTS,
  ...FINISH_MUTANTS,
  ...SCHEDULE_MUTANTS,
  ...CONTROL_MUTANTS,
  ...SERVICE_MUTANTS,
];
