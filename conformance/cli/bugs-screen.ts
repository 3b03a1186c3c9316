import type { Verdict } from "../bugs/kill.ts";
import { printStory } from "../notation/print.ts";
import { type BugSummary, blameOf, reasonsOf, type Toll } from "../report/bug-summary.ts";
import type { Look } from "../report/finding.ts";
import { clip, SCREEN_WIDTH, wrap } from "../report/screen.ts";
import { count, print, WEIR } from "./terminal.ts";

/** So many that went wrong are told one by one. */
const SHOWN = 8;

/** The screen of `weir bugs`: what is wrong and whose fault it is, what bugs took, the hardest ones by name, thin rules. */
export function tellBugs(
  summary: BugSummary,
  total: number,
  seconds: number,
  { ascii }: Look,
): void {
  const { killed, wrong, median, worst, hardest, secondsPerBug } = summary;
  const [good, bad] = ascii ? ["ok", "x"] : ["✓", "✗"];
  if (wrong.length > 0) {
    print(`  ${bad} ${wrong.length} of ${total} not caught as they should be`);
    for (const each of wrong.slice(0, SHOWN)) {
      const name = `    ${each.verdict.padEnd(11)} ${each.bug.name.padEnd(30)} `;
      for (const line of hanging(name, blameOf(each))) print(line);
    }
    if (wrong.length > SHOWN)
      print(`    and ${wrong.length - SHOWN} more: ${WEIR} bugs --html bugs.html shows all`);
    print("");
  }
  const mark = killed.length === total ? good : " ";
  const head = `  ${mark} ${killed.length} of ${total} killed, each by a rule it lists`;
  const time = `${seconds.toFixed(0)} s, ${secondsPerBug.toFixed(1)} s per bug`;
  print(head + time.padStart(SCREEN_WIDTH - [...head].length), "");
  if (median === null || worst === null) return;
  print(
    `    ${" ".repeat(40)} sequences  seconds  steps`,
    toll("median", median),
    toll("worst", worst),
  );
  print("", "  hardest");
  for (const { bug, rule, sequence, seconds: taken, ops } of hardest) {
    const line = toll(`${bug.name.padEnd(32)} ${rule}`, {
      sequence,
      seconds: taken,
      steps: ops.length,
    });
    print(line, clip(`      ${bug.origin}`, SCREEN_WIDTH, ascii));
  }
  print("", ...thinLines(summary), "", ...hintLines());
}

const toll = (name: string, { sequence, seconds, steps }: Toll): string =>
  `    ${name.padEnd(40)} ${count(sequence).padStart(9)}  ${seconds.toFixed(1).padStart(7)}  ${String(steps).padStart(5)}`;

function thinLines({ thin, unbroken }: BugSummary): readonly string[] {
  const list = (rules: readonly string[]) => (rules.length === 0 ? "none" : rules.join(", "));
  return [
    ...hanging("  thin: only one bug breaks ", list(thin)),
    ...hanging("  no bug breaks: ", reasonsOf(unbroken)),
  ];
}

const hintLines = (): readonly string[] => [
  `  ${WEIR} bugs schedule-self-conflict     its diff, its story, its origin`,
  `  ${WEIR} bugs --html bugs.html           rules and bugs, and every story`,
];

/** A text with what comes before its first line; later lines stand below it, as far in as a narrow screen lets them. */
function hanging(before: string, text: string): readonly string[] {
  const indent = Math.min([...before].length, 6);
  const [first = "", ...rest] = wrap(
    text,
    SCREEN_WIDTH - [...before].length,
    SCREEN_WIDTH - indent,
  );
  return [before + first, ...rest.map((line) => " ".repeat(indent) + line)];
}

/** The screen of `weir bugs <name>`: what came of it, what it is, its edits as a diff, its story as steps to paste. */
export function tellOneBug(verdict: Verdict, seconds: number, { ascii }: Look): void {
  const { bug, ops, rule, sequence } = verdict;
  const isKilled = verdict.verdict === "killed";
  const mark = isKilled ? (ascii ? "ok" : "✓") : ascii ? "x" : "✗";
  const said = isKilled
    ? `killed by ${rule} in sequence ${count(sequence)}, told in ${ops.length} steps`
    : `${verdict.verdict}: ${blameOf(verdict)}`;
  print(`  ${mark} ${bug.name}: ${said} · ${seconds.toFixed(0)} s`, "");
  print(
    `    what    ${bug.what}`,
    `    origin  ${bug.origin}`,
    `    breaks  ${bug.breaks.join(", ")}`,
  );
  for (const { statement, find, replace } of bug.edits) {
    print(`    edit    ${statement}`, ...diffLines(find, "-"), ...diffLines(replace, "+"));
  }
  print("", ...(ops.length === 0 ? [] : storyLines(ops)), "");
}

const diffLines = (text: string, sign: string): string[] =>
  text === "" ? [] : text.split("\n").map((line) => `            ${sign} ${line}`);

const storyLines = (ops: Verdict["ops"]): string[] =>
  printStory(ops)
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`);
