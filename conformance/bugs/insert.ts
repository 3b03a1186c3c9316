import type { InsertJob } from "../../spec/model/op.ts";
import type { Micros } from "../../spec/model/state.ts";
import type { Bug, Edit } from "./bug.ts";
import { eachJob } from "./repair.ts";

const edit = (find: string, replace: string): Edit => ({
  statement: "src/ops/insert-sql.ts",
  find,
  replace,
});

const STATE = "state::river_job_state as state";
const DUE =
  "coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now()) as scheduled_at";
const KEY = "convert_to(nullif(unique_text, ''), 'UTF8')";
const MASK = "nullif(unique_states, '')::bit(8)";
const KEEP = "do update set kind = river_job.kind";
const LEADER = "n in (select min(n) from asked where unique_key is not null group by unique_key)";

const keyed = (text: string): readonly Edit[] => [
  edit(KEY, KEY.replace("unique_text", `coalesce(${text}, unique_text)`)),
];

const PERIOD = "substring(unique_text from '&period=([^&]*)')";

/** Bugs of insert: what the row holds. */
const ROW_BUGS: readonly Bug[] = [
  {
    name: "insert-answers-by-key",
    origin: "invented",
    what: "The results come in the order of the unique keys.",
    breaks: ["INS-1"],
    edits: [edit("order by answered.n", "order by answered.unique_key, answered.n")],
  },
  {
    name: "insert-pending-with-time",
    origin: "invented",
    what: "A pending job with a time is scheduled.",
    breaks: ["INS-2"],
    edits: [
      edit(
        STATE,
        "case when scheduled_at <> '' then 'scheduled' else state end::river_job_state as state",
      ),
    ],
  },
  {
    name: "insert-past-available",
    origin: "invented",
    what: "A job whose time has passed is available at once.",
    breaks: ["INS-3"],
    edits: [
      edit(
        STATE,
        "case when state = 'scheduled' and scheduled_at::timestamptz < $1::timestamptz then 'available' else state end::river_job_state as state",
      ),
    ],
  },
  {
    name: "insert-all-scheduled",
    origin: "invented",
    what: "Every job waits for the scheduler.",
    breaks: ["INS-4"],
    edits: [
      edit(
        STATE,
        "case state when 'available' then 'scheduled' else state end::river_job_state as state",
      ),
    ],
  },
  {
    name: "insert-created-when-due",
    origin: "invented",
    what: "created_at is the time that the job was given.",
    breaks: ["INS-5"],
    edits: [
      edit(
        "coalesce($1::timestamptz, now()) as created_at",
        "coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now()) as created_at",
      ),
    ],
  },
  {
    name: "insert-time-dropped",
    origin: "River ≤ 0.0.16, 121 and 149",
    what: "The job's time is dropped: it is scheduled for now.",
    breaks: ["INS-6"],
    edits: [edit(DUE, "coalesce($1::timestamptz, now()) as scheduled_at")],
  },
  {
    name: "insert-time-in-seconds",
    origin: "invented",
    what: "The job's time is cut to the second.",
    breaks: ["INS-6"],
    edits: [
      edit(
        DUE,
        "date_trunc('second', coalesce(nullif(scheduled_at, '')::timestamptz, $1::timestamptz, now())) as scheduled_at",
      ),
    ],
  },
  {
    name: "insert-own-defaults",
    origin: "invented",
    what: "A job whose attempts nobody named has three.",
    breaks: ["INS-7"],
    edits: [],
    op: eachJob((job) => ({ maxAttempts: 3, ...job })),
  },
  {
    name: "insert-tags-turned",
    origin: "invented",
    what: "The tags are kept in alphabetical order.",
    breaks: ["INS-8"],
    edits: [edit("listed (tag, place) order by place", "listed (tag, place) order by tag")],
  },
  {
    name: "insert-metadata-dropped",
    origin: "invented",
    what: "Metadata given at insertion is dropped.",
    breaks: ["INS-8"],
    edits: [edit("metadata::jsonb as metadata", "'{}'::jsonb as metadata")],
  },
];

/** The job with its time hidden in the metadata, in microseconds from now, where a period is asked for. */
function untimed(job: InsertJob, now: Micros): InsertJob {
  const { scheduledAt, unique, metadata = "{}" } = job;
  if (scheduledAt === undefined || unique?.byPeriod === undefined) return job;
  const hidden = metadata.replace(
    "{",
    `{"due":${scheduledAt - now}${metadata === "{}" ? "" : ","}`,
  );
  return { ...job, scheduledAt: now, metadata: hidden };
}

