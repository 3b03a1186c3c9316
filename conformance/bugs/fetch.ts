import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/fetch.ts", find, replace },
];

const ORDER = "order by priority, scheduled_at, id\n  limit $3::int\n  for update\n  skip locked";
const ordered = (by: string): readonly Edit[] =>
  edit(ORDER, ORDER.replace("priority, scheduled_at, id", by));

/** Bugs of fetch. What only a second session would see, such as `skip locked` left out, is not among them. */
export const FETCH_BUGS: readonly Bug[] = [
  {
    name: "fetch-any-queue",
    origin: "invented",
    what: "Jobs of all queues are taken.",
    breaks: ["FET-1"],
    edits: edit("and queue = $2::text", "and (queue = $2::text or true)"),
  },
  {
    name: "fetch-before-time",
    origin: "invented",
    what: "Whether a job is due is not looked at.",
    breaks: ["FET-2", "INV-7"],
    edits: edit(
      "and scheduled_at <= coalesce($1::timestamptz, now())\n    and attempt",
      "and attempt",
    ),
  },
  {
    name: "fetch-not-yet-due",
    origin: "pg-boss PR 848: a coarse clock hides fresh jobs",
    what: "A job due at this very instant is left.",
    breaks: ["FET-4"],
    edits: edit(
      "and scheduled_at <= coalesce($1::timestamptz, now())\n    and attempt",
      "and scheduled_at < coalesce($1::timestamptz, now())\n    and attempt",
    ),
  },
  {
    name: "fetch-order-by-id",
    origin: "invented",
    what: "Jobs are taken by id; priority and time count for nothing.",
    breaks: ["FET-3"],
    edits: ordered("id"),
  },
  {
    name: "fetch-order-without-time",
    origin: "invented",
    what: "Jobs of one priority are taken by id, not by scheduled_at.",
    breaks: ["FET-3"],
    edits: ordered("priority, id"),
  },
  {
    name: "fetch-urgent-last",
    origin: "invented",
    what: "The priority is read the wrong way round.",
    breaks: ["FET-3"],
    edits: ordered("priority desc, scheduled_at, id"),
  },
  {
    name: "fetch-one-too-many",
    origin: "invented",
    what: "One job more than asked for is taken.",
    breaks: ["FET-3"],
    edits: edit(
      "limit $3::int\n  for update\n  skip locked",
      "limit $3::int + 1\n  for update\n  skip locked",
    ),
  },
  {
    name: "fetch-first-start-kept",
    origin: "invented",
    what: "attempted_at stays that of the first attempt.",
    breaks: ["FET-4"],
    edits: edit(
      "attempted_at = coalesce($1::timestamptz, now())",
      "attempted_at = coalesce(attempted_at, $1::timestamptz, now())",
    ),
  },
  {
    name: "fetch-attempt-not-counted",
    origin: "invented",
    what: "The attempt is not counted: a failing job runs for ever.",
    breaks: ["FET-5", "INV-5"],
    edits: edit("attempt = river_job.attempt + 1", "attempt = greatest(river_job.attempt, 1)"),
  },
  {
    name: "fetch-last-client-only",
    origin: "invented",
    what: "attempted_by keeps nobody but the latest client.",
    breaks: ["FET-6"],
    edits: edit("else array_append(attempted_by, $4::text)", "else array[$4::text]"),
  },
  {
    name: "fetch-client-once",
    origin: "invented",
    what: "A client that tried the job before is not named again.",
    breaks: ["FET-6"],
    edits: edit(
      "else array_append(attempted_by, $4::text)",
      "when $4::text = any(attempted_by) then attempted_by else array_append(attempted_by, $4::text)",
    ),
  },
  {
    name: "fetch-keeps-cooldown",
    origin: "invented",
    what: "The job's scheduled_at is moved to the instant of the fetch.",
    breaks: ["INV-12"],
    edits: edit(
      "attempt = river_job.attempt + 1",
      "attempt = river_job.attempt + 1, scheduled_at = coalesce($1::timestamptz, now())",
    ),
  },
  {
    name: "fetch-answers-before",
    origin: "invented",
    what: "The rows are returned as they were before the fetch.",
    breaks: ["INV-9"],
    edits: [],
    reply: (reply) =>
      reply.op === "fetch"
        ? {
            ...reply,
            jobs: reply.jobs.map((job) => ({
              ...job,
              state: "available",
              attempt: job.attempt - 1,
            })),
          }
        : reply,
  },
];
