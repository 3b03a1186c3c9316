import { NEWEST } from "../../spec/model/edition.ts";
import type { Law } from "../../spec/model/effect.ts";
import type { Edit } from "../bugs/bug.ts";
import type { Look } from "../report/finding.ts";
import { clip, SCREEN_WIDTH, wrap } from "../report/screen.ts";
import { printExample } from "./example.ts";
import type {
  BugExplanation,
  ChapterLine,
  ColumnExplanation,
  Contents,
  Explanation,
  RuleExplanation,
  RuleLine,
  WordExplanation,
} from "./explain.ts";
import type { Link } from "./links.ts";
import type { VersionExplanation } from "./version.ts";

/** How answers are drawn: `command` is how Weir is called here, so that printed commands run as printed. */
export type ExplainLook = Look & Readonly<{ command: string }>;

/** An answer as the terminal shows it, in lines of at most 88 characters. */
export function printExplanation(
  answer: Explanation,
  law: Law,
  look: ExplainLook,
): readonly string[] {
  const lines = ["", ...linesOf(answer, law, look), ""].filter(
    (line, i, all) => line !== "" || all[i - 1] !== "",
  );
  return look.ascii ? lines.map(inAscii) : lines;
}

function linesOf(answer: Explanation, law: Law, look: ExplainLook): readonly string[] {
  switch (answer.kind) {
    case "rule":
      return ruleScreen(answer, law, look);
    case "word":
      return wordScreen(answer, look);
    case "column":
      return columnScreen(answer, look);
    case "bug":
      return bugScreen(answer, look);
    case "version":
      return versionScreen(answer, look);
    case "contents":
      return contentsScreen(answer, look);
  }
}

const ASCII: Readonly<Record<string, string>> = {
  "·": "|",
  "…": "...",
  "→": "->",
  "−": "-",
  "–": "-",
  "≤": "<=",
  "≥": ">=",
  "⁴": "^4",
  "⁶": "^6",
  "³": "3",
  "×": "x",
  µ: "u",
};

const inAscii = (line: string): string =>
  line.replaceAll(/[^\n -~]/gu, (sign) => ASCII[sign] ?? "?");

const BUGS_SHOWN = 3;

function ruleScreen(rule: RuleExplanation, law: Law, look: ExplainLook): readonly string[] {
  const { level, since, examples, bugs } = rule;
  const counts = `${plural(examples.length, "example")}, ${plural(bugs.length, "seeded bug")}`;
  const standing = `level ${level}${since === null ? "" : `, since ${since}`}`;
  const shown = bugs.slice(0, BUGS_SHOWN).map(({ name, origin }) => `${name}: ${origin}`);
  const more = bugs.length - shown.length;
  const brokenBy =
    rule.unbreakable === null
      ? [...shown, ...(more > 0 ? [`and ${more} more`] : [])]
      : wrap(`no bug. ${rule.unbreakable}`, SCREEN_WIDTH - NOTE - 2);
  const notes: readonly (readonly [string, readonly string[]])[] = [
    ["Not to be confused with", rule.unlike.map(shortRule)],
    ["Broken by", brokenBy],
    ["Needs", rule.needs.length === 0 ? [] : [rule.needs.map(({ id }) => id).join(" · ")]],
    ["Protects", rule.protects.map(shortRule)],
  ];
  return [
    `  ${look.paint.cyan(rule.id)}   ${rule.chapter} · ${standing} · ${counts}`,
    ...paragraph(rule.sentence),
    ...(rule.why === null ? [] : paragraph(`Why weir's: ${rule.why}`).map(look.paint.dim)),
    ...examples.flatMap((example) => ["", ...printExample(example, law, look)]),
    "",
    ...notes.flatMap(([word, texts]) => listed(word, texts, look)),
    "",
    ...readLines(rule.read),
    `  step  ${look.command} replay ${rule.id} --step`,
  ];
}

function wordScreen(word: WordExplanation, look: ExplainLook): readonly string[] {
  const { chapter, means, rules } = word;
  return [
    ...(means === null ? [] : [`  ${look.paint.cyan(word.word)}, a state: ${plain(means)}`, ""]),
    ...(chapter === null
      ? []
      : [...chapterHead(chapter, look), ...ruleLines(word.chapterRules, look), ""]),
    ...(rules.length === 0
      ? []
      : [
          `  ${plural(rules.length, chapter === null ? "rule" : "other rule")} ${rules.length === 1 ? "speaks" : "speak"} of "${word.word}"`,
          "",
          ...ruleLines(rules, look),
          "",
        ]),
    `  more  ${look.command} explain ${word.chapterRules[0]?.id ?? rules[0]?.id ?? ""}`,
  ];
}

const chapterHead = (chapter: ChapterLine, look: ExplainLook): readonly string[] => [
  `  ${look.paint.cyan(chapter.id)}   ${chapter.title} · ${plural(chapter.rules, "rule")}`,
  ...paragraph(chapter.about),
  "",
];

function columnScreen(answer: ColumnExplanation, look: ExplainLook): readonly string[] {
  const { column, holds, setBy, rules } = answer;
  return [
    `  ${look.paint.cyan(column)}, a column of river_job`,
    ...paragraph(holds.charAt(0).toUpperCase() + holds.slice(1)),
    "",
    `  ${setBy.length === 0 ? "No rule sets it" : `Set by ${plural(setBy.length, "rule")}`}`,
    "",
    ...ruleLines(setBy, look),
    "",
    ...(rules.length === 0
      ? []
      : [
          `  Spoken of by ${plural(rules.length, "other rule")}`,
          "",
          ...ruleLines(rules, look),
          "",
        ]),
  ];
}

