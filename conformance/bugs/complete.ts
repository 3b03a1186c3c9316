import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/complete.ts", find, replace },
];

const OWN =
  "select of_id, coalesce(of_attempt, ($3::int[])[1]), coalesce(of_attempted_at, ($4::timestamptz[])[1]), 'running'";

/** Bugs of the quicker statement for what is completed with nothing to record. */
export const COMPLETE_BUGS: readonly Bug[] = [
  {
    name: "complete-early",
    origin: "invented",
    what: "A job that is completed the quick way is finalized at the start of its attempt.",
    breaks: ["FIN-1"],
    edits: edit(
      "finalized_at = coalesce($1::timestamptz, now())",
      "finalized_at = least(attempted_at, coalesce($1::timestamptz, now()))",
    ),
  },
  {
    name: "complete-late-result-counts",
    origin: "invented",
    what: "A job is completed the quick way although it no longer runs.",
    breaks: ["FIN-15", "INV-3"],
    edits: edit(OWN, OWN.replace("'running'", "state::text")),
  },
  {
    name: "complete-unfenced",
    origin: "River by design, 0.51",
    what: "The late completion of one attempt ends the next the quick way.",
    breaks: ["FIN-16"],
    edits: edit(OWN, "select of_id, attempt, attempted_at, 'running'"),
  },
];
