import { type Mutant, says, unchanged } from "./mutant.ts";

/** Mutants of cancel and retry. */
export const CONTROL_MUTANTS: readonly Mutant[] = [
  {
    name: "cancel-undated",
    what: "A cancelled job has no finalized_at.",
    rules: ["CAN-1", "INV-4"],
    model: says("CAN-1", (set, { job }) => unchanged(set, job, "finalizedAt")),
  },
  {
    name: "cancel-ends-running",
    what: "A running job is cancelled at once.",
    rules: ["CAN-2"],
    model: says("CAN-2", (_, { op }) => ({ state: "cancelled", finalizedAt: op.now })),
  },
  {
    name: "cancel-unmarked",
    what: "Nobody remembers that a running job is to end.",
    rules: ["CAN-3", "INV-8"],
    model: says("CAN-3", (set, { job }) =>
      job.state === "running" ? unchanged(set, job, "metadata") : set,
    ),
  },
  {
    name: "cancel-final-again",
    what: "A final job is cancelled after all.",
    rules: ["CAN-4", "INV-3"],
    model: says("CAN-4", () => ({ state: "cancelled" })),
  },
  {
    name: "cancel-keeps-bit",
    what: "A cancelled job keeps a mask by which it holds a key that is taken.",
    rules: ["CAN-7", "INV-1"],
    model: says("CAN-7", () => ({})),
  },
  {
    name: "retry-keeps-finalized",
    what: "A retried job is still finalized.",
    rules: ["RET-1", "INV-4"],
    model: says("RET-1", (set, { job }) => unchanged(set, job, "finalizedAt")),
  },
  {
    name: "retry-jumps-queue",
    what: "A retried job keeps its time.",
    rules: ["RET-2"],
    model: says("RET-2", () => ({})),
  },
  {
    name: "retry-runs-twice",
    what: "A running job is available too.",
    rules: ["RET-3"],
    model: says("RET-3", () => ({ state: "available" })),
  },
  {
    name: "retry-sends-back",
    what: "A job that waits its turn goes to the end.",
    rules: ["RET-4"],
    model: says("RET-4", (_, { op }) => ({ scheduledAt: op.now })),
  },
  {
    name: "retry-no-attempt-more",
    what: "A job whose attempts are used up gets none more.",
    rules: ["RET-5", "INV-5"],
    model: says("RET-5", () => ({})),
  },
  {
    name: "retry-still-cancelled",
    what: "An earlier cancel ends the new attempt.",
    rules: ["RET-6"],
    model: says("RET-6", () => ({})),
  },
  {
    name: "retry-takes-key",
    what: "A job is available although another holds its key.",
    rules: ["RET-8", "INV-1"],
    model: says("RET-8", (_, { op }) => ({
      state: "available",
      finalizedAt: null,
      scheduledAt: op.now,
    })),
  },
];