function bugScreen(bug: BugExplanation, look: ExplainLook): readonly string[] {
  return [
    `  ${look.paint.cyan(bug.name)}, a seeded bug`,
    ...paragraph(bug.what),
    "",
    ...listed("Origin", [bug.origin], look),
    ...listed("Breaks", bug.breaks.map(shortRule), look),
    ...(bug.edits.length === 0
      ? listed("Edit", ["none: what is asked or answered is changed on its way"], look)
      : []),
    ...bug.edits.flatMap((edit) => ["", ...editLines(edit, look)]),
    "",
    ...readLines(bug.read),
  ];
}

/** An edit of a statement as a diff. */
function editLines({ statement, find, replace }: Edit, look: Look): readonly string[] {
  const side = (sign: string, text: string, paint: (text: string) => string) =>
    text.trim() === ""
      ? []
      : text
          .replaceAll(/^\n+|\s+$/g, "")
          .split("\n")
          .flatMap((line) =>
            wrap(line, SCREEN_WIDTH - 6).map((part) => paint(`    ${sign} ${part}`)),
          );
  return [
    `    ${look.paint.dim(statement)}`,
    ...side("-", find, look.paint.red),
    ...side("+", replace, look.paint.green),
  ];
}

function versionScreen(answer: VersionExplanation, look: ExplainLook): readonly string[] {
  const { version, edition, changes, notInForce, adapters } = answer;
  return [
    `  River ${look.paint.cyan(version)} is judged by edition ${edition}${edition === NEWEST.name ? ", the newest" : ""}`,
    ...(answer.isTooOld
      ? paragraph("It is older than every edition, and its tables are not those that Weir knows.")
      : []),
    "",
    ...(changes.length === 0
      ? ["  Nothing that River changed later is known."]
      : [
          "  Changed since",
          "",
          ...changes.flatMap(({ since, what }) => hanging(since, what, look)),
        ]),
    "",
    ...listed("Not in force", notInForce.length === 0 ? ["none"] : [notInForce.join(", ")], look),
    ...listed("Adapter", adapters.length === 0 ? ["none"] : adapters, look),
    ...(adapters[0] === undefined
      ? []
      : ["", `  try   ${look.command} check --adapter ${adapters[0]}`]),
  ];
}

function contentsScreen({ chapters }: Contents, look: ExplainLook): readonly string[] {
  const total = chapters.reduce((sum, { rules }) => sum + rules, 0);
  return [
    `  ${total} rules in ${chapters.length} chapters`,
    "",
    ...chapters.map(({ id, title, rules, about }) => {
      const said = `${title.padEnd(20)} ${plural(rules, "rule").padEnd(9)} ${plain(about)}`;
      return `  ${look.paint.cyan(id)}   ${clip(said, SCREEN_WIDTH - 8, look.ascii)}`;
    }),
    "",
    `  ask   ${look.command} explain SCH-4                    a rule`,
    `        ${look.command} explain snooze                   a word, a state, an operation`,
    `        ${look.command} explain finalized_at             a column`,
    `        ${look.command} explain 0.12.0                   a version of River`,
    `        ${look.command} explain schedule-self-conflict   a seeded bug`,
  ];
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Markdown's code marks are of no use on a terminal. */
const plain = (text: string): string => text.replaceAll("`", "");

const paragraph = (text: string): readonly string[] =>
  text === "" ? [] : wrap(plain(text), SCREEN_WIDTH - 2).map((line) => `  ${line}`);

const shortRule = ({ id, sentence }: RuleLine): string => `${id}: ${plain(sentence)}`;

const NOTE = 26;

/** A word, and to its right what it says, one line each. */
const listed = (word: string, texts: readonly string[], { ascii }: Look): readonly string[] =>
  texts.map(
    (text, i) =>
      `  ${(i === 0 ? word : "").padEnd(NOTE)}${clip(text, SCREEN_WIDTH - NOTE - 2, ascii)}`,
  );

const ruleLines = (rules: readonly RuleLine[], { ascii, paint }: Look): readonly string[] =>
  rules.map(
    ({ id, sentence }) =>
      `  ${paint.cyan(id.padEnd(7))} ${clip(plain(sentence), SCREEN_WIDTH - 10, ascii)}`,
  );

const hanging = (word: string, text: string, { paint }: Look): readonly string[] =>
  wrap(plain(text), SCREEN_WIDTH - 10).map(
    (line, i) => `  ${i === 0 ? paint.cyan(word.padEnd(7)) : "       "} ${line}`,
  );

/** `read  spec/rules.md:412 · model spec/model/schedule.ts:31`, on as many lines as it takes. */
function readLines(links: readonly Link[]): readonly string[] {
  const texts = links.map(
    ({ what, path, line }) => `${what === "rules" ? "" : `${what} `}${path}:${line}`,
  );
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    const longer = `${last} · ${text}`;
    if (last !== undefined && longer.length <= SCREEN_WIDTH - 8) lines[lines.length - 1] = longer;
    else lines.push(text);
  }
  return lines.map((line, i) => `  ${i === 0 ? "read" : "    "}  ${line}`);
}
