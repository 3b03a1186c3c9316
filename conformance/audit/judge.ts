import type { Seen } from "./audit.ts";
import { CHECKS, type CheckName, type Outcome } from "./check.ts";
import type { Limits } from "./counts.ts";
import { lengthOf, millisOf, shortTime } from "./duration.ts";
import type { Grade, GradedKind } from "./grade.ts";
import { oddMigrations } from "./services.ts";

const OLD = "jobs have no mask before migration 6, River 0.12";

const found = (
  check: CheckName,
  count: number,
  says: string,
  details: readonly string[] = [],
  names: readonly string[] = [],
): Outcome =>
  count === 0
    ? { check, kept: true }
    : { check, weight: CHECKS[check].weight, count, says, details, names };

/** `1 job was`, `2 jobs were`. */
const jobs = (count: number, one: string, many: string): string =>
  count === 1 ? `1 job ${one}` : `${count.toLocaleString("en-US")} jobs ${many}`;

const sum = (kinds: readonly GradedKind[]): number =>
  kinds.reduce((total, each) => total + each.jobs, 0);

/** What came of the jobs with the scheduler's mark. */
export function judgeMarked(seen: Seen, retention: number | null): readonly Outcome[] {
  if (seen.graded === null) {
    return (["discarded", "rivals", "unclear"] as const).map((check) => ({ check, unjudged: OLD }));
  }
  const of = (grade: Grade) => (seen.graded ?? []).filter((each) => each.grade === grade);
  const [proved, perhaps, unclear] = [of("proved"), of("perhaps"), of("unclear")];
  const why =
    seen.place.index === "sound"
      ? "Their key or mask is gone, so nobody can tell whether they held it."
      : "Without a sound unique index, two jobs may have held one key.";
  const discarded = (count: number) => jobs(count, "was discarded", "were discarded");
  const isHolders = proved.every(({ jobs, together }) => jobs === together);
  const wrong = found(
    "discarded",
    sum(proved),
    `${discarded(sum(proved))} by the scheduler, wrongly`,
    wrongly(seen, proved, retention),
  );
  return [
    "weight" in wrong && isHolders ? { ...wrong, rule: "SCH-5" } : wrong,
    found("rivals", sum(perhaps), `${discarded(sum(perhaps))} by the scheduler, perhaps rightly`, [
      "They had let go of their key; a rival may have finished and been cleaned since.",
    ]),
    found(
      "unclear",
      sum(unclear),
      `${discarded(sum(unclear))} by the scheduler, unclear whether rightly`,
      [why],
    ),
  ];
}

const SHOWN_KINDS = 4;

function wrongly(
  { at }: Seen,
  kinds: readonly GradedKind[],
  retention: number | null,
): readonly string[] {
  const first = kinds.map(({ firstDue }) => firstDue).sort()[0] ?? "";
  const last =
    kinds
      .map(({ lastDue }) => lastDue)
      .sort()
      .at(-1) ?? "";
  const named = kinds.slice(0, SHOWN_KINDS).map(({ jobs, kind }) => `${jobs} ${kind}`);
  const more = kinds.length > SHOWN_KINDS ? [`${kinds.length - SHOWN_KINDS} kinds more`] : [];
  const due = first === last ? shortTime(first) : `${shortTime(first)} to ${shortTime(last)}`;
  const together = kinds.reduce((total, each) => total + each.together, 0);
  return [
    `${[...named, ...more].join(", ")} · due ${due} UTC`,
    "proved     Each still held its own key when it came due, so no rival could hold it.",
    ...(together > 0
      ? [
          `together   ${together} came due with a rival of their key: all were discarded, and the key`,
          "           ended with nobody (SCH-5, INV-2). River to 0.51.1 does this too.",
        ]
      : []),
    ...(together < sum(kinds)
      ? [
          `behaves    ${together > 0 ? "the others " : ""}like River v0.12.0 (PR 619, fixed in 0.12.1). Upgrade before any repair.`,
        ]
      : []),
    hurry(at, kinds, retention),
  ];
}

