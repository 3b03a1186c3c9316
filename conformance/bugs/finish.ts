import type { Bug, Edit } from "./bug.ts";
import { eachOutcome, isObject, jsonOr } from "./repair.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/finish.ts", find, replace },
];

const RUNS_AGAIN =
  "outcome in ('snooze', 'interrupt') or outcome = 'error' and attempt < max_attempts as runs_again";
const SOON = "when next_at <= now + interval '5 seconds' then 'available'";
const CANCELLED =
  "when outcome = 'cancel' or runs_again and base ? 'cancel_attempted_at' then 'cancelled'";
const FENCE =
  "coalesce(job.attempt = of_attempt and job.attempted_at = of_attempted_at, false) as is_fetch";
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

const MERGED = "base || updates";
const DEEPLY = `base || (
          select coalesce(jsonb_object_agg(key, case
            when jsonb_typeof(value) = 'object' and jsonb_typeof(base -> key) = 'object' then (base -> key) || value
            else value
          end), '{}') from jsonb_each(updates))`;
const UNCHANGED = "when not is_fetch or updates = '{}' and outcome <> 'snooze' and not is_blocked";

/** Bugs of finish: what is recorded, and whose result counts. */
const RECORD_BUGS: readonly Bug[] = [
  {
    name: "finish-snooze-count-restarts",
    origin: "invented",
    what: "Every snooze is counted as the first.",
    breaks: ["FIN-10"],
    edits: edit("'snoozes', 1 + least(", "'snoozes', 1 + 0 * least("),
  },
  {
    name: "finish-error-at-end",
    origin: "invented",
    what: "An error is dated by the end of its attempt.",
    breaks: ["FIN-13"],
    edits: edit(
      "to_char(settled.attempted_at at time zone 'UTC'",
      "to_char(now at time zone 'UTC'",
    ),
  },
  {
    name: "finish-error-replaces",
    origin: "invented",
    what: "Only the latest error is kept.",
    breaks: ["FIN-13", "INV-6"],
    edits: edit("else settled.errors end\n", "else null end\n"),
  },
  {
    name: "finish-snooze-recorded",
    origin: "invented",
    what: "A snooze is recorded as an error.",
    breaks: ["INV-6"],
    edits: edit(RECORDED, RECORDED.replace("'cancel')", "'cancel', 'snooze')")),
  },
  {
    name: "finish-metadata-deep",
    origin: "River ≤ 0.49, PR 1533",
    what: "Metadata updates are merged below the top level.",
    breaks: ["FIN-14"],
    edits: edit(MERGED, DEEPLY),
  },
  {
    name: "finish-metadata-null-deletes",
    origin: "River ≤ 0.49, PR 1533",
    what: "A null in the metadata updates deletes the member.",
    breaks: ["FIN-14"],
    edits: edit(
      MERGED,
      `(${MERGED}) - array(select key from jsonb_each(updates) where value = 'null')`,
    ),
  },
  {
    name: "finish-metadata-dropped",
    origin: "invented",
    what: "Metadata updates of an attempt that ends are lost.",
    breaks: ["FIN-14"],
    edits: edit(MERGED, "base || case when applies then '{}' else updates end"),
  },
  {
    name: "finish-metadata-any-json",
    origin: "invented",
    what: "Metadata updates that are no object are taken for none.",
    breaks: ["FIN-19", "INV-12"],
    edits: [],
    op: eachOutcome((outcome) =>
      outcome.metadata === undefined
        ? outcome
        : { ...outcome, metadata: jsonOr(outcome.metadata, "{}", isObject) },
    ),
  },
  {
    name: "finish-late-result-counts",
    origin: "invented",
    what: "A result counts although the job no longer runs.",
    breaks: ["FIN-15", "INV-3"],
    edits: edit("is_fetch and state = 'running' as applies", "is_fetch as applies"),
  },
  {
    name: "finish-late-metadata-lost",
    origin: "invented",
    what: "Metadata that comes after the job has ended is lost.",
    breaks: ["FIN-14", "FIN-10"],
    edits: edit(UNCHANGED, UNCHANGED.replace("not is_fetch", "not applies")),
  },
  {
    name: "finish-unfenced",
    origin: "River by design, 0.51",
    what: "A late result of one attempt ends the next.",
    breaks: ["FIN-16"],
    edits: edit(
      FENCE,
      "coalesce(job.attempt >= of_attempt and job.attempted_at is not null, false) as is_fetch",
    ),
  },
  {
    name: "finish-fenced-by-number",
    origin: "invented",
    what: "Two fetches with a snooze between them are told apart by their number alone, which is the same.",
    breaks: ["FIN-16"],
    edits: edit(
      FENCE,
      "coalesce(job.attempt = of_attempt and job.attempted_at is not null, false) as is_fetch",
    ),
  },
  {
    name: "finish-never-fetched-merges",
    origin: "River to this day (0.51.1)",
    what: "Metadata updates for a job that was never fetched are merged.",
    breaks: ["FIN-18"],
    edits: edit(FENCE, `job.attempted_at is null or ${FENCE}`),
  },
  {
    name: "finish-retry-too-soon",
    origin: "invented",
    what: "The default retry policy counts one error too few.",
    breaks: ["FIN-20"],
    edits: edit("round((error_count + 1)::numeric ^ 4", "round(error_count::numeric ^ 4"),
  },
  {
    name: "finish-retry-cubic",
    origin: "invented",
    what: "The default retry policy grows with the third power.",
    breaks: ["FIN-20"],
    edits: edit("round((error_count + 1)::numeric ^ 4", "round((error_count + 1)::numeric ^ 3"),
  },
  {
    name: "finish-past-retry-at-once",
    origin: "invented",
    what: "A retry asked for in the past happens at once: a hot loop.",
    breaks: ["FIN-21"],
    edits: edit(
      "nullif(retry_at, '')::timestamptz as retry_at",
      "case when retry_at <> '' then greatest(retry_at::timestamptz, $1::timestamptz) end as retry_at",
    ),
  },
];

/** Bugs of finish. */
export const FINISH_BUGS: readonly Bug[] = [...STATE_BUGS, ...RECORD_BUGS];
