import { membersOf } from "../../spec/model/jsonb.ts";
import type { Reply } from "../adapter.ts";
import type { Bug, StatementLabel } from "./bug.ts";

const edit = (file: string, find: string, replace: string) => [
  { statement: `src/ops/queue-${file}.ts` as StatementLabel, find, replace },
];

const NOW = ",\n      updated_at = coalesce($1::timestamptz, now())";
const TOLD =
  "'pause', 'queue', $2::text)::text)\n  where $2::text = '*' or exists (select from asked)";

/** A list in another order than that of names. */
const reversed = (reply: Reply): Reply =>
  reply.op === "queue_list" ? { ...reply, queues: reply.queues.toReversed() } : reply;

/** Bugs of queues. */
export const QUEUE_BUGS: readonly Bug[] = [
  {
    name: "queue-pause-again-not-found",
    origin: "River 0.5–0.8, PR 408",
    what: "To pause a queue that is paused says that there is no such queue.",
    breaks: ["PAU-5"],
    edits: edit(
      "pause",
      TOLD,
      TOLD.replace("from asked", "from river_queue where name = $2::text and paused_at is null"),
    ),
  },
  {
    name: "queue-resume-touches",
    origin: "River 0.5–0.22, PR 870",
    what: "To resume a queue that is not paused touches it, so that it never expires.",
    breaks: ["PAU-7"],
    edits: edit("resume", "\n    and paused_at is not null", ""),
  },
  {
    name: "queue-pause-again-restarts",
    origin: "invented",
    what: "To pause a queue that is paused makes the pause begin anew.",
    breaks: ["PAU-5"],
    edits: edit("pause", "\n    and paused_at is null", ""),
  },
  {
    name: "queue-all-not-found",
    origin: "River 0.5–0.8, PR 408",
    what: "To pause all queues where there is none says that there is no such queue.",
    breaks: ["PAU-8"],
    edits: edit("pause", TOLD, TOLD.replace("$2::text = '*' or exists", "exists")),
  },
  {
    name: "queue-star-is-a-name",
    origin: "invented",
    what: "To resume `*` resumes no queue.",
    breaks: ["PAU-6"],
    edits: edit(
      "resume",
      "where $2::text in (name, '*')\n    and paused_at is not null",
      "where $2::text = name\n    and paused_at is not null",
    ),
  },
  {
    name: "queue-unknown-is-fine",
    origin: "invented",
    what: "To pause a queue that is not there is answered as if it were paused.",
    breaks: ["PAU-9"],
    edits: edit("pause", TOLD, TOLD.replace("exists (select from asked)", "true")),
  },
  {
    name: "queue-pause-untouched",
    origin: "invented",
    what: "A pause leaves `updated_at` as it is, and the queue may expire under it.",
    breaks: ["PAU-4"],
    edits: edit(
      "pause",
      `set paused_at = coalesce($1::timestamptz, now())${NOW}`,
      "set paused_at = coalesce($1::timestamptz, now())",
    ),
  },
  {
    name: "queue-resume-untouched",
    origin: "invented",
    what: "To resume leaves `updated_at` as it is, and the queue expires while it is worked.",
    breaks: ["PAU-6"],
    edits: edit(
      "resume",
      `set paused_at = null${NOW}`,
      "set paused_at = null,\n      updated_at = coalesce(updated_at, $1::timestamptz)",
    ),
  },
  {
    name: "queue-touch-resumes",
    origin: "invented",
    what: "A worker that starts on a paused queue resumes it.",
    breaks: ["PAU-2"],
    edits: edit(
      "touch",
      "set updated_at = excluded.updated_at",
      "set updated_at = excluded.updated_at, paused_at = null",
    ),
  },
  {
    name: "queue-touch-clears-metadata",
    origin: "invented",
    what: "A worker that starts on a queue takes its metadata away.",
    breaks: ["PAU-2"],
    edits: edit(
      "touch",
      "set updated_at = excluded.updated_at",
      "set updated_at = excluded.updated_at, metadata = excluded.metadata",
    ),
  },
  {
    name: "queue-touch-once",
    origin: "invented",
    what: "Only the first worker on a queue touches it: it expires while it is worked.",
    breaks: ["PAU-2"],
    edits: edit(
      "touch",
      "set updated_at = excluded.updated_at",
      "set updated_at = river_queue.updated_at",
    ),
  },
  {
    name: "queue-created-paused",
    origin: "invented",
    what: "A queue that is worked for the first time is paused.",
    breaks: ["PAU-1"],
    edits: [
      ...edit(
        "touch",
        "(name, created_at, updated_at)",
        "(name, created_at, updated_at, paused_at)",
      ),
      ...edit("touch", "select $2::text, now, now\n", "select $2::text, now, now, now\n"),
    ],
  },
  {
    name: "queue-any-name",
    origin: "invented",
    what: "A queue of any name can be worked.",
    breaks: ["PAU-3"],
    edits: [],
    // What is asked for is another, good name: nothing is refused.
    op: (op) =>
      op.op === "queue_touch" && !/^[a-z0-9]+$/.test(op.queue) ? { ...op, queue: "default" } : op,
  },
  {
    name: "queue-resume-wakes-nobody",
    origin: "River 0.5–0.20, PR 854, of the client that hears it",
    what: "To resume a queue is told to nobody: its clients wait for the next poll.",
    breaks: ["PAU-10"],
    edits: edit(
      "resume",
      "'.river_control', jsonb_build_object('action', 'resume'",
      "'.river_controls', jsonb_build_object('action', 'resume'",
    ),
  },
  {
    name: "queue-all-told-one-by-one",
    origin: "invented",
    what: "A pause of all queues is told as that of one.",
    breaks: ["PAU-10"],
    edits: edit(
      "pause",
      TOLD,
      TOLD.replace("$2::text)::text", "(select max(name) from asked))::text"),
    ),
  },
  {
    name: "queue-update-base64",
    origin: "River 0.20.0, PR 834",
    what: "New metadata is told in base64 instead of as JSON.",
    breaks: ["PAU-12"],
    edits: edit(
      "update",
      "'metadata', $3::jsonb,",
      "'metadata', encode(convert_to($3::jsonb::text, 'UTF8'), 'base64'),",
    ),
  },
  {
    name: "queue-update-tells-of-nothing",
    origin: "River ≤ 0.50, PR 1558, where it ended the program",
    what: "An update without metadata is told as if there were some.",
    breaks: ["PAU-12", "INV-12"],
    edits: edit("update", "where $3::jsonb is not null", ""),
  },
  {
    name: "queue-update-merges",
    origin: "River SQLite ≤ 0.49, PR 1533, of a job's metadata",
    what: "New metadata is merged into the old.",
    breaks: ["PAU-11"],
    edits: edit("update", "coalesce($3::jsonb, metadata)", "metadata || coalesce($3::jsonb, '{}')"),
  },
  {
    name: "queue-update-clears",
    origin: "invented",
    what: "An update without metadata takes the metadata away.",
    breaks: ["PAU-11"],
    edits: edit("update", "coalesce($3::jsonb, metadata)", "coalesce($3::jsonb, '{}')"),
  },
  {
    name: "queue-update-untouched",
    origin: "invented",
    what: "An update leaves `updated_at` as it is.",
    breaks: ["PAU-11"],
    edits: edit(
      "update",
      `metadata)${NOW}`,
      "metadata),\n      updated_at = coalesce(updated_at, $1::timestamptz)",
    ),
  },
  {
    name: "queue-update-any-json",
    origin: "River to this day (0.51.1)",
    what: "Metadata that is no object is taken for none.",
    breaks: ["PAU-13"],
    edits: [],
    op(op) {
      if (op.op !== "queue_update" || op.metadata === undefined) return op;
      const { metadata, ...without } = op;
      return membersOf(metadata) === null ? without : op;
    },
  },
  {
    name: "queue-get-unpaused",
    origin: "invented",
    what: "A paused queue is shown as one that is not.",
    breaks: ["PAU-14"],
    edits: edit(
      "get",
      "\nfrom river_queue\nwhere name = $1::text",
      `
from (select name, created_at, metadata, null::timestamptz as paused_at, updated_at from river_queue) as shown
where name = $1::text`,
    ),
  },
  {
    name: "queue-list-backwards",
    origin: "invented",
    what: "Queues are listed backwards.",
    breaks: ["PAU-15"],
    edits: [],
    reply: reversed,
  },
  {
    name: "queue-list-newest",
    origin: "invented",
    what: "Queues are listed by the time they were touched.",
    breaks: ["PAU-15"],
    edits: edit("list", 'order by name collate "C"', "order by updated_at desc"),
  },
];
