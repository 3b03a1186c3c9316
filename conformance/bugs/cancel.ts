import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): Edit => ({
  statement: "src/ops/cancel.ts",
  find,
  replace,
});

const WHOM = "where held.state not in ('cancelled', 'completed', 'discarded')\n), cancelled";
const ENDS = "now()) as now, held.state <> 'running' as ends";
const BASE = "case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end";
const MERGED = `metadata = ${BASE} || jsonb_build_object(`;
const MARKED = "|| 'Z'\n      ),";
const WRITTEN =
  "rtrim(rtrim(to_char(asked.now at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.')";
const FINALIZED = "finalized_at = case when ends then asked.now end";
const MASK =
  "unique_states = case when is_rivalled then set_bit(unique_states, 6, 0) else unique_states end";
const TOLD = "from cancelled\n)\n";
const SET = "set state = case when ends then 'cancelled' else state end";

/** Bugs of cancel. */
export const CANCEL_BUGS: readonly Bug[] = [
  {
    name: "cancel-keeps-key",
    origin: "River ≤ 0.11.4, PR 560",
    what: "A cancelled job goes on holding its key: nothing can be inserted until the cleaner comes.",
    breaks: ["INV-12", "CAN-7"],
    edits: [edit(MASK, "unique_states = unique_states | B'00000010'")],
  },
  {
    name: "cancel-meets-index",
    origin: "River 0.12 to this day (0.51.1)",
    what: "A job whose mask has cancelled takes a key that is taken by being cancelled: the unique index refuses.",
    breaks: ["INV-13", "CAN-7"],
    edits: [edit(MASK, "unique_states = unique_states")],
  },
  {
    name: "cancel-loses-mask",
    origin: "invented",
    what: "A cancelled job whose key another holds loses its whole mask, not the bit.",
    breaks: ["CAN-7"],
    edits: [edit(MASK, MASK.replace("set_bit(unique_states, 6, 0)", "null"))],
  },
  {
    name: "cancel-loses-two-bits",
    origin: "invented",
    what: "A cancelled job whose key another holds loses the bit of discarded too.",
    breaks: ["CAN-7"],
    edits: [
      edit(MASK, MASK.replace("set_bit(", "set_bit(set_bit(").replace(", 6, 0)", ", 4, 0), 6, 0)")),
    ],
  },
  {
    name: "cancel-loses-bit-anyway",
    origin: "invented",
    what: "A cancelled job loses the bit of cancelled although nobody holds its key.",
    breaks: ["INV-12"],
    edits: [edit(MASK, MASK.replace("is_rivalled", "ends"))],
  },
  {
    name: "cancel-ends-running",
    origin: "invented",
    what: "A running job is cancelled at once, and its key free, while its worker goes on.",
    breaks: ["CAN-2"],
    edits: [edit(ENDS, "now()) as now, true as ends")],
  },
  {
    name: "cancel-leaves-retryable",
    origin: "invented",
    what: "A retryable job is marked like a running one, and stays.",
    breaks: ["CAN-1", "INV-8"],
    edits: [edit(ENDS, ENDS.replace("<> 'running'", "not in ('running', 'retryable')"))],
  },
  {
    name: "cancel-forgets-running",
    origin: "procrastinate 1131: an aborted job that fails is stuck, or runs again",
    what: "A running job is not marked: it runs again after an error or a snooze.",
    breaks: ["CAN-3", "INV-8"],
    edits: [
      edit(MERGED, MERGED.replace("jsonb_build", "case when not ends then '{}' else jsonb_build")),
      edit(MARKED, MARKED.replace("),", ") end,")),
    ],
  },
  {
    name: "cancel-again-unmarked",
    origin: "invented",
    what: "A second cancel of a running job leaves the mark of the first.",
    breaks: ["CAN-3"],
    edits: [
      edit(MERGED, "metadata = jsonb_build_object("),
      edit(MARKED, MARKED.replace("),", `) || ${BASE},`)),
    ],
  },
  {
    name: "cancel-mark-only",
    origin: "invented",
    what: "The mark replaces all metadata.",
    breaks: ["CAN-3"],
    edits: [edit(MERGED, "metadata = jsonb_build_object(")],
  },
  {
    name: "cancel-mark-to-the-second",
    origin: "invented",
    what: "The mark is cut down to the second.",
    breaks: ["CAN-3"],
    edits: [edit(WRITTEN, "to_char(asked.now at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')")],
  },
  {
    name: "cancel-mark-elsewhere",
    origin: "River 0.16–0.47, PR 1377: periods were of the process' time zone",
    what: "The mark is the local time of one place, written as if it were UTC.",
    breaks: ["CAN-3"],
    edits: [edit(WRITTEN, WRITTEN.replace("'UTC'", "'Asia/Kolkata'"))],
  },
  {
    name: "cancel-completed",
    origin: "invented",
    what: "A completed job is cancelled after all.",
    breaks: ["CAN-4", "INV-3"],
    edits: [edit(WHOM, WHOM.replace("'completed', ", ""))],
  },
  {
    name: "cancel-discarded-dated",
    origin: "invented",
    what: "A discarded job is cancelled, and dated anew.",
    breaks: ["CAN-4", "INV-3"],
    edits: [edit(WHOM, WHOM.replace(", 'discarded'", ""))],
  },
  {
    name: "cancel-forgets-pending",
    origin: "River ≤ 0.10.1, PR 477: lists without pending",
    what: "A pending job is not found.",
    breaks: ["CAN-1"],
    edits: [edit(WHOM, WHOM.replace("(", "('pending', "))],
  },
  {
    name: "cancel-not-finalized",
    origin: "invented",
    what: "A cancelled job gets no finalized_at, which the table refuses.",
    breaks: ["INV-13"],
    edits: [edit(FINALIZED, "finalized_at = null")],
  },
  {
    name: "cancel-finalized-when-due",
    origin: "invented",
    what: "A cancelled job is finalized at the time for which it was scheduled.",
    breaks: ["CAN-1", "INV-4"],
    edits: [edit(FINALIZED, FINALIZED.replace("asked.now", "scheduled_at"))],
  },
  {
    name: "cancel-discards",
    origin: "invented",
    what: "A job that is cancelled becomes discarded.",
    breaks: ["CAN-1"],
    edits: [edit(SET, SET.replace("'cancelled'", "'discarded'"))],
  },
  {
    name: "cancel-counts-attempt",
    origin: "invented",
    what: "A cancel uses an attempt up.",
    breaks: ["INV-5", "INV-12"],
    edits: [edit(SET, SET.replace("set ", "set attempt = attempt + 1, "))],
  },
  {
    name: "cancel-records-error",
    origin: "invented",
    what: "A cancel from outside is recorded as an error.",
    breaks: ["INV-6", "INV-12"],
    edits: [edit(SET, SET.replace("set ", "set errors = errors || '{}'::jsonb, "))],
  },
  {
    name: "cancel-stale-answer",
    origin: "River ≤ 0.47, PR 1409",
    what: "The row that is returned is from before the cancel.",
    breaks: ["INV-9"],
    edits: [
      edit("select * from cancelled\n", "select held.* from held join cancelled using (id)\n"),
    ],
  },
  {
    name: "cancel-nobody-invalid",
    origin: "invented",
    what: "A cancel of a job that is not there is refused as if the call were wrong.",
    breaks: ["CAN-6"],
    edits: [],
    reply: (reply) =>
      reply.op === "refused" && reply.code === "not_found" ? { ...reply, code: "invalid" } : reply,
  },
  {
    name: "cancel-tells-nobody",
    origin: "River ≤ 0.39, PR 1245",
    what: "Nobody is told: a running job learns of its cancel only when it has ended.",
    breaks: ["CAN-5"],
    edits: [edit(TOLD, "from cancelled where false\n)\n")],
  },
  {
    name: "cancel-tells-of-running",
    origin: "invented",
    what: "Only the cancel of a running job is told.",
    breaks: ["CAN-5"],
    edits: [edit(TOLD, "from cancelled where state = 'running'\n)\n")],
  },
  {
    name: "cancel-tells-of-final",
    origin: "invented",
    what: "A cancel that finds the job final is told too.",
    breaks: ["CAN-5", "INV-12"],
    edits: [edit(TOLD, "from held\n)\n")],
  },
  {
    name: "cancel-tells-default-queue",
    origin: "invented",
    what: "What is told names the default queue, whatever the queue.",
    breaks: ["CAN-5"],
    edits: [edit("'job_id', id, 'queue', queue", "'job_id', id, 'queue', 'default'")],
  },
  {
    name: "cancel-tells-another-channel",
    origin: "River ≤ 0.0.15, PR 134",
    what: "What is told goes to a misspelt channel.",
    breaks: ["CAN-5"],
    edits: [
      edit(
        "    current_schema() || '.river_control',",
        "    current_schema() || '.river_controls',",
      ),
    ],
  },
  {
    name: "cancel-tells-base64",
    origin: "River 0.20.0, PR 834",
    what: "What is told is base64, not JSON.",
    breaks: ["CAN-5"],
    edits: [
      edit(
        "jsonb_build_object('action', 'cancel', 'job_id', id, 'queue', queue)::text",
        "encode(jsonb_build_object('action', 'cancel', 'job_id', id, 'queue', queue)::text::bytea, 'base64')",
      ),
    ],
  },
];
