import { step } from "../../spec/model/step.ts";
import { NEVER } from "../../spec/model/workers.ts";
import { hears, type Mutant, says, sees } from "./mutant.ts";

/** Mutants of what is done to jobs from outside their attempts, of queues and of the leader. */
export const SERVICE_MUTANTS: readonly Mutant[] = [
  {
    name: "delete-running",
    what: "A running job can be deleted.",
    rules: ["DEL-1", "DEL-2"],
    model: sees((job, op) =>
      op.op === "delete" && job.state === "running" ? { state: "available" } : {},
    ),
  },
  {
    name: "update-forgotten",
    what: "Output is not written.",
    rules: ["UPD-1"],
    model: says("UPD-1", () => ({})),
  },
  {
    name: "rescue-uncounted",
    what: "Rescues are not counted.",
    rules: ["RSC-10"],
    model: says("RSC-10", () => ({})),
  },
  {
    name: "rescue-error-forgotten",
    what: "A rescued attempt leaves no error.",
    rules: ["RSC-9", "INV-6"],
    model: says("RSC-9", () => ({})),
  },
  {
    name: "rescue-at-once",
    what: "An attempt is stuck as soon as it has begun.",
    rules: ["RSC-1", "RSC-5", "RSC-6", "RSC-7", "RSC-8", "RSC-11"],
    model: hears((op) => (op.op === "rescue" ? { ...op, after: -1 } : op)),
  },
  {
    name: "clean-keeps-completed",
    what: "Completed jobs are kept for ever.",
    rules: ["CLN-3"],
    model: hears((op) => (op.op === "clean" ? { ...op, completed: NEVER } : op)),
  },
  {
    name: "clean-at-once",
    what: "Discarded jobs are not kept at all.",
    rules: ["CLN-1", "INV-10"],
    model: hears((op) => (op.op === "clean" ? { ...op, discarded: 0 } : op)),
  },
  {
    name: "clean-one-more",
    what: "One job more than asked for is deleted.",
    rules: ["CLN-1", "CLN-4", "INV-10"],
    model: hears((op) => (op.op === "clean" ? { ...op, limit: op.limit + 1 } : op)),
  },
  {
    name: "leader-two-at-once",
    what: "Whoever asks leads, whoever leads already.",
    rules: ["LDR-1", "LDR-2"],
    model: (state, op, law) =>
      step(op.op === "elect" ? { ...state, leader: null } : state, op, law),
  },
  {
    name: "leader-any-term",
    what: "A leader goes on in whichever of its terms it asks to.",
    rules: ["LDR-3", "LDR-4"],
    model: hears((op) => {
      if (op.op !== "reelect") return op;
      const { term: _, ...latest } = op;
      return latest;
    }),
  },
];
