import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/rescue.ts", find, replace },
];

const STUCK =
  "and job.attempted_at < coalesce($1::timestamptz, now()) - $2::bigint * interval '1 microsecond'";
const LIMITED = "coalesce(timeout, $3::bigint) >= 0\n        and ";
const PASSED =
  "job.attempted_at + coalesce(timeout, $3::bigint) * interval '1 microsecond' <= coalesce($1::timestamptz, now())";
const UNDECODABLE = "\n      or jsonb_typeof(job.args) <> 'object'";
const MARKED =
  "jsonb_typeof(job.metadata) = 'object' and job.metadata ? 'cancel_attempted_at'\n      or ";
const CANCELLED = "when base ? 'cancel_attempted_at' then 'cancelled'\n           when attempt";
const AGAIN = "when attempt < max_attempts then 'retryable'";
const DISCARDED = "else 'discarded'\n         end::river_job_state as aim,";
const FINALIZED =
  "finalized_at = case when ends_as = 'retryable' then ended.finalized_at else now end";
const ERROR_AT = "to_char(now at time zone 'UTC'";
const APPENDED =
  "errors = case when array_ndims(ended.errors) > 1 then array(select unnest(ended.errors)) else ended.errors end\n        || jsonb";
const COUNTED = "jsonb_build_object('river:rescue_count', 1 + case";

