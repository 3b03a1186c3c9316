import type { Bug, Edit } from "./bug.ts";
import { eachOutcome, isObject, jsonOr } from "./repair.ts";

const edit = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/finish.ts", find, replace },
];

const FENCE =
  "coalesce(job.attempt = of_attempt and job.attempted_at = of_attempted_at, false) as is_fetch";
const RECORDED =
  "when not applies or outcome not in ('error', 'discard', 'cancel') then settled.errors";

const MERGED = "base || updates";
const DEEPLY = `base || (
          select coalesce(jsonb_object_agg(key, case
            when jsonb_typeof(value) = 'object' and jsonb_typeof(base -> key) = 'object' then (base -> key) || value
            else value
          end), '{}') from jsonb_each(updates))`;
const UNCHANGED = "when not is_fetch or updates = '{}' and outcome <> 'snooze' and not is_blocked";
const RETRY_AT = "coalesce(retry_at, ($10::text[])[1])";

/** Bugs of finish: what is recorded, and whose result counts. */
export const RECORD_BUGS: readonly Bug[] = [
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
      `nullif(${RETRY_AT}, '')::timestamptz as retry_at`,
      `case when ${RETRY_AT} <> '' then greatest(${RETRY_AT}::timestamptz, $1::timestamptz) end as retry_at`,
    ),
  },
];