function hurry(at: string, kinds: readonly GradedKind[], retention: number | null): string {
  if (retention === null) return "hurry      No need: --retention forever keeps them.";
  const firstDiscard = Math.min(...kinds.map(({ firstDiscard }) => millisOf(firstDiscard)));
  const left = firstDiscard / 1000 + retention - millisOf(at) / 1000;
  const when = left <= 0 ? "the first any moment" : `first in ${lengthOf(left)}`;
  return `hurry      River's cleaner deletes them ${lengthOf(retention)} after discard: ${when}.`;
}

/** What came of keys and of the index that guards them. */
export function judgeKeys({ place, counts, doubles }: Seen): readonly Outcome[] {
  const isOld = !place.columns.has("river_job.unique_states");
  if (isOld) {
    return (["doubles", "index", "legacy"] as const).map((check) => ({ check, unjudged: OLD }));
  }
  const state = place.index === "invalid" ? "is invalid" : "is missing";
  return [
    found(
      "doubles",
      doubles.jobs,
      `${jobs(doubles.jobs, "holds", "hold")} ${doubles.keys === 1 ? "1 unique key" : `${doubles.keys} unique keys`} that only one may hold`,
    ),
    found("index", place.index === "sound" ? 0 : 1, `the unique index of river_job ${state}`, [
      "Nothing keeps two jobs from one key. River's migration 6 makes it: river_job_unique_idx.",
    ]),
    found(
      "legacy",
      counts.legacy,
      `${jobs(counts.legacy, "has", "have")} a unique key and no mask: not unique`,
      ["They were inserted by a River before 0.12; nothing keeps others from their key."],
    ),
  ];
}

/** What came of the columns of single jobs. */
export function judgeJobs({ counts, at }: Seen, { stuck, late }: Limits): readonly Outcome[] {
  const since = (from: string | null) =>
    from === null ? "" : `, the first for ${lengthOf((millisOf(at) - millisOf(from)) / 1000)}`;
  return [
    found(
      "undated",
      counts.undated,
      `${jobs(counts.undated, "is", "are")} final without finalized_at, or the other way round`,
    ),
    found("future", counts.future, `${jobs(counts.future, "is", "are")} finalized in the future`),
    found(
      "attempts",
      counts.attempts,
      `${jobs(counts.attempts, "has", "have")} more attempts than max_attempts`,
    ),
    found(
      "stuck",
      counts.stuck,
      `${jobs(counts.stuck, "has run", "have run")} for more than ${stuck}${since(counts.oldestStuck)}`,
    ),
    found(
      "late",
      counts.late,
      `${jobs(counts.late, "is", "are")} due for more than ${late}, and not available${since(counts.oldestLate)}`,
    ),
    found(
      "metadata",
      counts.metadata,
      `${jobs(counts.metadata, "has", "have")} metadata that is no object`,
    ),
  ];
}

/** What came of queues, the leader and the record of migrations. */
export function judgeServices({ paused, leaders, migrations }: Seen): readonly Outcome[] {
  const odd = migrations === null ? [] : oddMigrations(migrations);
  const unread = (check: CheckName, table: string): Outcome => ({
    check,
    unjudged: `${table} is not there, or may not be read`,
  });
  const queueLine = (each: NonNullable<Seen["paused"]>[number]) =>
    `${each.name} for ${lengthOf(each.seconds)}, ${jobs(each.waiting, "waiting", "waiting")}`;
  const [leader] = leaders ?? [];
  return [
    paused === null
      ? unread("paused", "river_queue")
      : found(
          "paused",
          paused.length,
          paused.length === 1
            ? `1 queue paused: ${paused.map(queueLine).join("")}`
            : `${paused.length} queues paused`,
          paused.length === 1 ? [] : paused.map(queueLine),
          paused.map(({ name }) => name),
        ),
    leaders === null
      ? unread("leader", "river_leader")
      : found(
          "leader",
          leaders.length,
          `the lease of leader ${leader?.leader} ran out ${lengthOf(leader?.seconds ?? 0)} ago: nobody leads`,
          [],
          leaders.map((each) => each.leader),
        ),
    migrations === null
      ? unread("migrations", "river_migration")
      : found("migrations", odd.length, `migrations: ${odd.join("; ")}`, [], odd),
  ];
}
