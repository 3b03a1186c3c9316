import type { Effect, Step } from "../../spec/model/effect.ts";
import type { Job, JobColumn, State } from "../../spec/model/state.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { compareAnswer } from "./answer.ts";
import { COLUMNS, type Difference, type Observed, owed } from "./difference.ts";
import { compareNotifications, compareServices } from "./services.ts";

/** Every difference between what the rules say of a step and what was observed; the first names the rule that was owed. */
export function compare(before: State, expected: Step, observed: Observed): readonly Difference[] {
  const rows = compareRows(before, expected, observed.jobs);
  const answers = compareAnswer(before, expected, observed);
  const services = compareServices(expected, observed);
  const all = [...rows, ...services, ...compareNotifications(expected, observed)];
  const states = all.filter(isMain);
  const rest = all.filter((each) => !isMain(each));
  return observed.reply.op === "database" || isUnexpectedRefusal(expected, observed)
    ? [...answers, ...states, ...rest]
    : [
        ...states,
        ...answers.filter(isRefusal),
        ...rest,
        ...answers.filter((each) => !isRefusal(each)),
      ];
}

/** Of these differences, those of jobs' rows; the first names the rule that was owed. */
export function compareJobs(
  before: State,
  expected: Step,
  jobs: Observed["jobs"],
): readonly Difference[] {
  const rows = compareRows(before, expected, jobs);
  return [...rows.filter(isMain), ...rows.filter((each) => !isMain(each))];
}

function compareRows(before: State, expected: Step, jobs: Observed["jobs"]): Difference[] {
  const extra = [...jobs.keys()]
    .filter((id) => !expected.state.jobs.has(id))
    .map((id) =>
      owed(expected.effects, extraRule(expected, id), id, null, unwanted(expected), "a row"),
    );
  return [
    ...[...expected.state.jobs.keys()].flatMap((id) => compareRow(before, expected, jobs, id)),
    ...extra,
  ];
}

/** What happened to a job comes before its details. */
const isMain = ({ column }: Difference): boolean => column === "state" || column === null;

/** A call that failed as a whole explains every row that is missing. */
const isUnexpectedRefusal = (expected: Step, { reply }: Observed): boolean =>
  reply.op === "refused" && expected.answer.op !== "refused";

const isRefusal = ({ job, column, on }: Difference): boolean =>
  job === null && column === null && on === undefined;

const unwanted = ({ answer }: Step): string =>
  answer.op === "refused" ? `refused ${answer.code}` : "no row";

/** By these a row that was asked for, or could have been, is not inserted. */
const INSERTS_NOTHING: ReadonlySet<RuleId> = new Set(["INS-15", "INS-16", "PER-5", "PER-7"]);

function extraRule(expected: Step, id: number): RuleId {
  const remover = expected.effects.find((each) => each.job === id && each.gone);
  if (remover !== undefined) return remover.rule;
  if (expected.answer.op === "refused") return expected.answer.rule;
  return expected.effects.find(({ rule }) => INSERTS_NOTHING.has(rule))?.rule ?? "INV-12";
}

/** What forbids a change that no rule asks for: the refusal of the call, else the frame. */
const frameRule = ({ answer }: Step): RuleId => (answer.op === "refused" ? answer.rule : "INV-12");

/** What forbids that a row goes away that no rule takes: the refusal of the call, else that nothing is lost. */
const lossRule = ({ answer }: Step): RuleId => (answer.op === "refused" ? answer.rule : "INV-10");

function compareRow(
  before: State,
  expected: Step,
  jobs: Observed["jobs"],
  id: number,
): Difference[] {
  const want = expected.state.jobs.get(id);
  const got = jobs.get(id);
  if (want === undefined) return [];
  if (got === undefined) {
    // What a rule keeps, it is the one to name.
    const keeper = expected.effects.find(({ job, rule }) => job === id && /^(CLN|DEL)-/.test(rule));
    const rule = before.jobs.has(id)
      ? (keeper?.rule ?? lossRule(expected))
      : (ruleOf(expected.effects, id, "state") ?? "INV-10");
    return [owed(expected.effects, rule, id, null, "a row", "no row")];
  }
  return COLUMNS.filter((column) => !isSame(want, got, column, expected.effects)).map((column) =>
    owed(
      expected.effects,
      ruleOf(expected.effects, id, column) ?? frameRule(expected),
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
