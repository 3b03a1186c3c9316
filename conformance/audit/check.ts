import type { RuleId } from "../../spec/rules.generated.ts";

/** How much a check that finds something weighs: a rule is broken, or may be, or somebody should have a look. */
export type Weight = "broken" | "open" | "hint";

/** What the audit looks for. */
export type Check = Readonly<{
  /** The rule that is broken where it finds something; null where no rule speaks of it. */
  rule: RuleId | null;
  weight: Weight;
  /** What it finds, for help and lists. */
  what: string;
}>;

const check = (rule: RuleId | null, weight: Weight, what: string): Check => ({
  rule,
  weight,
  what,
});

/** Every check by its name, in the order of the report. */
export const CHECKS = {
  discarded: check("SCH-3", "broken", "jobs that the scheduler discarded wrongly, proved"),
  doubles: check("INV-1", "broken", "jobs that hold one unique key with another"),
  index: check("INV-1", "broken", "the unique index that keeps two jobs from one key"),
  undated: check("INV-4", "broken", "final jobs without finalized_at, or others with it"),
  future: check("INV-4", "broken", "jobs finalized in the future"),
  attempts: check("INV-5", "broken", "jobs with more attempts than their maximum"),
  rivals: check("SCH-4", "open", "jobs that the scheduler discarded, perhaps rightly"),
  unclear: check("SCH-7", "open", "jobs that the scheduler discarded, whose key or mask is gone"),
  stuck: check("RSC-7", "hint", "jobs that run longer than --stuck"),
  late: check("SCH-1", "hint", "scheduled or retryable jobs due for longer than --late"),
  legacy: check(
    "INS-14",
    "hint",
    "unfinished jobs with a unique key and no mask, which hold nothing",
  ),
  metadata: check(null, "hint", "jobs whose metadata is no object"),
  paused: check(null, "hint", "queues paused for longer than --paused"),
  leader: check(null, "hint", "a leader whose lease ran out"),
  migrations: check(null, "hint", "migrations that this Weir does not know, or gaps in them"),
} as const satisfies Readonly<Record<string, Check>>;

/** The name of a check. */
export type CheckName = keyof typeof CHECKS;

/** The names of all checks, in order. */
export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];

/** What a check found, in words; `count` is of jobs, queues or whatever it looks for. */
export type Found = Readonly<{
  check: CheckName;
  weight: Weight;
  count: number;
  /** One line, without a full stop. */
  says: string;
  details: readonly string[];
  /** Another rule than the check's own, where that is the one that is broken. */
  rule?: RuleId;
  /** What the count is of, where it has names, such as those of queues. */
  names: readonly string[];
}>;

/** What came of one check; `unjudged` says why it could not be made. */
export type Outcome =
  | Found
  | Readonly<{ check: CheckName; kept: true }>
  | Readonly<{ check: CheckName; unjudged: string }>;
