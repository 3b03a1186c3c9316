import type { ListOp, Op } from "../../spec/model/op.ts";
import { isFinal } from "../../spec/model/words.ts";
import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/list.ts", find, replace },
];
const eachList =
  (rewrite: (op: ListOp) => ListOp) =>
  (op: Op): Op =>
    op.op === "list" ? rewrite(op) : op;

const STATES = "and ($5::text[] is null or state = any($5::text[]::river_job_state[]))\n  and ($6";
const ASCENDING =
  "else place > $13::timestamptz or place is null or place = $13::timestamptz and id > $12::bigint";
const DESCENDING = "then place < $13::timestamptz or place = $13::timestamptz and id < $12::bigint";
const ORDERS = ["INV-14", "LST-8", "LST-9", "LST-10", "LST-13"] as const;

/** By finalized_at accepts exactly the states that it should refuse. */
function inverted(op: ListOp): ListOp {
  if (op.orderBy !== "finalized_at") return op;
  const { states = [], ...rest } = op;
  return states.every(isFinal) ? { ...op, states: ["running"] } : rest;
}

/** Bugs of list. */
export const LIST_BUGS: readonly Bug[] = [
  {
    name: "list-forgets-pending",
    origin: "River ≤ 0.10.1, PR 477",
    what: "Where no state is asked for, pending jobs are missing.",
    breaks: ["LST-3"],
    edits: edit(STATES, STATES.replace("is null or", "is null and state <> 'pending' or")),
  },
  {
    name: "list-finalized-inverted",
    origin: "River ≤ 0.40, PR 1327",
    what: "By finalized_at only the states are accepted that must be refused.",
    breaks: ["LST-10"],
    edits: [],
    op: eachList(inverted),
  },
  {
    name: "list-nulls-lost",
    origin: "River ≤ 0.47, PR 1384",
    what: "What has no time is on no page but the first.",
    breaks: ["INV-14", "LST-13"],
    edits: edit(ASCENDING, ASCENDING.replace(" or place is null", "")),
  },
  {
    name: "list-nulls-are-early",
    origin: "River ≤ 0.47, PR 1384",
    what: "Descending, what has a time is on no page after one that ends without.",
    breaks: ["INV-14", "LST-13"],
    edits: edit(
      "then place is not null or id < $12::bigint",
      "then place is null and id < $12::bigint",
    ),
  },
  {
    name: "list-page-repeats",
    origin: "invented",
    what: "A page begins with the job that ended the page before.",
    breaks: ["INV-14", "LST-13"],
    edits: edit(ASCENDING, ASCENDING.replace("id >", "id >=")),
  },
  {
    name: "list-page-skips-ties",
    origin: "invented",
    what: "Jobs of the time at which a page ended are on no page.",
    breaks: ["INV-14", "LST-13"],
    edits: edit(DESCENDING, "then place < $13::timestamptz"),
  },
  {
    name: "list-null-pages-skip",
    origin: "invented",
    what: "What has no time is left as soon as a page ends among it.",
    breaks: ["INV-14", "LST-13"],
    edits: edit(
      "when $13::timestamptz is null then place is null and id > $12::bigint",
      "when $13::timestamptz is null and $9::text is not null then false\n    when $13::timestamptz is null then id > $12::bigint",
    ),
  },
  {
    name: "list-ties-descend",
    origin: "invented",
    what: "Jobs of one time are from the highest id down in either direction.",
    breaks: ORDERS,
    edits: edit(
      "case when not $10::boolean then id end asc",
      "case when not $10::boolean and $9::text is not null then id end desc, case when not $10::boolean then id end asc",
    ),
  },
  {
    name: "list-nulls-first",
    origin: "invented",
    what: "What has no time comes first, from the lowest up.",
    breaks: ["INV-14", "LST-9", "LST-13"],
    edits: edit("end asc nulls last", "end asc nulls first"),
  },
  {
    name: "list-nulls-last",
    origin: "invented",
    what: "What has no time comes last, from the highest down.",
    breaks: ["INV-14", "LST-9", "LST-13"],
    edits: edit("end desc nulls first", "end desc nulls last"),
  },
  {
    name: "list-time-of-scheduling",
    origin: "invented",
    what: "By time, running jobs are by scheduled_at.",
    breaks: ["INV-14", "LST-9", "LST-13"],
    edits: edit("'attempted_at' then attempted_at", "'attempted_at' then scheduled_at"),
  },
  {
    name: "list-time-of-creation",
    origin: "invented",
    what: "By scheduled_at, jobs are by created_at.",
    breaks: ["INV-14", "LST-8", "LST-9", "LST-13"],
    edits: edit("'scheduled_at' then scheduled_at", "'scheduled_at' then created_at"),
  },
  {
    name: "list-always-ascending",
    origin: "invented",
    what: "By id the direction is not looked at.",
    breaks: ["LST-7", "LST-13"],
    edits: [],
    op: eachList(({ descending, ...op }) =>
      descending === undefined || (op.orderBy ?? "id") === "id" ? op : { ...op, descending },
    ),
  },
  {
    name: "list-one-too-many",
    origin: "invented",
    what: "A page has one job more than asked for.",
    breaks: ["LST-11"],
    edits: edit("limit $11::int", "limit $11::int + 1"),
  },
  {
    name: "list-any-limit",
    origin: "invented",
    what: "A limit out of range becomes the nearest one.",
    breaks: ["LST-12"],
    edits: [],
    op: eachList((op) =>
      op.limit === undefined ? op : { ...op, limit: Math.min(Math.max(op.limit, 1), 10_000) },
    ),
  },
  {
    name: "list-some-tags",
    origin: "invented",
    what: "Of tags that must all be there any will do.",
    breaks: ["LST-4"],
    edits: edit("tags @> $6::text[]", "tags && $6::text[]"),
  },
  {
    name: "list-every-tag",
    origin: "invented",
    what: "Of tags of which any will do all must be there.",
    breaks: ["LST-5"],
    edits: edit("tags && $7::text[]", "tags @> $7::text[]"),
  },
  {
    name: "list-metadata-within",
    origin: "invented",
    what: "The metadata must be contained in what is asked for.",
    breaks: ["LST-6"],
    edits: edit("metadata @> $8::jsonb", "metadata <@ $8::jsonb"),
  },
  {
    name: "list-any-queue",
    origin: "River ≤ 0.0.20, PR 212",
    what: "Queues are not looked at.",
    breaks: ["LST-3"],
    edits: edit(
      "and ($4::text[] is null or queue = any($4::text[]))\n  and ($5",
      "and ($4::text[] is null or true)\n  and ($5",
    ),
  },
  {
    name: "list-from-the-beginning",
    origin: "invented",
    what: "A list that begins after a job begins at the beginning.",
    breaks: ["LST-13"],
    edits: [],
    op: eachList(({ after, ...op }) =>
      after === undefined || "job" in after ? op : { ...op, after },
    ),
  },
  {
    name: "list-any-cursor",
    origin: "River to this day (0.51.1)",
    what: "A cursor of another order is accepted.",
    breaks: ["LST-14"],
    edits: [],
    op: eachList(({ after, ...op }) =>
      after !== undefined && "job" in after ? { ...op, after } : op,
    ),
  },
  {
    name: "list-any-metadata",
    origin: "invented",
    what: "Metadata to look for that are no JSON are not looked for.",
    breaks: ["LST-15"],
    edits: [],
    op: eachList(({ metadata, ...op }) =>
      metadata === undefined || /^x?\{?$|\\u0000/.test(metadata) ? op : { ...op, metadata },
    ),
  },
];
