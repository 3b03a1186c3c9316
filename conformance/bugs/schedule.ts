import type { Bug, Edit } from "./bug.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/schedule.ts", find, replace },
];

const DUE = "and scheduled_at <= greatest($2::timestamptz, coalesce($1::timestamptz, now()))";
const TAKEN = "order by priority, scheduled_at, id\n  limit $3::int\n  for update\n), placed";
const PLACE =
  "row_number() over (partition by competes_for order by holds desc, priority, scheduled_at, id) as place";
const MASK =
  "unique_states = case when is_blocked then set_bit(unique_states, 4, 0) else unique_states end";
const MOVED = "where river_job.id = decided.id\n  returning river_job.*\n), notified as (";

/** Bugs of schedule. */
export const SCHEDULE_BUGS: readonly Bug[] = [
  {
    name: "schedule-self-conflict",
    origin: "River v0.12.0, PR 619, fixed in 0.12.1",
    what: "A due unique job counts as its own rival and is discarded.",
    breaks: ["SCH-3", "SCH-5", "INV-2"],
    edits: edit("\n             and other.id <> placed.id", ""),
  },
  {
    name: "schedule-two-retryable",
    origin: "River v0.12.0, PR 619, fixed in 0.12.1",
    what: "Due rivals do not see each other: all are promoted, the unique index refuses, nobody is scheduled.",
    breaks: ["INV-13", "SCH-6"],
    edits: edit(
      "competes_for is not null and (place > 1 or exists (",
      "competes_for is not null and (exists (",
    ),
  },
  {
    name: "schedule-holder-loses",
    origin: "River 0.12.1 to this day (0.51.1)",
    what: "The holder of a key and a retryable rival come due together, and both are discarded.",
    breaks: ["SCH-5", "INV-2"],
    edits: edit(PLACE, PLACE.replace("holds desc, ", "")),
  },
  {
    name: "schedule-all-rivals-lose",
    origin: "invented",
    what: "Where several due jobs compete for a key, all are discarded.",
    breaks: ["SCH-5", "SCH-6", "INV-2"],
    edits: edit(PLACE, "count(*) over (partition by competes_for) as place"),
  },
  {
    name: "schedule-last-rival-wins",
    origin: "invented",
    what: "Of several due jobs that compete for a free key the last is promoted.",
    breaks: ["SCH-4", "SCH-6"],
    edits: edit(
      PLACE,
      PLACE.replace("priority, scheduled_at, id", "priority desc, scheduled_at desc, id desc"),
    ),
  },
  {
    name: "schedule-keyless-compete",
    origin: "invented",
    what: "Jobs without a key count as rivals of each other.",
    breaks: ["SCH-7"],
    edits: edit("competes_for is not null and (place > 1", "(place > 1"),
  },
  {
    name: "schedule-rival-waits",
    origin: "procrastinate 1446, 1543: a row stays as it is for ever",
    what: "A due job whose key is taken is left where it is.",
    breaks: ["SCH-4"],
    edits: edit(MOVED, MOVED.replace("decided.id\n", "decided.id and not is_blocked\n")),
  },
  {
    name: "schedule-rival-cancelled",
    origin: "invented",
    what: "A due job whose key is taken is cancelled, not discarded.",
    breaks: ["SCH-4"],
    edits: edit(
      "when is_blocked then 'discarded' else 'available'",
      "when is_blocked then 'cancelled' else 'available'",
    ),
  },
  {
    name: "schedule-rival-deleted",
    origin: "invented",
    what: "A due job whose key is taken is deleted.",
    breaks: ["INV-10"],
    edits: edit(
      MOVED,
      `where river_job.id = decided.id and not is_blocked
  returning river_job.*
), gone as (
  delete from river_job using decided where river_job.id = decided.id and is_blocked
), notified as (`,
    ),
  },
  {
    name: "schedule-finalized-at-horizon",
    origin: "River to this day: the scheduler passes its horizon as now",
    what: "A job discarded by the scheduler is finalized at the horizon, in the future.",
    breaks: ["SCH-8", "INV-4"],
    edits: edit(
      "finalized_at = case when is_blocked then coalesce($1::timestamptz, now()) end",
      "finalized_at = case when is_blocked then greatest($2::timestamptz, $1::timestamptz) end",
    ),
  },
  {
    name: "schedule-not-finalized",
    origin: "invented",
    what: "A job discarded by the scheduler gets no finalized_at, which the table refuses.",
    breaks: ["INV-13"],
    edits: edit(
      "finalized_at = case when is_blocked then coalesce($1::timestamptz, now()) end",
      "finalized_at = null",
    ),
  },
  {
    name: "schedule-unmarked",
    origin: "invented",
    what: "Nothing says why the scheduler discarded a job.",
    breaks: ["SCH-8"],
    edits: edit("when not is_blocked then metadata\n", "when true then metadata\n"),
  },
  {
    name: "schedule-mark-only",
    origin: "invented",
    what: "The scheduler's mark replaces all metadata.",
    breaks: ["SCH-8"],
    edits: edit(
      'then metadata || \'{"unique_key_conflict": "scheduler_discarded"}\'',
      'then \'{"unique_key_conflict": "scheduler_discarded"}\'',
    ),
  },
  {
    name: "schedule-loser-keeps-bit",
    origin: "River 0.12 to this day (0.51.1)",
    what: "A loser whose mask has discarded holds the key again by being discarded: the unique index refuses.",
    breaks: ["INV-13", "SCH-9"],
    edits: edit(MASK, "unique_states = unique_states"),
  },
  {
    name: "schedule-loser-loses-mask",
    origin: "invented",
    what: "A loser whose mask has discarded loses the whole mask, not the bit.",
    breaks: ["SCH-9"],
    edits: edit(
      MASK,
      MASK.replace(
        "set_bit(unique_states, 4, 0)",
        "case when get_bit(unique_states, 4) = 0 then unique_states end",
      ),
    ),
  },
  {
    name: "schedule-too-early",
    origin: "invented",
    what: "The scheduler's interval is added to a horizon that has it already.",
    breaks: ["SCH-1"],
    edits: edit(DUE, `${DUE} + interval '5 seconds'`),
  },
  {
    name: "schedule-no-horizon",
    origin: "invented",
    what: "Nothing that is due only after now is promoted.",
    breaks: ["SCH-3", "SCH-7"],
    edits: edit(
      DUE,
      "and scheduled_at <= coalesce(least($2::timestamptz, $1::timestamptz), now())",
    ),
  },
  {
    name: "schedule-not-quite-due",
    origin: "invented",
    what: "A job due at the very horizon is left.",
    breaks: ["SCH-3", "SCH-7"],
    edits: edit(DUE, DUE.replace("<=", "<")),
  },
  {
    name: "schedule-takes-pending",
    origin: "invented",
    what: "Pending jobs are promoted too.",
    breaks: ["INV-12"],
    edits: edit(
      "where state in ('retryable', 'scheduled')",
      "where state in ('pending', 'retryable', 'scheduled')",
    ),
  },
  {
    name: "schedule-forgets-retryable",
    origin: "invented",
    what: "Only scheduled jobs are promoted.",
    breaks: ["SCH-3", "SCH-7"],
    edits: edit("where state in ('retryable', 'scheduled')", "where state = 'scheduled'"),
  },
  {
    name: "schedule-order-by-id",
    origin: "invented",
    what: "With a limit, due jobs are taken by id.",
    breaks: ["SCH-2"],
    edits: edit(TAKEN, TAKEN.replace("priority, scheduled_at, id", "id")),
  },
  {
    name: "schedule-one-too-many",
    origin: "invented",
    what: "One job more than asked for is promoted.",
    breaks: ["SCH-2"],
    edits: edit(TAKEN, TAKEN.replace("$3::int", "$3::int + 1")),
  },
  {
    name: "schedule-resets-attempt",
    origin: "invented",
    what: "Being promoted gives all attempts back.",
    breaks: ["INV-5", "INV-12"],
    edits: edit(
      "set state = case when is_blocked",
      "set attempt = 0, state = case when is_blocked",
    ),
  },
];
