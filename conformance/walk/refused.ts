import type { Edition } from "../../spec/model/edition.ts";
import type { InsertJob } from "../../spec/model/op.ts";
import type { Dice } from "./dice.ts";
import type { Scope } from "./swarm.ts";

type Flaw = Readonly<{
  /** The capability without which an implementation cannot be asked; null for none. */
  needs: string | null;
  /** Whether the rules of that time refuse it. */
  when: (edition: Edition) => boolean;
  with: readonly Partial<InsertJob>[];
}>;

const always = () => true;

/** What can be wrong with a job so that its insertion must be refused. */
export const FLAWS: readonly Flaw[] = [
  {
    needs: null,
    when: always,
    with: ["Upper", "a b", "a--b", "_a", "a_", "x".repeat(65)].map((queue) => ({ queue })),
  },
  {
    needs: "insert.tags",
    when: always,
    with: ["-x-", "ab", "a b", "", "x".repeat(256)].map((tag) => ({ tags: ["good", tag] })),
  },
  { needs: null, when: always, with: [{ priority: 5 }, { priority: -1 }] },
  {
    needs: "insert.subseconds",
    when: always,
    with: [{ unique: { byPeriod: 999_999 } }, { unique: { byPeriod: 1 } }],
  },
  {
    needs: null,
    when: (edition) => edition.requiredUniqueStates,
    with: [
      { unique: { byArgs: true, byState: ["available", "pending", "scheduled"] } },
      { unique: { byQueue: true, byState: ["completed"] } },
    ],
  },
  {
    needs: null,
    when: (edition) => edition.excludeKindAloneRefused,
    with: [{ unique: { excludeKind: true } }],
  },
  {
    needs: null,
    when: (edition) => edition.masks,
    with: ["[1]", "null", '"x"', "3"].map((args) => ({ args, unique: { byArgs: true } })),
  },
  { needs: null, when: always, with: [{ maxAttempts: -1 }, { maxAttempts: 32_768 }] },
  {
    needs: "insert.zero",
    when: always,
    with: [{ maxAttempts: 0 }, { priority: 0 }, { queue: "" }],
  },
  { needs: null, when: always, with: [{ kind: "" }, { kind: "k".repeat(128) }] },
  { needs: "insert.metadata", when: always, with: [{ metadata: "[]" }, { metadata: "3" }] },
  {
    needs: null,
    when: always,
    with: [{ args: '{"a":"\\u0000"}' }, { args: '{"a":"\\ud800"}' }, { args: '{"a":1e200000}' }],
  },
];

/** A job with one flaw for which it must be refused; null where none can be drawn. */
export function drawRefusedJob(dice: Dice, job: InsertJob, scope: Scope): InsertJob | null {
  const possible = FLAWS.filter(
    (flaw) =>
      flaw.when(scope.edition) &&
      (flaw.needs === null || scope.can(flaw.needs)) &&
      (scope.can("insert.unique") || flaw.with.every(({ unique }) => unique === undefined)),
  );
  return possible.length === 0 ? null : { ...job, ...dice.pick(dice.pick(possible).with) };
}
