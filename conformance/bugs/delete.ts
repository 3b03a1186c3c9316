import type { Bug, Edit } from "./bug.ts";

const DELETED = "where river_job.id = found.id and river_job.state <> 'running'";
const deletes = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/delete.ts", find, replace },
];
const updates = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/update.ts", find, replace },
];
const WRITTEN = `case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end
  || jsonb_build_object('output', $2::jsonb)`;
const OF_JOB = "where river_job.id = $1::bigint\nreturning";

/** Bugs of delete, update and get. */
export const DELETE_BUGS: readonly Bug[] = [
  {
    name: "delete-running",
    origin: "invented",
    what: "A running job is deleted under its worker's hands.",
    breaks: ["DEL-2", "INV-10"],
    edits: deletes(DELETED, "where river_job.id = found.id"),
  },
  {
    name: "delete-cancels",
    origin: "invented",
    what: "A delete only cancels: the row stays, and with some masks it keeps its key.",
    breaks: ["DEL-1", "INV-3"],
    edits: deletes(
      `delete from river_job
  using found`,
      `update river_job
  set state = 'cancelled', finalized_at = river_job.created_at
  from found`,
    ),
  },
  {
    name: "delete-only-final",
    origin: "invented",
    what: "A job that has not ended is not deleted, as if it were running.",
    breaks: ["DEL-1"],
    edits: deletes(DELETED, `${DELETED} and river_job.finalized_at is not null`),
  },
  {
    name: "delete-next",
    origin: "invented",
    what: "The delete of a job that is gone takes the next one.",
    breaks: ["DEL-3", "INV-10"],
    edits: deletes(
      "where id = $1::bigint for update",
      "where id >= $1::bigint order by id limit 1 for update",
    ),
  },
  {
    name: "delete-answers-fresh",
    origin: "invented",
    what: "The row of a deleted job is answered as if it had never been attempted.",
    breaks: ["DEL-1"],
    edits: [],
    reply: (reply) =>
      reply.op === "delete" ? { ...reply, job: { ...reply.job, attempt: 0 } } : reply,
  },
  {
    name: "finish-of-deleted-fails",
    origin: "River ≤ 0.40, PR 1308: a job deleted meanwhile crashes the completer",
    what: "The result of a job that was deleted meanwhile is an error.",
    breaks: ["DEL-9", "FIN-18"],
    edits: [],
    reply: (reply) =>
      reply.op === "finish" && reply.job === null
        ? { op: "database", sqlstate: "P0002", message: "no rows in result set" }
        : reply,
  },
  {
    name: "update-only-running",
    origin: "invented",
    what: "Only a running job's output is written.",
    breaks: ["UPD-1"],
    edits: updates(OF_JOB, OF_JOB.replace("bigint", "bigint and state = 'running'")),
  },
  {
    name: "update-first-stays",
    origin: "invented",
    what: "An output that is there already stays.",
    breaks: ["UPD-1"],
    edits: updates(
      WRITTEN,
      `jsonb_build_object('output', $2::jsonb)
  || case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end`,
    ),
  },
  {
    name: "update-drops-metadata",
    origin: "invented",
    what: "The output replaces all metadata, a wish for cancellation among it.",
    breaks: ["UPD-1"],
    edits: updates(WRITTEN, "jsonb_build_object('output', $2::jsonb)"),
  },
  {
    name: "update-null-deletes",
    origin: "invented",
    what: "An output of null is taken for none.",
    breaks: ["UPD-1"],
    edits: updates(WRITTEN, `jsonb_strip_nulls(${WRITTEN})`),
  },
  {
    name: "update-next",
    origin: "invented",
    what: "The output of a job that is gone is written to the next one.",
    breaks: ["UPD-2", "INV-12"],
    edits: updates(
      OF_JOB,
      OF_JOB.replace(
        "$1::bigint",
        "(select min(next.id) from river_job as next where next.id >= $1::bigint)",
      ),
    ),
  },
  {
    name: "update-any-output",
    origin: "invented",
    what: "An output that the database cannot hold is written as null.",
    breaks: ["UPD-3"],
    edits: [],
    op: (op) => {
      const isBad = op.op === "update" && (op.output === "{" || op.output.includes("\\u0000"));
      return isBad ? { ...op, output: "null" } : op;
    },
  },
  {
    name: "get-not-final",
    origin: "invented",
    what: "A job that has ended is not found.",
    breaks: ["LST-1"],
    edits: [
      {
        statement: "src/ops/get.ts",
        find: "from river_job\nwhere river_job.id = $1::bigint",
        replace: "from river_job\nwhere river_job.id = $1::bigint and finalized_at is null",
      },
    ],
  },
  {
    name: "get-next",
    origin: "invented",
    what: "In place of a job that is gone the next one is answered.",
    breaks: ["LST-2"],
    edits: [
      {
        statement: "src/ops/get.ts",
        find: "from river_job\nwhere river_job.id = $1::bigint",
        replace: "from river_job\nwhere river_job.id >= $1::bigint order by river_job.id limit 1",
      },
    ],
  },
];
