import type { Diff, DiffLine } from "./diff.ts";
import type { Look } from "./finding.ts";
import { plainSentenceOf } from "./harm.ts";
import { clip, SCREEN_WIDTH, wrap } from "./screen.ts";

/** A change of River's rules between the two: since which release, and what it says. */
export type RuleChange = Readonly<{ name: string; since: string; what: string }>;

/** The lines between the first and the last of `weir diff`; `all` leaves nothing out. */
export function printDiff(
  diff: Diff,
  changes: readonly RuleChange[],
  look: Look & Readonly<{ all: boolean }>,
): readonly string[] {
  const rows = (word: string, lines: readonly DiffLine[], most: number) =>
    ruleRows(word, lines, look.all ? Number.POSITIVE_INFINITY : most, look);
  const optional = (word: string, lines: readonly DiffLine[]) =>
    lines.length === 0 ? [] : rows(word, lines, MANY);
  return [
    ...rows("fixed", diff.fixed, MANY),
    ...rows("broken", diff.broken, MANY),
    ...optional("worse", diff.worse),
    ...optional("came", diff.came),
    ...changedRows(diff, changes, look),
    ...idRow("still", diff.still),
    ...(diff.undecided.length === 0 ? [] : idRow("undecided", diff.undecided)),
  ];
}

const MANY = 6;
const LEFT = 18;

const row = (word: string, count: number | null, text: string): string =>
  `  ${word.padEnd(9)} ${count === null ? "   " : String(count).padStart(3)}   ${text}`.trimEnd();

function ruleRows(
  word: string,
  lines: readonly DiffLine[],
  most: number,
  look: Look,
): readonly string[] {
  if (lines.length === 0) return [row(word, 0, "")];
  const shown = lines.slice(0, most).map(({ rule, note }, i) => {
    const said = note === "" ? "" : `${note}: `;
    const text = `${rule.padEnd(6)}  ${said}${plainSentenceOf(rule)}`;
    const clipped = clip(text, SCREEN_WIDTH - LEFT, look.ascii);
    return row(i === 0 ? word : "", i === 0 ? lines.length : null, clipped).replace(
      rule,
      look.paint.cyan(rule),
    );
  });
  const rest = lines.slice(most).map(({ rule }) => rule);
  const more = rest.length === 0 ? [] : indented(`and ${rest.join(" ")}`);
  return [...shown, ...more.map((line) => row("", null, line))];
}

function idRow(word: string, lines: readonly DiffLine[]): readonly string[] {
  const ids = lines.map(({ rule, note }) => (note === "another way" ? `${rule} (${note})` : rule));
  const [first = "", ...rest] = indented(ids.join(" "));
  return [
    row(word, lines.length, first),
    ...rest.map((line) => row("", null, line)),
    ...(word === "undecided" ? reasonsOf(lines).map((line) => row("", null, line)) : []),
  ];
}

/** Why rules are undecided, each reason once; three of them. */
function reasonsOf(lines: readonly DiffLine[]): readonly string[] {
  const byNote = new Map<string, string[]>();
  for (const { rule, note } of lines) byNote.set(note, [...(byNote.get(note) ?? []), rule]);
  return [...byNote]
    .slice(0, 3)
    .map(([note, rules]) =>
      clip(`${byNote.size === 1 ? "" : `${rules.join(" ")}: `}${note}`, SCREEN_WIDTH - LEFT),
    );
}

/** All changes of rules between the two, those first that a story of these two tells. */
function changedRows(
  { changed }: Diff,
  changes: readonly RuleChange[],
  look: Look & Readonly<{ all: boolean }>,
): readonly string[] {
  if (changes.length === 0) return [row("changed", 0, "")];
  const rulesOf = ({ name }: RuleChange) =>
    changed.filter(({ note }) => note.split(" ").includes(name)).map(({ rule }) => rule);
  const sorted = changes.toSorted((a, b) => rulesOf(b).length - rulesOf(a).length);
  const shown = sorted.slice(0, look.all ? changes.length : MANY).map((change) => {
    const rules = rulesOf(change);
    const of = rules.length === 0 ? "" : ` (${rules.join(" ")})`;
    return clip(`${change.since}${of}  ${change.what}`, SCREEN_WIDTH - LEFT, look.ascii);
  });
  const more = changes.length - shown.length;
  return [
    row("changed", changes.length, "rules, not bugs:"),
    ...shown.map((line) => row("", null, line)),
    ...(more > 0 ? [row("", null, `and ${more} more: --all`)] : []),
  ];
}

const indented = (text: string): readonly string[] => wrap(text, SCREEN_WIDTH - LEFT);
