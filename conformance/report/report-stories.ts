import { JOB_STATES } from "../../spec/model/state.ts";
import { WEIR } from "../command.ts";
import { printOp } from "../notation/print.ts";
import { printMicros } from "../notation/time.ts";
import { sentenceOf } from "./harm.ts";
import { escapeHtml, sentenceHtml } from "./html.ts";
import { storyKey } from "./markdown.ts";
import { type Column, historyOf, labelsText, storiesId } from "./report-columns.ts";
import type { ReportedFinding } from "./run-report.ts";
import { showState } from "./screen.ts";
import { alsoHtml, tableHtml } from "./story-html.ts";
import { type StoryJson, storyTableOf } from "./story-json.ts";
import { brokenRules, countOf, findingsOf } from "./summary.ts";

type Told = Readonly<{ finding: ReportedFinding; labels: string[] }>;

/** What is broken, worst harm first: each rule with its stories, the shortest in full, the shortest of each other kind to be opened, of the rest their steps. */
export function storiesHtml(columns: readonly Column[]): string {
  const rules = brokenRules(columns.map(({ report }) => report));
  if (rules.length === 0) return "";
  return ["<h2>What is broken</h2>", ...rules.map((rule) => ruleHtml(rule, columns))].join("\n");
}

function ruleHtml(rule: string, columns: readonly Column[]): string {
  const [kind, ...others] = kindsOf(toldOf(rule, columns));
  const why = [...new Set(columns.flatMap(({ rules }) => reasonOf(rules.get(rule))))];
  const history = historyOf(rule, columns);
  const where = history === "" ? "" : `<p class="sub">${escapeHtml(history)}</p>`;
  return [
    `<section id="${storiesId(escapeHtml(rule))}"><h3>✗ ${escapeHtml(rule)}</h3>`,
    `<p><b>${sentenceHtml(sentenceOf(rule))}</b></p>${where}`,
    why.length === 0 ? "" : `<p>${escapeHtml(why.join(", and "))}</p>`,
    kind === undefined ? "" : kindHtml(kind, columns),
    ...others.map(
      (each) =>
        `<details><summary>${escapeHtml(summaryOf(each, columns))}</summary><div>${kindHtml(each, columns)}</div></details>`,
    ),
    "</section>",
  ].join("\n");
}

/** Stories that differ the same way, the shortest first. */
type Kind = readonly [Told, ...Told[]];

function kindsOf(all: readonly Told[]): readonly Kind[] {
  const kinds = new Map<string, [Told, ...Told[]]>();
  for (const told of all) {
    const kind = kindOf(told.finding);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [told]);
    else known.push(told);
  }
  return [...kinds.values()];
}

/** Operation, column, and what was expected and got. */
const kindOf = ({ signature }: ReportedFinding): string =>
  signature.split(" | ").slice(1, 4).join(", ");

function kindHtml([first, ...rest]: Kind, columns: readonly Column[]): string {
  const shown = storyHtml(first, columns);
  if (rest.length === 0) return shown;
  const items = rest.map((told) => `<li>${plainHtml(told, columns)}</li>`);
  const more = `${countOf(rest.length, "more story", "more stories")} like this`;
  return `${shown}<details><summary>${more}</summary><div><ul>${items.join("")}</ul></div></details>`;
}

/** A story as its steps alone, and how to see the rest of it. */
function plainHtml({ finding, labels }: Told, columns: readonly Column[]): string {
  const { steps, record, story } = finding;
  const told = steps === null ? story : steps.map((op) => `${printMicros(op.now)} ${printOp(op)}`);
  const who = columns.length > 1 ? `${escapeHtml(labelsText(labels, columns))}: ` : "";
  const replay = record === null ? "" : ` <small>npx weir replay ${escapeHtml(record)}</small>`;
  return `${who}<code>${escapeHtml(told.join("; "))}</code>${replay}`;
}

const reasonOf = (cell: { verdict: string; why: string | null } | undefined): readonly string[] =>
  cell?.verdict === "broken" && cell.why !== null ? [cell.why] : [];

/** The stories of a rule, the shortest first; one that several implementations show is told once. */
function toldOf(rule: string, columns: readonly Column[]): readonly Told[] {
  const told = new Map<string, Told>();
  for (const { report, label } of columns) {
    for (const finding of findingsOf(report, rule, "broken")) {
      const known = told.get(storyKey(finding));
      if (known === undefined) told.set(storyKey(finding), { finding, labels: [label] });
      else if (!known.labels.includes(label)) known.labels.push(label);
    }
  }
  const length = ({ finding }: Told) => finding.steps?.length ?? Number.MAX_SAFE_INTEGER;
  return [...told.values()].toSorted((a, b) => length(a) - length(b));
}

