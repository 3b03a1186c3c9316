import type { Look } from "./finding.ts";
import { HARMS, harmOf, plainSentenceOf } from "./harm.ts";
import { COLUMNS_MOST, layoutOf, type MatrixLayout } from "./matrix-header.ts";
import type { Column } from "./report-columns.ts";
import { cellOf, keptOf, type Mark, type Matrix } from "./rule-matrix.ts";
import { type Paint, SCREEN_WIDTH, wrap } from "./screen.ts";
import { countOf, rulesWith } from "./summary.ts";

type Sign = Readonly<{ glyph: string; word: string; color: keyof Paint | null; said: string }>;

/** What stands for a mark, with glyphs and without. */
const SIGNS: Readonly<Record<Mark, Sign>> = {
  broken: { glyph: "✗", word: "x", color: "red", said: "broken" },
  kept: { glyph: "✓", word: "+", color: "green", said: "kept" },
  "by design": { glyph: "△", word: "d", color: null, said: "by design, documented" },
  "not in that version": { glyph: "·", word: ".", color: "dim", said: "not in that version" },
  undecided: { glyph: "?", word: "?", color: null, said: "undecided" },
  skipped: { glyph: "s", word: "s", color: "dim", said: "skipped" },
  failed: { glyph: "!", word: "!", color: "red", said: "could not be checked" },
};

/** How many rows a screen takes; the rest is in one line, or in `all`. */
const ROWS = 14;

/** How a matrix is drawn: `all` gives every rule that is broken somewhere a row. */
export type MatrixLook = Look & Readonly<{ all: boolean }>;

/** The matrix as the terminal shows it: rules that somebody breaks, all others counted, and what was kept. */
export function printMatrix(matrix: Matrix, look: MatrixLook): readonly string[] {
  const tables = parts(matrix.columns).flatMap((columns, i) => [
    ...(i === 0 ? [] : [""]),
    ...tableOf({ ...matrix, columns }, look),
  ]);
  return [...tables, ...foldedOf(matrix, look), "", ...countLines(matrix, look)];
}

/** Columns that stand side by side. */
function parts(columns: readonly Column[]): readonly (readonly Column[])[] {
  const count = Math.ceil(columns.length / COLUMNS_MOST);
  const size = Math.ceil(columns.length / count);
  return Array.from({ length: count }, (_, i) => columns.slice(i * size, (i + 1) * size));
}

function tableOf(matrix: Matrix, look: MatrixLook): readonly string[] {
  const { columns } = matrix;
  const layout = layoutOf(columns, look.ascii);
  let group = "";
  const rows = shownOf(matrix, look).flatMap((rule) => {
    const own = matrix.broken.includes(rule) ? HARMS[harmOf(rule)] : "Different by design";
    const head = group === own ? [] : [look.paint.dim(`  ${own}`)];
    group = own;
    return [...head, rowOf(rule, columns, layout, look)];
  });
  return [
    ...layout.head,
    ...rows,
    ...keptLine(matrix, layout, look),
    ...ratioLine(columns, layout),
  ];
}

function rowOf(
  rule: string,
  columns: readonly Column[],
  layout: MatrixLayout,
  look: MatrixLook,
): string {
  const text = `${rule.padEnd(6)}  ${plainSentenceOf(rule)}`;
  const cells = columns.map(({ report }) => SIGNS[cellOf(report, rule).mark]);
  const line = layout.line(
    text,
    cells.map((sign) => signOf(sign, look)),
  );
  return painted(line, layout, rule, look);
}

const signOf = ({ glyph, word }: Sign, { ascii }: Look): string => (ascii ? word : glyph);

/** Colour comes last, as it takes no place. */
function painted(line: string, { label }: MatrixLayout, rule: string, look: Look): string {
  const [front, back] = [[...line].slice(0, label).join(""), [...line].slice(label).join("")];
  const cells = [...back].map((sign) => {
    const found = Object.values(SIGNS).find((each) => signOf(each, look) === sign);
    return found?.color == null ? sign : look.paint[found.color](sign);
  });
  return (front.replace(rule, look.paint.cyan(rule)) + cells.join("")).trimEnd();
}

function keptLine(
  { columns, kept }: Matrix,
  layout: MatrixLayout,
  look: MatrixLook,
): readonly string[] {
  if (kept.length === 0) return [];
  const isFailed = ({ report }: Column) => report.footer.failure !== null;
  const who = columns.some(isFailed) ? "every other column" : "every column";
  const cells = columns.map((column) => signOf(SIGNS[isFailed(column) ? "failed" : "kept"], look));
  const line = layout.line(`${countOf(kept.length, "rule")} kept by ${who}`, cells);
  return [painted(line, layout, "", look)];
}

/** As cells where they fit; `countLines` has them in words where not. */
function ratioLine(columns: readonly Column[], layout: MatrixLayout): readonly string[] {
  if (layout.isNarrow) return [];
  const ratios = columns.map(({ report }) => keptOf(report));
  return ["", layout.line("kept of the rules that apply", ratios).trimEnd()];
}