/** Bugs of rescue. */
export const RESCUE_BUGS: readonly Bug[] = [
  {
    name: "rescue-never-expires",
    origin: "River 0.6.1–0.39, PR 1288",
    what: "Jobs whose worker has no timeout (−1) are rescued.",
    breaks: ["RSC-3"],
    edits: edit(LIMITED, ""),
  },
  {
    name: "rescue-client-never-expires",
    origin: "River ≤ 0.41, PR 1331",
    what: "Jobs without a timeout of their own are rescued although the client's is −1.",
    breaks: ["RSC-3"],
    edits: edit(LIMITED, "(timeout is null or timeout >= 0)\n        and "),
  },
  {
    name: "rescue-ignores-timeout",
    origin: "River ≤ 0.6, PR 350",
    what: "A worker's own timeout is not looked at.",
    breaks: ["RSC-4"],
    edits: edit(PASSED, "job.attempted_at is not null"),
  },
  {
    name: "rescue-batch-hides",
    origin: "River ≤ 0.40, PR 1318",
    what: "A full batch of jobs that may not be rescued hides all later ones, for ever.",
    breaks: ["RSC-2", "INV-11"],
    edits: edit(
      STUCK,
      `${STUCK}
    and job.id in (
      select id
      from river_job
      where state = 'running' and attempted_at < coalesce($1::timestamptz, now()) - $2::bigint * interval '1 microsecond'
      order by id
      limit $4::int
    )`,
    ),
  },
  {
    name: "rescue-undecodable-discarded",
    origin: "River ≤ 0.40, PR 1324",
    what: "A stuck job whose args cannot be decoded is discarded at once.",
    breaks: ["RSC-6"],
    edits: edit(
      AGAIN,
      "when jsonb_typeof(args) <> 'object' then 'discarded' when attempt < max_attempts then 'retryable'",
    ),
  },
  {
    name: "rescue-undecodable-kept",
    origin: "invented",
    what: "A stuck job whose args cannot be decoded has its worker's timeout all the same.",
    breaks: ["RSC-6"],
    edits: edit(UNDECODABLE, ""),
  },
  {
    name: "rescue-unknown-discarded",
    origin: "River to this day (0.51.1)",
    what: "A stuck job of a kind that this client does not work is discarded.",
    breaks: ["RSC-11"],
    edits: edit(AGAIN, `when kind = 'stranger' then 'discarded' ${AGAIN}`),
  },
  {
    name: "rescue-unknown-kept",
    origin: "invented",
    what: "A stuck job of a kind that this client does not work runs for ever.",
    breaks: ["RSC-11"],
    edits: edit(STUCK, `${STUCK} and job.kind <> 'stranger'`),
  },
  {
    name: "rescue-cancel-retried",
    origin: "procrastinate 1131: abort and error together leave a job stuck",
    what: "A stuck job whose cancellation was asked for is tried again.",
    breaks: ["RSC-5", "RSC-12"],
    edits: edit(CANCELLED, "when attempt"),
  },
  {
    name: "rescue-cancel-by-attempts",
    origin: "invented",
    what: "A stuck job on its last attempt is discarded although its cancellation was asked for.",
    breaks: ["RSC-5", "RSC-12"],
    edits: edit(
      CANCELLED,
      "when base ? 'cancel_attempted_at' and attempt < max_attempts then 'cancelled'\n           when attempt",
    ),
  },
  {
    name: "rescue-mark-is-a-time",
    origin: "River to this day (0.51.1), where the whole pass fails",
    what: "A stuck job whose cancel_attempted_at is no time is tried again.",
    breaks: ["RSC-12"],
    edits: edit(
      CANCELLED,
      CANCELLED.replace("base ?", "base ->> 'cancel_attempted_at' like '20%' and base ?"),
    ),
  },
  {
    name: "rescue-cancel-waits",
    origin: "invented",
    what: "A stuck job whose cancellation was asked for waits for its timeout, which may never come.",
    breaks: ["RSC-5", "RSC-12"],
    edits: edit(MARKED, ""),
  },
  {
    name: "rescue-at-horizon",
    origin: "invented",
    what: "A job is rescued at the very instant at which it may still run.",
    breaks: ["RSC-1"],
    edits: edit(STUCK, STUCK.replace("attempted_at <", "attempted_at <=")),
  },
  {
    name: "rescue-without-horizon",
    origin: "invented",
    what: "Whatever has passed its timeout is rescued, however short that is.",
    breaks: ["RSC-1"],
    edits: edit(STUCK, "and $2::bigint > 0"),
  },
  {
    name: "rescue-any-state",
    origin: "River ≤ 0.47, PR 1373: jobs that had left the running state were overwritten",
    what: "Jobs that are long finished are rescued too.",
    breaks: ["INV-3", "INV-12"],
    edits: edit("where job.state = 'running'", "where job.state in ('running', 'completed')"),
  },
  {
    name: "rescue-timeout-after-horizon",
    origin: "invented",
    what: "The timeout is counted from when the job is stuck, not from its start.",
    breaks: ["RSC-7", "RSC-8"],
    edits: edit(
      PASSED,
      PASSED.replace(
        "coalesce(timeout, $3::bigint)",
        "(coalesce(timeout, $3::bigint) + $2::bigint)",
      ),
    ),
  },
  {
    name: "rescue-not-quite-timed-out",
    origin: "invented",
    what: "A job is kept at the very instant at which its timeout has passed.",
    breaks: ["RSC-7", "RSC-8", "RSC-11"],
    edits: edit(PASSED, PASSED.replace("<=", "<")),
  },
  {
    name: "rescue-to-available",
    origin: "invented",
    what: "A rescued job is available at once, before its retry.",
    breaks: ["RSC-7"],
    edits: edit(
      "set state = ends_as,\n      errors = case when array",
      "set state = case ends_as when 'retryable' then 'available' else ends_as end,\n      errors = case when array",
    ),
  },
  {
    name: "rescue-retries-at-once",
    origin: "River 0.0.19–0.0.20, 211, for retry",
    what: "A rescued job keeps its past scheduled_at, and so jumps the queue.",
    breaks: ["RSC-7"],
    edits: edit("then now + (delay", "then ended.scheduled_at + 0 * (delay"),
  },
  {
    name: "rescue-gives-attempt-back",
    origin: "invented",
    what: "A rescue gives the attempt back, so that a job which kills its client never ends.",
    breaks: ["INV-5", "INV-12"],
    edits: edit(
      "set state = ends_as,\n      errors = case when array",
      "set state = ends_as,\n      attempt = greatest(ended.attempt - 1, 0),\n      errors = case when array",
    ),
  },
  {
    name: "rescue-one-attempt-more",
    origin: "Oban 652: attempts used up, and still there",
    what: "A stuck job runs once more than its attempts allow.",
    breaks: ["RSC-8"],
    edits: edit(AGAIN, AGAIN.replace("<", "<=")),
  },
  {
    name: "rescue-never-again",
    origin: "invented",
    what: "A stuck job is discarded, whatever attempts are left.",
    breaks: ["RSC-7"],
    edits: edit(AGAIN, "when false then 'retryable'"),
  },
  {
    name: "rescue-last-attempt-cancelled",
    origin: "invented",
    what: "A stuck job on its last attempt is cancelled.",
    breaks: ["RSC-8"],
    edits: edit(DISCARDED, DISCARDED.replace("discarded", "cancelled")),
  },
  {
    name: "rescue-finalized-at-start",
    origin: "invented",
    what: "A job that a rescue ends is finalized when its attempt started, so that the cleaner comes early.",
    breaks: ["RSC-5", "RSC-12", "RSC-8"],
    edits: edit(FINALIZED, FINALIZED.replace("else now end", "else ended.attempted_at end")),
  },
  {
    name: "rescue-error-at-start",
    origin: "invented",
    what: "The error of a rescue has the time at which the attempt started.",
    breaks: ["RSC-9"],
    edits: edit(ERROR_AT, "to_char(ended.attempted_at at time zone 'UTC'"),
  },
  {
    name: "rescue-trace-text",
    origin: "River ≤ 0.23, PR 1010",
    what: "The trace of a rescue's error is a note that its author left.",
    breaks: ["RSC-9"],
    edits: edit(
      "'Stuck job rescued by JobRescuer', 'trace', ''",
      "'Stuck job rescued by JobRescuer', 'trace', 'later'",
    ),
  },
  {
    name: "rescue-error-replaces",
    origin: "invented",
    what: "The error of a rescue replaces those before it.",
    breaks: ["RSC-9", "INV-6"],
    edits: edit(APPENDED, "errors = '{}'::jsonb[]\n        || jsonb"),
  },
  {
    name: "rescue-not-counted",
    origin: "River ≤ 0.25, before PR 1047",
    what: "A rescue is counted nowhere.",
    breaks: ["RSC-10"],
    edits: edit(COUNTED, COUNTED.replace("river:rescue_count", "snoozes")),
  },
  {
    name: "rescue-counted-once",
    origin: "invented",
    what: "The count of rescues starts anew each time.",
    breaks: ["RSC-10"],
    edits: edit(COUNTED, COUNTED.replace("1 + case", "1 + 0 * case")),
  },
  {
    name: "rescue-counts-text",
    origin: "invented",
    what: "A count of rescues that is a text is counted on from.",
    breaks: ["RSC-10"],
    edits: edit(
      "when jsonb_typeof(base -> 'river:rescue_count') = 'number'",
      "when jsonb_typeof(base -> 'river:rescue_count') in ('number', 'string')",
    ),
  },
  {
    name: "rescue-answers-batch",
    origin: "invented",
    what: "A pass says how many it looked at, one more than it rescued.",
    breaks: ["INV-9"],
    edits: [],
    reply: (reply) => (reply.op === "rescue" ? { ...reply, count: reply.count + 1 } : reply),
  },
];
