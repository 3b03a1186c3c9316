import type { Effect, Step } from "../spec/model/effect.ts";
import type { Op } from "../spec/model/op.ts";
import type { Job, JobColumn, State } from "../spec/model/state.ts";
import type { RuleId } from "../spec/rules.generated.ts";
import type { Reply } from "./adapter.ts";

/** One thing that must be so and is not. `column` null: the row's being there, or the answer. */
export type Difference = Readonly<{
  rule: RuleId;
  job: number | null;
  column: JobColumn | null;
  expected: unknown;
  got: unknown;
  because: string;
}>;

/** In the order in which differences are told: what happened to the job before its details. */
export const COLUMNS: readonly JobColumn[] = [
  "state",
  "attempt",
  "maxAttempts",
  "finalizedAt",
  "scheduledAt",
  "attemptedAt",
  "errors",
  "metadata",
  "uniqueKey",
  "uniqueStates",
  "priority",
  "queue",
  "kind",
  "args",
  "tags",
  "attemptedBy",
  "createdAt",
];

/** What an implementation did with one operation, its rows under the model's labels. */
export type Observed = Readonly<{ jobs: ReadonlyMap<number, Job>; reply: Reply }>;

const INSTEAD = "No rule names it.";

/** Every difference between what the rules say of a step and what was observed; the first names the rule that was owed. */
export function compare(before: State, expected: Step, observed: Observed): readonly Difference[] {
  const rows = [...expected.state.jobs.keys()].flatMap((id) =>
    compareRow(before, expected, observed, id),
  );
  const extra = [...observed.jobs.keys()]
    .filter((id) => !expected.state.jobs.has(id))
    .map((id) =>
      owed(expected.effects, extraRule(expected), id, null, unwanted(expected), "a row"),
    );
  const answers = compareAnswer(expected, observed);
  const all = [...rows, ...extra];
  const states = all.filter((each) => each.column === "state" || each.column === null);
  const rest = all.filter((each) => each.column !== "state" && each.column !== null);
  return observed.reply.op === "database" || isUnexpectedRefusal(expected, observed)
    ? [...answers, ...states, ...rest]
    : [
        ...states,
        ...answers.filter(isRefusal),
        ...rest,
        ...answers.filter((each) => !isRefusal(each)),
      ];
}

/** A call that failed as a whole explains every row that is missing. */
const isUnexpectedRefusal = (expected: Step, { reply }: Observed): boolean =>
  reply.op === "refused" && expected.answer.op !== "refused";

const isRefusal = (difference: Difference): boolean => difference.job === null;

const unwanted = ({ answer }: Step): string =>
  answer.op === "refused" ? `refused ${answer.code}` : "no row";

function extraRule(expected: Step): RuleId {
  if (expected.answer.op === "refused") return expected.answer.rule;
  const duplicate = expected.effects.find(
    (each) => each.rule === "INS-15" || each.rule === "INS-16",
  );
  return duplicate?.rule ?? "INV-12";
}

function compareRow(before: State, expected: Step, observed: Observed, id: number): Difference[] {
  const want = expected.state.jobs.get(id);
  const got = observed.jobs.get(id);
  if (want === undefined) return [];
  if (got === undefined) {
    const rule = before.jobs.has(id)
      ? "INV-10"
      : (ruleOf(expected.effects, id, "state") ?? "INV-10");
    return [owed(expected.effects, rule, id, null, "a row", "no row")];
  }
  return COLUMNS.filter((column) => !isSame(want, got, column, expected.effects)).map((column) =>
    owed(
      expected.effects,
      ruleOf(expected.effects, id, column) ?? "INV-12",
      id,
      column,
      want[column],
      got[column],
    ),
  );
}

function isSame(want: Job, got: Job, column: JobColumn, effects: readonly Effect[]): boolean {
  const [left, right] = [want[column], got[column]];
  if (left === right) return true;
  if (column === "scheduledAt") {
    const within =
      effects.findLast((each) => each.job === want.id)?.scheduledWithin ??
      rangeOf(effects, want.id);
    return within !== null && got.scheduledAt >= within[0] && got.scheduledAt <= within[1];
  }
  return typeof left === "object" && JSON.stringify(left) === JSON.stringify(right);
}

const rangeOf = (effects: readonly Effect[], id: number) =>
  effects.find((each) => each.job === id && each.scheduledWithin !== undefined)?.scheduledWithin ??
  null;

/** The rule that decided this column of this job: one that set it, else one that kept the job as it is. */
function ruleOf(effects: readonly Effect[], id: number, column: JobColumn): RuleId | undefined {
  const own = effects.filter((each) => each.job === id);
  const setter = own.findLast((each) => column in each.set);
  return (setter ?? own.find((each) => Object.keys(each.set).length === 0))?.rule;
}

