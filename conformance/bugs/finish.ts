import type { Bug, Edit } from "./bug.ts";
import { RECORD_BUGS } from "./finish-record.ts";
import { eachOutcome } from "./repair.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/finish.ts", find, replace },
];

const RUNS_AGAIN =
  "outcome in ('snooze', 'interrupt') or outcome = 'error' and attempt < max_attempts as runs_again";
const SOON = "when next_at <= now + interval '5 seconds' then 'available'";
const CANCELLED =
  "when outcome = 'cancel' or runs_again and base ? 'cancel_attempted_at' then 'cancelled'";
const GIVEN_BACK = "outcome in ('snooze', 'interrupt') and ends_as in ('available', 'scheduled')";
const FINALIZED = "when applies and ends_as in ('cancelled', 'completed', 'discarded') then now";
const RECORDED =
  "when not applies or outcome not in ('error', 'discard', 'cancel') then settled.errors";

/** Bugs of finish: what becomes of the job. */
const STATE_BUGS: readonly Bug[] = [
  {
    name: "finish-completed-early",
    origin: "invented",
    what: "A completed job is finalized at the start of its attempt.",
    breaks: ["FIN-1"],
    edits: edit(
      FINALIZED,
      `when applies and ends_as = 'completed' then settled.attempted_at ${FINALIZED}`,
    ),
  },
  {
    name: "finish-never-retryable",
    origin: "invented",
    what: "A failed job whose retry is far away is scheduled, not retryable.",
    breaks: ["FIN-2"],
    edits: edit(
      "when outcome = 'error' then 'retryable'",
      "when outcome = 'error' then 'scheduled'",
    ),
  },
  {
    name: "finish-soon-waits",
    origin: "invented",
    what: "A failed job whose retry is at most 5 s away waits for the scheduler.",
    breaks: ["FIN-3"],
    edits: edit(SOON, SOON.replace("when", "when outcome <> 'error' and")),
  },
  {
    name: "finish-limit-of-soon",
    origin: "invented",
    what: "A retry or snooze of exactly 5 s waits for the scheduler.",
    breaks: ["FIN-3", "FIN-8"],
    edits: edit(SOON, SOON.replace("<=", "<")),
  },
  {
    name: "finish-one-attempt-more",
    origin: "invented",
    what: "A job runs once more than its attempts allow.",
    breaks: ["FIN-4"],
    edits: edit(RUNS_AGAIN, RUNS_AGAIN.replace("< max", "<= max")),
  },
  {
    name: "finish-discard-runs-again",
    origin: "invented",
    what: "A discarded attempt with attempts left is tried again.",
    breaks: ["FIN-5"],
    edits: edit(
      RUNS_AGAIN,
      RUNS_AGAIN.replace("outcome = 'error'", "outcome in ('error', 'discard')"),
    ),
  },
  {
    name: "finish-cancel-discards",
    origin: "invented",
    what: "A cancelled attempt makes the job discarded.",
    breaks: ["FIN-6"],
    edits: edit(CANCELLED, CANCELLED.replace("outcome = 'cancel' or ", "")),
  },
  {
    name: "finish-cancel-keeps-key",
    origin: "River ≤ 0.11.4, PR 560",
    what: "A job cancelled while it runs keeps its key: nothing can be inserted until the cleaner comes.",
    breaks: ["INV-12"],
    edits: edit(
      "when not is_rivalled then settled.unique_states",
      "when ends_as = 'cancelled' and applies then set_bit(settled.unique_states, 6, 1) when not is_rivalled then settled.unique_states",
    ),
  },
  {
    name: "finish-snooze-retryable",
    origin: "invented",
    what: "A long snooze makes the job retryable, so that it may lose its key.",
    breaks: ["FIN-7"],
    edits: edit(
      "when outcome = 'error' then 'retryable'\n           else 'scheduled'",
      "else 'retryable'",
    ),
  },
  {
    name: "finish-snooze-zero-fails",
    origin: "River ≤ 0.24, PR 1037",
    what: "A snooze of zero counts as a failure.",
    breaks: ["FIN-8"],
    edits: edit(
      "when not runs_again then 'discarded'",
      "when not runs_again or outcome = 'snooze' and snooze = 0 then 'discarded'",
    ),
  },
  {
    name: "finish-snooze-keeps-attempt",
    origin: "invented",
    what: "A snooze uses an attempt up.",
    breaks: ["FIN-9"],
    edits: edit(GIVEN_BACK, GIVEN_BACK.replace("in ('snooze', 'interrupt')", "= 'interrupt'")),
  },
  {
    name: "finish-snooze-raises-max",
    origin: "River ≤ 0.15, PR 730",
    what: "A snooze raises max_attempts until the column overflows.",
    breaks: ["INV-12", "FIN-9"],
    edits: edit(
      "errors = case\n        when not applies",
      "max_attempts = settled.max_attempts + (applies and outcome = 'snooze')::int, errors = case\n        when not applies",
    ),
  },
  {
    name: "finish-negative-snooze",
    origin: "River 0.18–0.49, PR 1529",
    what: "A negative snooze is accepted.",
    breaks: ["FIN-17", "INV-12"],
    edits: [],
    op: eachOutcome((outcome) =>
      outcome.kind === "snooze" ? { ...outcome, for: Math.max(0, outcome.for) } : outcome,
    ),
  },
  {
    name: "finish-interrupt-keeps-attempt",
    origin: "River ≤ 0.43: a stopped attempt was used up",
    what: "An interrupted attempt is used up.",
    breaks: ["FIN-11"],
    edits: edit(GIVEN_BACK, GIVEN_BACK.replace("in ('snooze', 'interrupt')", "= 'snooze'")),
  },
  {
    name: "finish-interrupt-fails",
    origin: "River ≤ 0.43: a stopped attempt was an error",
    what: "An interrupted attempt is recorded as a failure.",
    breaks: ["INV-6"],
    edits: edit(RECORDED, RECORDED.replace("'cancel')", "'cancel', 'interrupt')")),
  },
  {
    name: "finish-cancel-request-ignored",
    origin: "invented",
    what: "A job that was asked to stop runs again after a failure.",
    breaks: ["FIN-12"],
    edits: edit(CANCELLED, CANCELLED.replace("runs_again and", "false and")),
  },
  {
    name: "finish-cancel-request-counts-all",
    origin: "invented",
    what: "A job that was asked to stop is cancelled although it completed or used its attempts up.",
    breaks: ["FIN-1", "FIN-4", "FIN-5"],
    edits: edit(CANCELLED, CANCELLED.replace("runs_again and ", "")).map(
      ({ replace, ...rest }) => ({
        ...rest,
        replace: `when base ? 'cancel_attempted_at' then 'cancelled' ${replace}`,
      }),
    ),
  },
];

/** Bugs of finish. */
export const FINISH_BUGS: readonly Bug[] = [...STATE_BUGS, ...RECORD_BUGS];
