import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): Edit => ({
  statement: "src/ops/retry.ts",
  find,
  replace,
});

const RUNNING = "where held.state <> 'running'\n    and not";
const WAITING = "held.state = 'available' and held.scheduled_at < coalesce($1::timestamptz, now())";
const SCHEDULED = "scheduled_at = decided.now";
const FINALIZED = "finalized_at = null";
const ATTEMPTS =
  "max_attempts = case when attempt = max_attempts then max_attempts + 1 else max_attempts end";
const METADATA =
  "metadata = case when jsonb_typeof(metadata) = 'object' then metadata - 'cancel_attempted_at' else metadata end";
const FREE = "and not is_exhausted and holder is null";
const SET = "set state = 'available',\n      scheduled_at";

/** Bugs of retry. */
export const RETRY_BUGS: readonly Bug[] = [
  {
    name: "retry-jumps-queue",
    origin: "River 0.0.19–0.0.20, PR 211",
    what: "A job whose time has passed keeps it, and goes before those that wait.",
    breaks: ["RET-2"],
    edits: [edit(SCHEDULED, "scheduled_at = least(scheduled_at, decided.now)")],
  },
  {
    name: "retry-cancelled-again",
    origin: "River ≤ 0.50, PR 1564",
    what: "The mark of an earlier cancel stays, and ends the new attempt.",
    breaks: ["RET-6"],
    edits: [edit(METADATA, "metadata = metadata")],
  },
  {
    name: "retry-meets-index",
    origin: "River 0.12 to this day (0.51.1)",
    what: "A job whose key another holds is made available: the unique index refuses.",
    breaks: ["RET-8", "INV-13"],
    edits: [edit(FREE, "and not is_exhausted")],
  },
  {
    name: "retry-attempts-used-up",
    origin: "Oban 652: an available job whose attempts are used up",
    what: "A job gets no attempt more when all were used up.",
    breaks: ["RET-5", "INV-5"],
    edits: [edit(ATTEMPTS, "max_attempts = max_attempts")],
  },
  {
    name: "retry-always-one-more",
    origin: "River ≤ 0.15, PR 730: snoozes raised max_attempts",
    what: "Each retry raises the maximum of attempts.",
    breaks: ["INV-12"],
    edits: [edit(ATTEMPTS, "max_attempts = max_attempts + 1")],
  },
  {
    name: "retry-runs-twice",
    origin: "invented",
    what: "A running job is made available, and is run by two workers at once.",
    breaks: ["RET-3"],
    edits: [edit(RUNNING, "where true\n    and not")],
  },
  {
    name: "retry-cancelling",
    origin: "invented",
    what: "A running job that is to be cancelled is made available.",
    breaks: ["RET-3", "INV-8"],
    edits: [
      edit(
        RUNNING,
        "where (held.state <> 'running' or held.metadata ? 'cancel_attempted_at')\n    and not",
      ),
    ],
  },
  {
    name: "retry-back-of-the-queue",
    origin: "invented",
    what: "A job that waits its turn is sent to the end.",
    breaks: ["RET-4"],
    edits: [edit(WAITING, "false")],
  },
  {
    name: "retry-at-once-or-never",
    origin: "invented",
    what: "An available job whose time is still to come keeps waiting for it.",
    breaks: ["RET-1", "RET-2"],
    edits: [edit(WAITING, "held.state = 'available'")],
  },
  {
    name: "retry-not-due-yet",
    origin: "invented",
    what: "An available job whose time has come this very instant is taken for one that waits.",
    breaks: ["RET-1", "RET-5", "RET-6"],
    edits: [edit(WAITING, WAITING.replace("<", "<="))],
  },
  {
    name: "retry-final-only",
    origin: "invented",
    what: "A job that is scheduled, retryable or pending stays as it is.",
    breaks: ["RET-1"],
    edits: [edit(RUNNING, "where held.finalized_at is not null\n    and not")],
  },
  {
    name: "retry-keeps-finalized",
    origin: "invented",
    what: "finalized_at stays, which the table refuses.",
    breaks: ["INV-13"],
    edits: [edit(FINALIZED, "finalized_at = finalized_at")],
  },
  {
    name: "retry-scheduled",
    origin: "invented",
    what: "A retried job waits for the scheduler.",
    breaks: ["RET-1"],
    edits: [edit(SET, SET.replace("'available'", "'scheduled'"))],
  },
  {
    name: "retry-attempts-anew",
    origin: "invented",
    what: "A retried job starts counting its attempts anew.",
    breaks: ["INV-5", "INV-12"],
    edits: [edit(SET, SET.replace("set ", "set attempt = 0, "))],
  },
  {
    name: "retry-forgets-errors",
    origin: "invented",
    what: "The errors of earlier attempts are gone.",
    breaks: ["INV-6", "INV-12"],
    edits: [edit(SET, SET.replace("set ", "set errors = null, "))],
  },
  {
    name: "retry-forgets-metadata",
    origin: "invented",
    what: "All metadata leave with the mark of the cancel.",
    breaks: ["RET-6", "INV-12"],
    edits: [edit(METADATA, "metadata = '{}'")],
  },
  {
    name: "retry-forgets-conflict",
    origin: "invented",
    what: "The mark of the scheduler leaves too, as if the job had never given way.",
    breaks: ["RET-6", "INV-12"],
    edits: [
      edit(
        METADATA,
        METADATA.replace("'cancel_attempted_at'", "'cancel_attempted_at' - 'unique_key_conflict'"),
      ),
    ],
  },
  {
    name: "retry-gives-key-up",
    origin: "invented",
    what: "A job whose key another holds is made available without it.",
    breaks: ["RET-8"],
    edits: [
      edit(FREE, "and not is_exhausted"),
      edit(
        SET,
        SET.replace("set ", "set unique_key = case when holder is null then unique_key end, "),
      ),
    ],
  },
  {
    name: "retry-refused-vaguely",
    origin: "procrastinate 1446: a retry meets the index, the row stays as it is",
    what: "A retry whose key another holds is refused without a reason that can be acted upon.",
    breaks: ["RET-8"],
    edits: [],
    reply: (reply) =>
      reply.op === "refused" && reply.code === "conflict"
        ? { ...reply, code: "unsupported" }
        : reply,
  },
  {
    name: "retry-stale-answer",
    origin: "River ≤ 0.47, PR 1410",
    what: "The row that is returned is from before the retry.",
    breaks: ["INV-9"],
    edits: [edit("select * from retried\n", "select held.* from held join retried using (id)\n")],
  },
  {
    name: "retry-nobody-invalid",
    origin: "invented",
    what: "A retry of a job that is not there is refused as if the call were wrong.",
    breaks: ["RET-7"],
    edits: [],
    reply: (reply) =>
      reply.op === "refused" && reply.code === "not_found" ? { ...reply, code: "invalid" } : reply,
  },
];