const loudOf = ({ broken, designed }: Matrix): readonly string[] => [...broken, ...designed];

function shownOf(matrix: Matrix, { all }: MatrixLook): readonly string[] {
  const loud = loudOf(matrix);
  return all || loud.length <= ROWS ? loud : loud.slice(0, ROWS - 1);
}

/** The rules without a row, and why they have none. */
function foldedOf(matrix: Matrix, look: MatrixLook): readonly string[] {
  const { broken, designed, unsure, partly, untried } = matrix;
  const shown = new Set(shownOf(matrix, look));
  const rest = (rules: readonly string[]) => rules.filter((rule) => !shown.has(rule));
  const [more, others] = [rest(broken), rest(designed)];
  return [
    ...listed(`${countOf(more.length, "more rule")} broken somewhere, a row each with --all`, more),
    ...listed(`${countOf(others.length, "more rule")} different by design somewhere`, others),
    ...listed(`${countOf(unsure.length, "rule")} undecided somewhere`, unsure),
    ...(partly.length === 0
      ? []
      : [
          `  ${countOf(partly.length, "rule")} kept wherever tried: elsewhere skipped, or not in that version`,
        ]),
    ...listed(
      `${countOf(untried.length, "rule")} tried nowhere`,
      untried.map((rule) => untriedText(rule, matrix)),
    ),
  ];
}

/** With its reason, where all columns have the same. */
function untriedText(rule: string, { columns }: Matrix): string {
  const reasons = new Set(columns.map(({ report }) => cellOf(report, rule).why));
  const [why = null] = reasons.size === 1 ? reasons : [];
  return why === null ? rule : `${rule} (${why})`;
}

/** Two lines at most: all of them are in every file. */
function listed(what: string, rules: readonly string[]): readonly string[] {
  if (rules.length === 0) return [];
  const lines = wrap(`${what}: ${rules.join(" ")}`, SCREEN_WIDTH - 4, SCREEN_WIDTH - 6);
  const more = lines.length > 2 ? " …" : "";
  return lines.slice(0, 2).map((line, i) => (i === 0 ? `  ${line}` : `    ${line}${more}`));
}

/** What could make the table hollow, in numbers, and what its signs mean. */
function countLines(matrix: Matrix, look: MatrixLook): readonly string[] {
  const { columns, kept } = matrix;
  const reports = columns.map(({ report }) => report);
  const finished = reports.filter(({ footer }) => footer.failure === null);
  const sum = (verdict: "undecided" | "skipped") =>
    finished.reduce((total, report) => total + rulesWith(report, verdict).length, 0);
  const used = new Set(
    loudOf(matrix).flatMap((rule) => reports.map((report) => cellOf(report, rule).mark)),
  );
  if (kept.length > 0) used.add("kept");
  const signs = (Object.keys(SIGNS) as Mark[]).filter((mark) => used.has(mark));
  const legend = [
    ...signs.map((mark) => `${signOf(SIGNS[mark], look)} ${SIGNS[mark].said}`),
    `undecided ${sum("undecided")}`,
    `skipped ${sum("skipped")}`,
  ];
  const ratios = runsOf(columns);
  const isNarrow = parts(columns).some((each) => layoutOf(each, look.ascii).isNarrow);
  return [
    ...(isNarrow ? wrapped(`kept of the rules that apply: ${ratios.join(", ")}`) : []),
    ...wrapped(legend.join("   ")),
    ...reports.filter(({ footer }) => !footer.complete).flatMap(unfinished),
  ];
}

/** `0.12.1 to 0.16.0 154/161`: neighbours with the same numbers are told together. */
function runsOf(columns: readonly Column[]): readonly string[] {
  const runs: { first: Column; last: Column; kept: string }[] = [];
  for (const column of columns) {
    const kept = keptOf(column.report);
    const run = runs.at(-1);
    const isNext = run?.last.report.header.adapter === column.report.header.adapter;
    if (run !== undefined && isNext && run.kept === kept) run.last = column;
    else runs.push({ first: column, last: column, kept });
  }
  return runs.map(({ first, last, kept }) => {
    const to = first === last ? "" : ` to ${last.report.header.version}`;
    return `${first.label}${to} ${kept}`;
  });
}

const wrapped = (text: string): readonly string[] =>
  wrap(text, SCREEN_WIDTH - 2, SCREEN_WIDTH - 4).map(
    (line, i) => `${" ".repeat(i === 0 ? 2 : 4)}${line.trim()}`,
  );

function unfinished({ header, footer }: Column["report"]): readonly string[] {
  const { failure, sequences } = footer;
  const why = failure === null ? "stopped" : (failure.split("\n")[0] ?? "");
  const after = sequences > 0 ? `, after ${countOf(sequences, "sequence")}` : "";
  return wrapped(`! ${header.name}: ${why}${after}`).slice(0, 2);
}
