import { type MatrixLook, printMatrix } from "../report/matrix-text.ts";
import { powerSentence, printPower } from "../report/power.ts";
import { type Matrix, sumOf, worstStory } from "../report/rule-matrix.ts";
import { countOf } from "../report/summary.ts";
import { versionedOf } from "./adapter-list.ts";
import type { ExitCode } from "./exit.ts";
import { count, print, WEIR } from "./terminal.ts";

/** What is told below a matrix: adapters that were not begun, files that were written, the verdict. */
export type MatrixEnd = Readonly<{
  left: readonly string[];
  files: readonly string[];
  exit: ExitCode;
}>;

/** The screen of `weir matrix`; quiet is the verdict alone. */
export function tellMatrix(
  matrix: Matrix,
  { left, files, exit }: MatrixEnd,
  look: MatrixLook,
  quiet: boolean,
): void {
  const isEmpty = matrix.columns.length === 0;
  if (!quiet && !isEmpty) {
    print("", `  ${headline(matrix)}`, "", ...printMatrix(matrix, look));
    print(...powerLines(matrix, look), "", ...whereTo(matrix, files));
  }
  if (left.length > 0) print(`  interrupted: not begun: ${left.join(", ")}`);
  print(`  exit ${exit}: ${isEmpty ? "nothing was checked" : sumOf(matrix)}`);
}

function headline({ columns }: Matrix): string {
  const [first] = columns;
  const { adapter, seed, property } = first?.report.header ?? {};
  const isOne = columns.every(({ report }) => report.header.adapter === adapter);
  const isSeed = columns.every(({ report }) => report.header.seed === seed);
  const isProperty = columns.every(({ report }) => report.header.property === property);
  const rules = first?.rules.size ?? 0;
  return [
    `${countOf(columns.length, isOne ? "version" : "implementation")} × ${count(rules)} rules`,
    ...(isProperty && property !== "step" ? [`property ${property}`] : []),
    "each judged by the rules of its own time",
    ...(isSeed ? [`seed ${seed}`] : []),
  ].join(" · ");
}

/** When rules were found; the whole table where all is asked for. */
function powerLines({ columns }: Matrix, { all }: MatrixLook): readonly string[] {
  const sentence = powerSentence(columns);
  if (sentence === null) return [];
  return [`  ${sentence}`, ...(all ? ["", ...printPower(columns)] : [])];
}

function whereTo(matrix: Matrix, files: readonly string[]): readonly string[] {
  const worst = worstStory(matrix);
  const path = worst?.finding.record ?? null;
  const lines: (readonly [string, string])[] = [];
  if (worst !== null && path !== null) {
    const { rule, steps } = worst.finding;
    const said = `${rule}, ${countOf(steps?.length ?? 0, "step")}`;
    lines.push(["worst story", `${said}   ${WEIR} replay ${path}`]);
    const isVersioned = versionedOf(worst.report.header.name) !== null;
    if (isVersioned) lines.push(["until when", `${WEIR} bisect ${path}`]);
  }
  if (files.length > 0) lines.push(["written", files.join(", ")]);
  return lines.map(([word, text]) => `  ${word.padEnd(12)} ${text}`);
}
