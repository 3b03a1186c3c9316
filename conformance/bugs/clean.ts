import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/clean.ts", find, replace },
];

/** How long jobs of a state are kept: `place` is the parameter. */
const kept = (place: number): string =>
  `finalized_at < coalesce($1::timestamptz, now()) - $${place}::bigint * interval '1 microsecond'`;
const COMPLETED = `${kept(3)}\n    or state = 'discarded'`;
const ORDER = "order by id\n  limit $5::int\n  for update skip locked";

/** Bugs of clean. */
export const CLEAN_BUGS: readonly Bug[] = [
  {
    name: "clean-keep-is-a-period",
    origin: "River ≤ 0.23, before PR 990",
    what: "A retention of −1 is taken for a period: whatever is final goes at once.",
    breaks: ["CLN-3"],
    edits: edit("state = 'completed' and $3::bigint >= 0", "state = 'completed'"),
  },
  {
    name: "clean-keep-needs-all",
    origin: "River SQLite ≤ 0.48, PR 1389",
    what: "Jobs that are to be kept for ever are deleted as soon as some other state's retention is finite.",
    breaks: ["CLN-3"],
    edits: edit(
      "state = 'discarded' and $4::bigint >= 0",
      "state = 'discarded' and greatest($2::bigint, $3::bigint) >= 0",
    ),
  },
  {
    name: "clean-starves",
    origin: "River SQLite ≤ 0.48, PR 1417",
    what: "The limit comes before the filter: jobs that are kept hide all later ones.",
    breaks: ["CLN-1", "INV-11"],
    edits: edit(
      "from river_job\n  where state = 'cancelled'",
      `from (
    select id, state, finalized_at
    from river_job
    where state in ('cancelled', 'completed', 'discarded')
    order by id
    limit $5::int
  ) as river_job
  where state = 'cancelled'`,
    ),
  },
  {
    name: "clean-at-limit",
    origin: "invented",
    what: "A job goes at the very instant until which it is kept.",
    breaks: ["CLN-2"],
    edits: edit(COMPLETED, COMPLETED.replace("finalized_at <", "finalized_at <=")),
  },
  {
    name: "clean-one-retention",
    origin: "invented",
    what: "Discarded jobs are kept no longer than completed ones.",
    breaks: ["CLN-2"],
    edits: edit(kept(4), kept(3)),
  },
  {
    name: "clean-since-insertion",
    origin: "invented",
    what: "The retention is counted from the insertion, so that a job which waited for long goes as soon as it is done.",
    breaks: ["CLN-2"],
    edits: edit(COMPLETED, COMPLETED.replace("finalized_at", "created_at")),
  },
  {
    name: "clean-forgets-cancelled",
    origin: "invented",
    what: "Cancelled jobs are never deleted.",
    breaks: ["CLN-1"],
    edits: edit("where state = 'cancelled'", "where false"),
  },
  {
    name: "clean-unfinished",
    origin: "invented",
    what: "A job that has waited for its retry for longer than the retention is deleted.",
    breaks: ["INV-10"],
    edits: edit(
      "where state = 'cancelled'",
      `where state in ('available', 'retryable') and scheduled_at < coalesce($1::timestamptz, now()) - $3::bigint * interval '1 microsecond'
    or state = 'cancelled'`,
    ),
  },
  {
    name: "clean-newest-first",
    origin: "invented",
    what: "With a limit, the newest jobs go first.",
    breaks: ["CLN-1", "CLN-4"],
    edits: edit(ORDER, ORDER.replace("id", "id desc")),
  },
  {
    name: "clean-one-too-many",
    origin: "invented",
    what: "One job more than asked for is deleted.",
    breaks: ["CLN-4"],
    edits: edit(ORDER, ORDER.replace("$5::int", "$5::int + 1")),
  },
  {
    name: "clean-miscounts",
    origin: "invented",
    what: "A batch always says that it was full.",
    breaks: ["INV-9"],
    edits: edit(
      "select count(*)::text as count\nfrom gone",
      "select $5::text as count\nfrom (select 1 from gone limit 1) as gone",
    ),
  },
];
