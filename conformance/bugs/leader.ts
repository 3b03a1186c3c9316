import type { Op } from "../../spec/model/op.ts";
import type { Bug, StatementLabel } from "./bug.ts";

const edit = (file: string, find: string, replace: string) => [
  { statement: `src/ops/${file}.ts` as StatementLabel, find, replace },
];

const OWN = "where leader_id = $2::text\n  and elected_at = $3::timestamptz";

/** The lease of every term, a third of what was asked for: as long as clients wait between re-elections. */
const shortLease = (op: Op): Op =>
  op.op === "elect" || op.op === "reelect" ? { ...op, lease: Math.max(1, op.lease / 3) } : op;

/** Bugs of the leader. */
export const LEADER_BUGS: readonly Bug[] = [
  {
    name: "leader-lease-too-short",
    origin: "River ≤ 0.0.20, PR 217",
    what: "The lease is as long as the time between re-elections: the lead flaps.",
    breaks: ["LDR-1", "LDR-3"],
    edits: [],
    op: shortLease,
  },
  {
    name: "leader-reelect-any-term",
    origin: "River ≤ 0.34, PR 1213, fixed in 0.35.0",
    what: "A client is re-elected in a term that has ended, where it leads in a later one.",
    breaks: ["LDR-4"],
    edits: edit("reelect", OWN, "where leader_id = $2::text\n  and $3::timestamptz is not null"),
  },
  {
    name: "leader-resign-any-term",
    origin: "River ≤ 0.34, PR 1213, fixed in 0.35.0",
    what: "A late resignation ends the client's next term.",
    breaks: ["LDR-7"],
    edits: edit("resign", "and elected_at = $2::timestamptz", "and $2::timestamptz is not null"),
  },
  {
    name: "leader-reelect-past",
    origin: "River ≤ 0.0.18, PR 199",
    what: "A client that led before thinks that it goes on, while another leads.",
    breaks: ["LDR-4", "INV-15"],
    edits: edit("reelect", OWN, "where $2::text is not null\n  and $3::timestamptz is not null"),
  },
  {
    name: "leader-reelect-late",
    origin: "invented",
    what: "A leader whose lease has run out is re-elected.",
    breaks: ["LDR-5"],
    edits: edit("reelect", "\n  and expires_at >= coalesce($1::timestamptz, now())", ""),
  },
  {
    name: "leader-reelect-strict",
    origin: "invented",
    what: "A leader is not re-elected in the last microsecond of its lease.",
    breaks: ["LDR-3"],
    edits: edit("reelect", "and expires_at >= coalesce", "and expires_at > coalesce"),
  },
  {
    name: "leader-reelect-new-term",
    origin: "invented",
    what: "A re-election begins a new term, which the leader is not told of.",
    breaks: ["LDR-3", "INV-15"],
    edits: edit(
      "reelect",
      "set expires_at",
      "set elected_at = coalesce($1::timestamptz, now()), expires_at",
    ),
  },
  {
    name: "leader-elect-early",
    origin: "invented",
    what: "Another client is elected in the last microsecond of a lease.",
    breaks: ["LDR-2", "INV-15"],
    edits: edit(
      "elect",
      "where river_leader.expires_at < excl",
      "where river_leader.expires_at <= excl",
    ),
  },
  {
    name: "leader-elect-usurps",
    origin: "invented",
    what: "Whoever asks is elected.",
    breaks: ["LDR-2", "INV-15"],
    edits: edit("elect", "\nwhere river_leader.expires_at < excluded.elected_at", ""),
  },
  {
    name: "leader-elect-again",
    origin: "invented",
    what: "The leader that asks begins a new term.",
    breaks: ["LDR-2", "INV-15"],
    edits: edit(
      "elect",
      "where river_leader.expires_at < excluded.elected_at",
      "where river_leader.expires_at < excluded.elected_at or river_leader.leader_id = excluded.leader_id",
    ),
  },
  {
    name: "leader-never-replaced",
    origin: "invented",
    what: "A leader that is gone without resigning leads for ever.",
    breaks: ["LDR-1"],
    edits: edit("elect", "where river_leader.expires_at < excluded.elected_at", "where false"),
  },
  {
    name: "leader-keeps-name",
    origin: "invented",
    what: "A client that takes an expired lease leads in the name of the one before.",
    breaks: ["LDR-1"],
    edits: edit(
      "elect",
      "set leader_id = excluded.leader_id,",
      "set leader_id = river_leader.leader_id,",
    ),
  },
  {
    name: "leader-resign-expired-only-while-leading",
    origin: "invented",
    what: "A resignation after the lease has run out leaves the row.",
    breaks: ["LDR-6"],
    edits: edit(
      "resign",
      "and elected_at = $2::timestamptz",
      "and elected_at = $2::timestamptz and expires_at > elected_at + interval '1 second'",
    ),
  },
  {
    name: "leader-resign-anybody",
    origin: "invented",
    what: "Whoever resigns ends the term of whoever leads.",
    breaks: ["LDR-7", "INV-15"],
    edits: edit(
      "resign",
      "where leader_id = $1::text\n    and elected_at = $2::timestamptz",
      "where $1::text is not null\n    and $2::timestamptz is not null",
    ),
  },
  {
    name: "leader-resign-misspelt",
    origin: "River ≤ 0.0.15, PR 134",
    what: "A resignation is told on a channel that nobody listens to.",
    breaks: ["LDR-8"],
    edits: edit(
      "resign",
      "'.river_leadership',\n                   jsonb_build_object('action', 'resigned'",
      "'.river_leader',\n                   jsonb_build_object('action', 'resigned'",
    ),
  },
  {
    name: "leader-resign-told-anyway",
    origin: "invented",
    what: "A resignation from a term that has ended is told all the same.",
    breaks: ["LDR-7", "INV-12"],
    edits: edit(
      "resign",
      "\n  from resigned\n)",
      "\n  from (select $1::text as leader_id) as client\n)",
    ),
  },
  {
    name: "leader-request-untold",
    origin: "invented",
    what: "Nobody hears that somebody wants the leader to resign.",
    breaks: ["LDR-9"],
    edits: edit("request-resign", "'request_resign'", "'requested'"),
  },
  {
    name: "leader-request-deletes",
    origin: "invented",
    what: "Whoever asks that the leader resign deletes its row, and the leader goes on.",
    breaks: ["LDR-9", "INV-15"],
    edits: edit(
      "request-resign",
      "\nselect pg_notify(current_schema() || '.river_leadership',\n                 jsonb_build_object('action', 'request_resign'",
      "\nwith gone as (delete from river_leader)\nselect pg_notify(current_schema() || '.river_leadership',\n                 jsonb_build_object('action', 'request_resign'",
    ),
  },
  {
    name: "leader-nameless",
    origin: "River to this day (0.51.1)",
    what: "A client without a name, or for no time, is elected.",
    breaks: ["LDR-10"],
    edits: [],
    op: (op) =>
      op.op !== "elect"
        ? op
        : { ...op, client: op.client.slice(0, 127) || "nobody", lease: Math.max(op.lease, 1) },
  },
];
