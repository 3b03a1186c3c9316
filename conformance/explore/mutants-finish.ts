import { type Mutant, says, unchanged } from "./mutant.ts";

/** Mutants of finish. */
export const FINISH_MUTANTS: readonly Mutant[] = [
  {
    name: "finish-undated",
    what: "A completed job has no finalized_at.",
    rules: ["FIN-1"],
    model: says("FIN-1", (set, { job }) => unchanged(set, job, "finalizedAt")),
  },
  {
    name: "finish-completed-erred",
    what: "A completed attempt adds an error.",
    rules: ["FIN-1"],
    model: says("FIN-1", (set, { job }) => ({
      ...set,
      errors: [...job.errors, { at: 0, attempt: 1, error: "none", trace: "" }],
    })),
  },
  {
    name: "finish-soon-waits",
    what: "A retry within five seconds waits for the scheduler.",
    rules: ["FIN-3"],
    model: says("FIN-3", (set) => ("state" in set ? { state: "retryable" } : set)),
  },
  {
    name: "finish-later-is-available",
    what: "A retry that is far away skips the scheduler.",
    rules: ["FIN-2"],
    model: says("FIN-2", (set) => ("state" in set ? { state: "available" } : set)),
  },
  {
    name: "finish-retry-at-once",
    what: "A retry is due now.",
    rules: ["FIN-2"],
    model: says("FIN-2", (set, { op }) => ("scheduledAt" in set ? { scheduledAt: op.now } : set)),
  },
  {
    name: "finish-last-retried",
    what: "A failed last attempt is retried.",
    rules: ["FIN-4"],
    model: says("FIN-4", () => ({ state: "available" })),
  },
  {
    name: "finish-discarded-retried",
    what: "A discarded attempt is retried while attempts are left.",
    rules: ["FIN-5"],
    model: says("FIN-5", (set, { job }) =>
      job.attempt < job.maxAttempts ? { state: "retryable" } : set,
    ),
  },
  {
    name: "finish-cancelled-discarded",
    what: "A cancelled attempt discards its job.",
    rules: ["FIN-6"],
    model: says("FIN-6", (set) => ({ ...set, state: "discarded" })),
  },
  {
    name: "finish-snooze-waits",
    what: "A short snooze waits for the scheduler.",
    rules: ["FIN-8"],
    model: says("FIN-8", (set) => ({ ...set, state: "scheduled" })),
  },
  {
    name: "finish-snooze-uses-up",
    what: "A snooze uses up an attempt.",
    rules: ["FIN-9"],
    model: says("FIN-9", () => ({})),
  },
  {
    name: "finish-snooze-uncounted",
    what: "Snoozes are not counted.",
    rules: ["FIN-10"],
    model: says("FIN-10", () => ({})),
  },
  {
    name: "finish-interrupt-uses-up",
    what: "An interrupted attempt is not given back.",
    rules: ["FIN-11"],
    model: says("FIN-11", (set, { job }) => unchanged(set, job, "attempt")),
  },
  {
    name: "finish-cancel-forgotten",
    what: "A cancellation that was asked for is forgotten where the job would run again.",
    rules: ["FIN-12"],
    model: says("FIN-12", () => ({ state: "available" })),
  },
  {
    name: "finish-error-forgotten",
    what: "A failed attempt leaves no error.",
    rules: ["FIN-13"],
    model: says("FIN-13", () => ({})),
  },
  {
    name: "finish-last-error-only",
    what: "Only the last error is kept.",
    rules: ["FIN-13"],
    model: says("FIN-13", ({ errors = [] }) => ({ errors: errors.slice(-1) })),
  },
  {
    name: "finish-updates-lost",
    what: "Metadata updates are not merged.",
    rules: ["FIN-14"],
    model: says("FIN-14", () => ({})),
  },
  {
    name: "finish-late-counts",
    what: "The late result of a finished job cancels it.",
    rules: ["FIN-15"],
    model: says("FIN-15", () => ({ state: "cancelled" })),
  },
  {
    name: "finish-other-fetch-completes",
    what: "The result of an earlier fetch completes the job.",
    rules: ["FIN-16"],
    model: says("FIN-16", (_, { job, op }) =>
      job.state === "running" ? { state: "completed", finalizedAt: op.now } : {},
    ),
  },
];
