import type { Job, Micros } from "../../spec/model/state.ts";
import { kindOf } from "../compare/difference.ts";
import { type Look, noteLine, ruleLine } from "../report/finding.ts";
import { snake } from "../report/story.ts";
import type { Cell, Mark, StoryTable, TableStep } from "../report/table.ts";
import { printTable } from "../report/table.ts";
import { type Attempt, lastActionOf } from "./attempts.ts";
import { type ClientStory, type Evidence, type LiveFinding, nameOf } from "./evidence.ts";
import { isFetch, operationOf } from "./operation.ts";
import type { Change } from "./recorder.ts";
import type { RunEvent } from "./runs.ts";

/** A line of a story with the state after it; null where that is no matter of it. */
type Line = Readonly<{
  at: Micros;
  order: number;
  text: string;
  row: Job | null;
  seq: number | null;
}>;

/** So many lines are told, up to the one that shows the difference. */
const LINES = 11;

/** What is on record of a finding's job, as the terminal shows it: at most 25 lines with its rule and why. */
export function printLiveFinding(
  finding: LiveFinding,
  evidence: Evidence,
  attempts: readonly Attempt[],
  notes: readonly (readonly [word: string, text: string])[],
  look: Look,
): readonly string[] {
  const { rule, because, breaks } = finding;
  const table = tableOf(finding, evidence, attempts);
  const told: (readonly [string, string])[] = [
    ["Why", because],
    ...(breaks.length === 0 ? [] : ([["Breaks", breaks.join(", ")]] as const)),
    ...notes,
  ];
  return [
    ...ruleLine(rule, look).split("\n"),
    "",
    ...(table === null ? [] : [...printTable(table, look), ""]),
    ...told.flatMap(([word, text]) => noteLine(word, text).split("\n")),
  ];
}

/** Null for what shows on no job. */
function tableOf(
  finding: LiveFinding,
  evidence: Evidence,
  attempts: readonly Attempt[],
): StoryTable | null {
  const { job, seq, at = null } = finding;
  if (job === null) return null;
  const lines = linesOf(job, evidence, attempts);
  const shown = lines.findIndex((line) =>
    at === null ? line.seq === seq && seq !== null : line.seq === null && line.at === at,
  );
  const end = shown < 0 ? lines.length : shown + 1;
  const from = Math.max(end - LINES, 0);
  const start = evidence.changes[0]?.at ?? 0;
  const steps = lines.slice(from, end).map((line, i): TableStep => {
    const before = lines.slice(0, from + i).findLast(({ row }) => row !== null)?.row;
    const { state = null } = line.row ?? before ?? {};
    const isKnown = i > 0 && before?.state === state;
    const cells = new Map<number, Cell>(
      state === null ? [] : [[job, isKnown ? "unchanged" : state]],
    );
    return { at: millis(line.at - start), text: line.text, cells, keys: new Map() };
  });
  return { steps, jobs: [job], keys: [], marks: markOf(finding, job, steps.length - 1) };
}

function markOf(
  { column, must, is, seq }: LiveFinding,
  job: number,
  step: number,
): readonly Mark[] {
  if (step < 0) return [];
  if (seq === null) return [{ step, at: "step", must: `${must}, but is ${is}` }];
  if (column === "state") return [{ step, at: { job }, must }];
  return [{ step, at: { job }, must: `${must}, but is ${is}`, column: snake(column) }];
}

const millis = (at: Micros): Micros => Math.round(at / 1000) * 1000;

/** What was recorded of a job, what its workers wrote, and what happened to them meanwhile. */
function linesOf(job: number, evidence: Evidence, attempts: readonly Attempt[]): readonly Line[] {
  const own = attempts.filter(({ row }) => row.id === job);
  const clients = new Set(own.map(({ client }) => client));
  const lines = [
    ...evidence.changes
      .filter((change) => change.job === job)
      .map((each) => lineOf(each, evidence)),
    ...evidence.runs.filter((run) => run.job === job).map((run) => runLine(run, own)),
    ...evidence.clients.filter(({ client }) => clients.has(client)).flatMap(weatherLines),
  ];
  const first = Math.min(
    ...evidence.changes.filter((each) => each.job === job).map(({ at }) => at),
  );
  return lines.filter(({ at }) => at >= first).sort((a, b) => a.at - b.at || a.order - b.order);
}

function lineOf(change: Change, { inserted, terms }: Evidence): Line {
  const { at, seq, from, to } = change;
  const script = inserted.get(change.job ?? 0) ?? { attempts: [["complete"]] };
  const last = from === null ? undefined : lastActionOf(from, script);
  const op = operationOf(change, last, terms);
  const by =
    from !== null && to !== null && isFetch({ from, to })
      ? ` by ${nameOf(to.attemptedBy.at(-1) ?? "")}, attempt ${to.attempt}`
      : "";
  const text =
    from === null ? "insert" : to === null ? "delete" : `${op === null ? "" : kindOf(op)}${by}`;
  return { at, order: seq, text, row: to, seq };
}

function runLine(
  { run, event, attempt, client, how, at }: RunEvent,
  own: readonly Attempt[],
): Line {
  const of = own.find(({ began }) => began.some((each) => each.run === run));
  const plan = of?.actions.map(wordOf).join(", ") ?? "which nobody had fetched so";
  const said =
    event === "ended"
      ? `${nameOf(client)} says of attempt ${attempt}: ${how}`
      : `${nameOf(client)} runs attempt ${attempt}: ${plan}`;
  return { at, order: 0, text: said, row: null, seq: null };
}

const wordOf = (action: Attempt["actions"][number]): string =>
  "ms" in action ? `${action.do} ${action.ms}ms` : action.do;

function weatherLines({ client, killedAt, stop, cuts }: ClientStory): readonly Line[] {
  const line = (at: Micros, what: string): Line => ({
    at,
    order: 0,
    text: `${nameOf(client)} ${what}`,
    row: null,
    seq: null,
  });
  return [
    ...cuts.map((at) => line(at, "lost its connections")),
    ...(killedAt === null ? [] : [line(killedAt, "was killed")]),
    ...(stop === null ? [] : [line(stop.from, stop.hard ? "is to stop at once" : "is to stop")]),
  ];
}
