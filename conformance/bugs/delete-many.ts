import { isOpen } from "../../spec/model/filter.ts";
import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/delete-many.ts", find, replace },
];
const IDLE = "    and state <> 'running'\n";

/** Bugs of the delete of many. What only a second session would see, such as `skip locked` left out, is not among them. */
export const DELETE_MANY_BUGS: readonly Bug[] = [
  {
    name: "delete-many-all",
    origin: "River ≤ 0.24, PR 1033",
    what: "Without a filter everything is deleted that is not running.",
    breaks: ["DEL-7"],
    edits: [],
    op: (op) => (op.op === "delete_many" && isOpen(op) ? { ...op, all: true } : op),
  },
  {
    name: "delete-many-running",
    origin: "invented",
    what: "Running jobs are deleted too.",
    breaks: ["DEL-5", "INV-10"],
    edits: edit(IDLE, ""),
  },
  {
    name: "delete-many-only-final",
    origin: "invented",
    what: "Jobs that have not ended are passed over.",
    breaks: ["DEL-4"],
    edits: edit(IDLE, "    and finalized_at is not null\n"),
  },
  {
    name: "delete-many-newest",
    origin: "invented",
    what: "The highest ids are deleted first.",
    breaks: ["DEL-4", "DEL-6"],
    edits: edit("order by id\n  limit $6::int", "order by id desc\n  limit $6::int"),
  },
  {
    name: "delete-many-too-many",
    origin: "invented",
    what: "One job more than asked for is deleted.",
    breaks: ["DEL-6"],
    edits: edit("order by id\n  limit $6::int", "order by id\n  limit $6::int + 1"),
  },
  {
    name: "delete-many-any-priority",
    origin: "invented",
    what: "Priorities are not looked at.",
    breaks: ["DEL-4"],
    edits: edit(
      "and ($3::smallint[] is null or priority = any($3::smallint[]))\n    and",
      "and ($3::smallint[] is null or true)\n    and",
    ),
  },
  {
    name: "delete-many-last-first",
    origin: "invented",
    what: "The rows are answered from the highest id down.",
    breaks: ["DEL-4"],
    edits: edit("order by gone.id", "order by gone.id desc"),
  },
  {
    name: "delete-many-any-limit",
    origin: "invented",
    what: "A limit out of range becomes the nearest one.",
    breaks: ["DEL-8"],
    edits: [],
    op: (op) =>
      op.op === "delete_many" && op.limit !== undefined
        ? { ...op, limit: Math.min(Math.max(op.limit, 1), 10_000) }
        : op,
  },
];
