import type { Answer, Effect, Step } from "../../spec/model/effect.ts";
import type { Job, State } from "../../spec/model/state.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Reply } from "../adapter.ts";
import { COLUMNS, type Difference, type Observed, owed } from "./difference.ts";
import { comparePages } from "./pages.ts";
import { compareServiceTruth } from "./services.ts";

/** What the answer says otherwise than it must. */
export function compareAnswer(before: State, expected: Step, observed: Observed): Difference[] {
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
    return [owed(effects, wholeRule(effects), null, null, "an answer", got)];
  }
  return [
    ...compareNames(expected, observed),
    ...compareTruth(before, expected, observed),
    ...compareServiceTruth(observed),
  ];
}

function databaseRule({ answer, effects }: Step, sqlstate: string): RuleId {
  if (answer.op === "refused") return answer.rule;
  const isRaw = sqlstate === "23505" || sqlstate === "23514";
  if (isRaw) return "INV-13";
  return wholeRule(effects);
}

/** The rule that is broken where all of a call fails: a key is the likeliest cause, one that comes twice, else one that is made. */
function wholeRule(effects: readonly Effect[]): RuleId {
  const twice = effects.find((each) => each.rule === "INS-16" || each.rule === "PER-8");
  const made = effects.find(({ set }) => set.uniqueKey !== undefined && set.uniqueKey !== null);
  return twice?.rule ?? made?.rule ?? mainRule(effects);
}

/** The rule that speaks for the whole operation: the first that changed a job's state, else any. */
function mainRule(effects: readonly Effect[]): RuleId {
  const main = effects.find((each) => each.set.state !== undefined) ?? effects[0];
  return main?.rule ?? "INV-9";
}

/** Which jobs the answer names. */
function compareNames({ answer, effects }: Step, { reply, labels }: Observed): Difference[] {
  const labelOf = (job: Job) => labels.get(job.id) ?? null;
  if (answer.op === "insert" && reply.op === "insert") {
    return answer.jobs.flatMap(({ id, duplicate, orOf = [id] }, index) => {
      const said = reply.jobs[index];
      const got = said === undefined ? null : { id: labelOf(said.job), duplicate: said.duplicate };
      if (orOf.some((each) => got?.id === each) && got?.duplicate === duplicate) return [];
      const rule = duplicate ? "INS-15" : got?.duplicate === false ? "INS-1" : "INV-9";
      return [owed(effects, rule, id, "id", { id, duplicate }, got)];
    });
  }
  if (answer.op !== reply.op) {
    return [owed(effects, "INV-9", null, null, answer.op, reply.op)];
  }
  if (answer.op === "list" && reply.op === "list") {
    return comparePages(effects, answer, reply, labelOf);
  }
  const [want, got] = [namesOwed(answer, effects), namesSaid(reply, labelOf)];
  if (JSON.stringify(want.names) === JSON.stringify(got)) return [];
  const isOfJob = want.job !== null;
  const difference = owed(effects, want.rule, want.job, isOfJob ? "id" : null, want.names, got);
  return [isOfJob ? difference : { ...difference, on: "the answer" }];
}

/** What an answer must name, in a form that is equal exactly when it is kept; the rule that a wrong one breaks, and a job to tell it by. */
type NamesOwed = Readonly<{ names: unknown; rule: RuleId; job: number | null }>;

const inOrder = (names: readonly (number | null)[]): readonly (number | null)[] =>
  [...names].sort((a, b) => (a ?? 0) - (b ?? 0));

function namesOwed(answer: Answer, effects: readonly Effect[]): NamesOwed {
  // Whether a client leads now is what the rule of its step says.
  const led = effects[0]?.rule ?? "INV-9";
  switch (answer.op) {
    case "fetch":
    case "schedule":
      return { names: inOrder(answer.jobs), rule: "INV-9", job: answer.jobs[0] ?? null };
    case "delete_many":
      return { names: answer.jobs, rule: "DEL-4", job: answer.jobs[0] ?? null };
    case "cancel":
    case "retry":
    case "get":
    case "update":
    case "delete":
      return { names: answer.job, rule: "INV-9", job: answer.job };
    case "rescue":
    case "clean":
    case "clean_queues":
      return { names: answer.count, rule: "INV-9", job: null };
    case "queue_touch":
    case "queue_update":
    case "queue_get":
      return { names: answer.queue, rule: "INV-9", job: null };
    case "queue_list":
      return { names: answer.queues, rule: "PAU-15", job: null };
    case "elect":
    case "reelect":
      return { names: answer.elected, rule: led, job: null };
    case "resign":
      return { names: answer.resigned, rule: led, job: null };
    default:
      return { names: null, rule: "INV-9", job: null };
  }
}

/** What a reply names, as `namesOwed` has it. */
function namesSaid(reply: Reply, labelOf: (job: Job) => number | null): unknown {
  switch (reply.op) {
    case "fetch":
    case "schedule":
      return inOrder(reply.jobs.map(labelOf));
    case "delete_many":
      return reply.jobs.map(labelOf);
    case "cancel":
    case "retry":
    case "get":
    case "update":
    case "delete":
      return labelOf(reply.job);
    case "rescue":
    case "clean":
    case "clean_queues":
      return reply.count;
    case "queue_touch":
    case "queue_update":
    case "queue_get":
      return reply.queue.name;
    case "queue_list":
      return reply.queues.map(({ name }) => name);
    case "elect":
    case "reelect":
      return reply.elected;
    case "resign":
      return reply.resigned;
    default:
      return null;
  }
}

/**
 * INV-9: every row that was returned is as the database has it, and one that was deleted as it was before. What schedule returns are names:
 * no client shows its rows to a user.
 */
function compareTruth(before: State, { effects }: Step, observed: Observed): Difference[] {
  const { reply, jobs, labels } = observed;
  if (reply.op === "schedule") return [];
  const gone = new Map(
    effects.flatMap((each) => (each.gone && each.job !== null ? [[each.job, each.rule]] : [])),
  );
  return rowsOf(reply).flatMap((row) => {
    const label = labels.get(row.id);
    const found = label === undefined ? undefined : (jobs.get(label) ?? before.jobs.get(label));
    if (label === undefined || found === undefined) return [];
    return COLUMNS.filter(
      (column) => JSON.stringify(row[column]) !== JSON.stringify(found[column]),
    ).map((column) => ({
      rule: gone.get(label) ?? "INV-9",
      job: label,
      column,
      expected: found[column],
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
    case "delete_many":
      return reply.jobs;
    case "list":
      return reply.pages.flat();
    case "finish":
      return reply.job === null ? [] : [reply.job];
    case "cancel":
    case "retry":
    case "get":
    case "update":
    case "delete":
      return [reply.job];
    default:
      return [];
  }
}