/** Bugs of insert: keys, masks and duplicates. */
const KEY_BUGS: readonly Bug[] = [
  {
    name: "insert-key-without-kind",
    origin: "invented",
    what: "The kind does not enter the unique key.",
    breaks: ["INS-9"],
    edits: keyed("replace(unique_text, '&kind=' || kind, '')"),
  },
  {
    name: "insert-key-by-order-of-args",
    origin: "Oban 2.13",
    what: "The unique key depends on the order of the args.",
    breaks: ["INS-10"],
    edits: keyed("replace(unique_text, substring(unique_text from '&args=([{].*[}])'), args)"),
  },
  {
    name: "insert-key-of-printed-args",
    origin: "invented",
    what: "The args enter the unique key as the database prints them.",
    breaks: ["INS-10"],
    edits: keyed(
      "replace(unique_text, substring(unique_text from '&args=([{].*[}])'), args::jsonb::text)",
    ),
  },
  {
    name: "insert-period-of-now",
    origin: "River 0.16–0.47, PR 1377",
    what: "The period is that of the insertion, although the job was given a time.",
    breaks: ["INS-11"],
    // The time travels in the metadata past the reference, which reckons the period of now.
    edits: [
      edit("metadata::jsonb as metadata", "metadata::jsonb - 'due' as metadata"),
      edit(
        DUE,
        DUE.replace(
          "coalesce(",
          "coalesce($1::timestamptz + (metadata::jsonb ->> 'due')::float8 * interval '1 microsecond', ",
        ),
      ),
    ],
    op: (op) =>
      op.op === "insert" ? { ...op, jobs: op.jobs.map((job) => untimed(job, op.now)) } : op,
  },
  {
    name: "insert-period-of-zone",
    origin: "River 0.16–0.47, PR 1377",
    what: "The period is written in the time zone of the process.",
    breaks: ["INS-11"],
    edits: keyed(
      `replace(unique_text, ${PERIOD}, to_char(${PERIOD}::timestamptz at time zone 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS') || '+09:00')`,
    ),
  },
  {
    name: "insert-key-without-queue",
    origin: "invented",
    what: "The queue does not enter the unique key.",
    breaks: ["INS-12"],
    edits: keyed("replace(unique_text, '&queue=' || queue, '')"),
  },
  {
    name: "insert-pending-not-unique",
    origin: "River ≤ 0.9, PR 461",
    what: "pending is missing from the default unique states.",
    breaks: ["INS-13"],
    edits: [edit(MASK, "nullif(replace(unique_states, '11110101', '11100101'), '')::bit(8)")],
  },
  {
    name: "insert-completed-not-unique",
    origin: "invented",
    what: "completed is missing from the default unique states.",
    breaks: ["INS-13"],
    edits: [edit(MASK, "nullif(replace(unique_states, '11110101', '11110001'), '')::bit(8)")],
  },
  {
    name: "insert-cancelled-blocks",
    origin: "River ≤ 0.11.4, PR 560",
    what: "A cancelled job blocks its key, though it does not hold it.",
    breaks: ["INS-14", "INS-2", "INS-3", "INS-4"],
    edits: [
      edit(
        LEADER,
        `${LEADER} and not exists (select from river_job as other where other.unique_key = ordered.unique_key and other.state = 'cancelled')`,
      ),
      edit("from offered full join inserted", "from offered join inserted"),
    ],
  },
  {
    name: "insert-not-unique",
    origin: "River ≤ 0.0.16, PR 168",
    what: "Uniqueness is skipped.",
    breaks: ["INS-9", "INS-10", "INS-11", "INS-12"],
    edits: [edit(KEY, "convert_to(nullif(left(unique_text, 0), ''), 'UTF8')")],
  },
  {
    name: "insert-renames-holder",
    origin: "invented",
    what: "A duplicate overwrites the holder's kind and priority.",
    breaks: ["INS-15"],
    edits: [edit(KEEP, "do update set kind = excluded.kind, priority = excluded.priority")],
  },
  {
    name: "insert-postpones-holder",
    origin: "invented",
    what: "A duplicate moves the holder to its own time.",
    breaks: ["INS-15"],
    edits: [edit(KEEP, "do update set scheduled_at = excluded.scheduled_at")],
  },
  {
    name: "insert-duplicate-unmarked",
    origin: "invented",
    what: "A duplicate is not marked as one.",
    breaks: ["INS-15"],
    edits: [],
    reply: (reply) =>
      reply.op === "insert"
        ? { ...reply, jobs: reply.jobs.map(({ job }) => ({ job, duplicate: false })) }
        : reply,
  },
  {
    name: "insert-twice-in-a-batch",
    origin: "River to this day (0.51.1)",
    what: "Two jobs of one key in a batch make the whole statement fail.",
    breaks: ["INS-16", "PER-8"],
    edits: [edit(LEADER, "true")],
  },
];

/** Bugs of insert, but for those that accept what must be refused. */
export const INSERT_BUGS: readonly Bug[] = [...ROW_BUGS, ...KEY_BUGS];