function summaryOf(kind: Kind, columns: readonly Column[]): string {
  const [{ finding }] = kind;
  const steps = finding.steps === null ? "golden values" : countOf(finding.steps.length, "step");
  const labels = labelsText(
    kind.flatMap((told) => told.labels),
    columns,
  );
  return `${labels}: ${steps} (${kindOf(finding)})`;
}

function storyHtml({ finding, labels }: Told, columns: readonly Column[]): string {
  const { table, story } = finding;
  const told =
    table === undefined
      ? `<pre>${escapeHtml(story.join("\n"))}</pre>`
      : [tableHtml(storyTableOf(table)), alsoHtml(table.also), proofHtml(finding, table)].join("");
  return `${told}${factsHtml(finding, columns.length > 1 ? labelsText(labels, columns) : "")}`;
}

const SHOWN = 3;

type StoryMark = StoryJson["marks"][number];

/** The reasoning in words: what was done, what the rule says then, and what is there instead. */
function proofHtml({ rule, why }: ReportedFinding, { steps, marks }: StoryJson): string {
  const last = steps.at(-1);
  const [mark] = marks;
  if (last === undefined || mark === undefined) return "";
  const before = steps.slice(0, -1);
  const done = before.map(
    ({ text, at }) => `<code>${escapeHtml(text)}</code> at ${printMicros(at)}`,
  );
  const given =
    before.length === 0
      ? "Let the queue be empty."
      : before.length > SHOWN
        ? `Let the first ${before.length} steps be done.`
        : `Let there be ${done.join(", then ")}.`;
  const because = why === null || why === "" ? "" : ` ${escapeHtml(why.replace(/\.?$/, "."))}`;
  const column = mark.column === undefined ? "" : ` ${mark.column}`;
  const must = `must be ${mark.must}${isText(mark, last)}`;
  return `<p><b>Why</b> ${given} Then at ${printMicros(last.at)} <code>${escapeHtml(last.text)}</code>.${because} By ${escapeHtml(rule)}, ${escapeHtml(`${subjectOf(mark)}${column} ${must}`)}: a contradiction.</p>`;
}

const subjectOf = ({ at }: StoryMark): string => {
  if (at === "step") return "the answer";
  if ("job" in at) return `#${at.job}`;
  return "key" in at ? `key ${at.key}` : at.service;
};

/** What there is instead: a mark of a column says so itself, of a state the job's cell does. */
function isText({ at, must }: StoryMark, { cells }: StoryJson["steps"][number]): string {
  if (must.includes("but is")) return "";
  const cell = at !== "step" && "job" in at ? cells[String(at.job)] : undefined;
  return cell === undefined || cell === "unchanged" ? ", but is not" : `, but is ${showCell(cell)}`;
}

function showCell(cell: string): string {
  const state = JOB_STATES.find((each) => each === cell);
  return state === undefined ? cell.replace(/^= /, "") : showState(state);
}

function factsHtml(finding: ReportedFinding, labels: string): string {
  const { behavesLike, steps, record } = finding;
  const facts: readonly (readonly [string, string])[] = [
    ...(labels === "" ? [] : [["Shown by", escapeHtml(labels)] as const]),
    ...(finding.accepted === undefined
      ? []
      : [["Expected", escapeHtml(finding.accepted)] as const]),
    ...(behavesLike === null
      ? []
      : [
          [
            "Behaves",
            escapeHtml(`like seeded bug ${behavesLike.bug}: ${behavesLike.origin}`),
          ] as const,
        ]),
    ...(steps === null ? [] : [["Found", escapeHtml(foundText(finding, steps.length))] as const]),
    ...(record === null
      ? []
      : [["Replay", `<code>${WEIR} replay ${escapeHtml(record)}</code>`] as const]),
  ];
  if (facts.length === 0) return "";
  return `<dl>${facts.map(([word, text]) => `<dt>${word}</dt><dd>${text}</dd>`).join("")}</dl>`;
}

function foundText({ from, sequence, seconds, length }: ReportedFinding, steps: number): string {
  if (from !== undefined) return `on ${from}; its steps were run here`;
  const where = sequence === 0 ? "on the tour" : `in sequence ${sequence.toLocaleString("en-US")}`;
  return `${where}, after ${seconds.toFixed(1)} s; ${countOf(length, "step")} shrunk to ${steps}`;
}