function owed(
  effects: readonly Effect[],
  rule: RuleId,
  job: number | null,
  column: JobColumn | null,
  expected: unknown,
  got: unknown,
): Difference {
  const evidence =
    effects.find((each) => each.rule === rule && each.job === job) ??
    effects.find((each) => each.rule === rule);
  return { rule, job, column, expected, got, because: evidence?.because ?? INSTEAD };
}

function compareAnswer(expected: Step, observed: Observed): Difference[] {
  const { answer, effects } = expected;
  const { reply } = observed;
  const isWanted = answer.op === "refused" ? "refused" : "an answer";
  if (reply.op === "database") {
    const got = `database error ${reply.sqlstate}: ${reply.message}`;
    const rule = databaseRule(expected, reply.sqlstate);
    const because = `The database refused it with SQLSTATE ${reply.sqlstate}.`;
    return [{ ...owed(effects, rule, null, null, isWanted, got), because }];
  }
  if (answer.op === "refused") {
    const isRefused = reply.op === "refused" && reply.code === answer.code;
    const got = reply.op === "refused" ? `refused ${reply.code}` : "accepted";
    const want = `refused ${answer.code}`;
    return isRefused ? [] : [owed(effects, answer.rule, null, null, want, got)];
  }
  if (reply.op === "refused") {
    // FIN-18: nobody was there to deliver to, and saying so is as good as silence.
    if (answer.op === "finish" && answer.job === null && reply.code === "not_found") return [];
    const got = `refused ${reply.code}: ${reply.message}`;
    return [owed(effects, mainRule(effects), null, null, "an answer", got)];
  }
  return [...compareNames(expected, observed), ...compareTruth(observed)];
}

function databaseRule({ answer, effects }: Step, sqlstate: string): RuleId {
  if (answer.op === "refused") return answer.rule;
  const isRaw = sqlstate === "23505" || sqlstate === "23514";
  if (isRaw) return "INV-13";
  return effects.some((each) => each.rule === "INS-16") ? "INS-16" : mainRule(effects);
}

/** The rule that speaks for the whole operation: the first that changed a job's state, else any. */
function mainRule(effects: readonly Effect[]): RuleId {
  const main = effects.find((each) => each.set.state !== undefined) ?? effects[0];
  return main?.rule ?? "INV-9";
}

/** Which jobs the answer names. */
function compareNames({ answer, effects }: Step, { reply, jobs }: Observed): Difference[] {
  const labels = new Map([...jobs].map(([label, job]) => [job.id, label]));
  const labelOf = (job: Job) => labels.get(job.id) ?? null;
  if (answer.op === "insert" && reply.op === "insert") {
    return answer.jobs.flatMap(({ id, duplicate }, index) => {
      const said = reply.jobs[index];
      const got = said === undefined ? null : { id: labelOf(said.job), duplicate: said.duplicate };
      if (got?.id === id && got.duplicate === duplicate) return [];
      const rule = got?.duplicate === duplicate ? "INS-1" : duplicate ? "INS-15" : "INV-9";
      return [owed(effects, rule, id, "id", { id, duplicate }, got)];
    });
  }
  if ((answer.op === "fetch" || answer.op === "schedule") && answer.op === reply.op) {
    const got = reply.jobs.map(labelOf).sort((a, b) => (a ?? 0) - (b ?? 0));
    const want = [...answer.jobs].sort((a, b) => a - b);
    const isEqual = JSON.stringify(want) === JSON.stringify(got);
    return isEqual ? [] : [owed(effects, "INV-9", want[0] ?? null, "id", want, got)];
  }
  return answer.op === reply.op ? [] : [owed(effects, "INV-9", null, null, answer.op, reply.op)];
}

/** INV-9: every row that was returned is as the database has it. What schedule returns are names: no client shows its rows to a user. */
function compareTruth({ reply, jobs }: Observed): Difference[] {
  if (reply.op === "schedule") return [];
  const stored = new Map([...jobs].map(([label, job]) => [job.id, { label, job }]));
  return rowsOf(reply).flatMap((row) => {
    const found = stored.get(row.id);
    if (found === undefined) return [];
    return COLUMNS.filter(
      (column) => JSON.stringify(row[column]) !== JSON.stringify(found.job[column]),
    ).map((column) => ({
      rule: "INV-9" as const,
      job: found.label,
      column,
      expected: found.job[column],
      got: row[column],
      because: "The answer says otherwise than the table.",
    }));
  });
}

/** All rows that an answer carries. */
export function rowsOf(reply: Reply): readonly Job[] {
  switch (reply.op) {
    case "insert":
      return reply.jobs.map(({ job }) => job);
    case "fetch":
    case "schedule":
      return reply.jobs;
    case "finish":
      return reply.job === null ? [] : [reply.job];
    default:
      return [];
  }
}

/** `finish error`, `insert`: what kind of step it was, for signatures and reports. */
export const kindOf = (op: Op): string =>
  op.op === "finish" ? `finish ${op.outcome.kind}` : op.op;
