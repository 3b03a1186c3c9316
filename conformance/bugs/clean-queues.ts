import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/clean-queues.ts", find, replace },
];

const OLD = "where updated_at <";
const UNPAUSED = "\n    and river_queue.paused_at is null";

/** Bugs of clean_queues. */
export const CLEAN_QUEUE_BUGS: readonly Bug[] = [
  {
    name: "clean-queues-paused",
    origin: "River to this day (0.51.1)",
    what: "The row of a queue that has been paused for long is deleted, and the pause with it.",
    breaks: ["CLN-7"],
    edits: edit(UNPAUSED, ""),
  },
  {
    name: "clean-queues-at-limit",
    origin: "invented",
    what: "The row of a queue goes at the very instant until which it is kept.",
    breaks: ["CLN-6"],
    edits: edit(OLD, "where updated_at <="),
  },
  {
    name: "clean-queues-since-created",
    origin: "invented",
    what: "The row of a queue goes although it is touched, because it is old.",
    breaks: ["CLN-6"],
    edits: edit(OLD, "where created_at <"),
  },
  {
    name: "clean-queues-never",
    origin: "River 0.5–0.22, PR 870: queues that never expire",
    what: "The rows of queues that nobody works stay for ever.",
    breaks: ["CLN-5"],
    edits: edit(UNPAUSED, " and paused_at is not null and false"),
  },
  {
    name: "clean-queues-one-too-many",
    origin: "invented",
    what: "One row more than asked for is deleted.",
    breaks: ["CLN-4"],
    edits: edit("limit $3::int\n  for update skip", "limit $3::int + 1\n  for update skip"),
  },
];
