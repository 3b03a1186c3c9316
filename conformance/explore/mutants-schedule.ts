import { hears, type Mutant, says, sees, unchanged } from "./mutant.ts";
import { TICK } from "./world.ts";

/** Mutants of schedule. */
export const SCHEDULE_MUTANTS: readonly Mutant[] = [
  {
    name: "schedule-self-conflict",
    what: "A due job counts as its own rival and is discarded.",
    rules: ["SCH-3", "INV-2"],
    model: says("SCH-3", (_, { op }) => ({ state: "discarded", finalizedAt: op.now })),
  },
  {
    name: "schedule-blocked-promoted",
    what: "A due job is promoted although another holds its key.",
    rules: ["SCH-4", "INV-1"],
    model: says(["SCH-4", "SCH-8", "SCH-9"], (set) =>
      set.state === undefined ? {} : { state: "available" },
    ),
  },
  {
    name: "schedule-holder-loses",
    what: "A due job that holds its key gives way to due rivals.",
    rules: ["SCH-5", "INV-2"],
    model: says("SCH-5", (_, { op }) => ({ state: "discarded", finalizedAt: op.now })),
  },
  {
    name: "schedule-first-loses",
    what: "Of several due jobs that compete for a free key none is promoted.",
    rules: ["SCH-6", "INV-2"],
    model: says("SCH-6", (_, { op }) => ({ state: "discarded", finalizedAt: op.now })),
  },
  {
    name: "schedule-keyless-waits",
    what: "A due job unchanged a key stays where it is.",
    rules: ["SCH-7"],
    model: says("SCH-7", () => ({})),
  },
  {
    name: "schedule-loser-undated",
    what: "A job that the scheduler discards has no finalized_at.",
    rules: ["SCH-8", "INV-4"],
    model: says("SCH-8", (set, { job }) => unchanged(set, job, "finalizedAt")),
  },
  {
    name: "schedule-loser-unmarked",
    what: "The metadata of a discarded job does not say why.",
    rules: ["SCH-8"],
    model: says("SCH-8", (set, { job }) => unchanged(set, job, "metadata")),
  },
  {
    name: "schedule-loser-keeps-bit",
    what: "A discarded job keeps a mask by which it holds its key.",
    rules: ["SCH-9", "INV-1"],
    model: says("SCH-9", () => ({})),
  },
  {
    name: "schedule-now-only",
    what: "The scheduler does not look ahead.",
    rules: ["SCH-1"],
    model: hears((op) => (op.op === "schedule" ? { ...op, horizon: op.now } : op)),
  },
  {
    name: "schedule-too-far",
    what: "The scheduler looks five seconds too far ahead.",
    rules: ["SCH-3", "SCH-4", "SCH-5", "SCH-6", "SCH-7"],
    model: hears((op) => (op.op === "schedule" ? { ...op, horizon: op.horizon + TICK } : op)),
  },
  {
    name: "schedule-by-id",
    what: "Jobs are scheduled in the order of their ids.",
    rules: ["SCH-2", "SCH-4", "SCH-5", "SCH-6", "SCH-7"],
    model: sees((job, op) =>
      op.op === "schedule" && job.scheduledAt <= op.horizon ? { scheduledAt: op.now } : {},
    ),
  },
  {
    name: "schedule-one-more",
    what: "One job more than asked for is scheduled.",
    rules: ["SCH-2", "SCH-3", "SCH-4", "SCH-6", "SCH-7"],
    model: hears((op) => (op.op === "schedule" ? { ...op, limit: op.limit + 1 } : op)),
  },
];
