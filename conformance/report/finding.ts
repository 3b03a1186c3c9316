import type { Law, Model } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Difference } from "../compare/difference.ts";
import type { Divergence } from "../run/sequence.ts";
import { clip, type Paint, SCREEN_WIDTH, wrap } from "./screen.ts";
import { type KeyNames, showValue, snake, storyOf } from "./story.ts";
import { printTable } from "./table.ts";

/** How screens are drawn. */
export type Look = Readonly<{ ascii: boolean; paint: Paint }>;

/** A divergence with its steps and whatever else is known of it. */
export type Story = Readonly<{
  ops: readonly Op[];
  divergence: Divergence;
  law: Law;
  /** What says the rules; absent for the model itself. */
  model?: Model;
  /** Lines such as `Found     in sequence 3`: a word and what it says. */
  notes: readonly (readonly [word: string, text: string])[];
}>;

const ALSO = 3;

/** `✗ SCH-3  A due job becomes available …`: a rule by its id and sentence. */
export function ruleLine(rule: RuleId, look: Look): string {
  const mark = look.ascii ? "x" : "✗";
  const sentence = RULES[rule].sentence.replaceAll("`", "");
  const [first = "", ...rest] = wrap(sentence, SCREEN_WIDTH - rule.length - 6);
  const lines = [`  ${look.paint.red(mark)} ${look.paint.cyan(rule)}  ${first}`];
  return [...lines, ...rest.map((line) => `${" ".repeat(rule.length + 6)}${line}`)].join("\n");
}

/** A divergence as the terminal shows it: rule, table, what else differs, why, and the notes. */
export function printFinding(story: Story, look: Look): readonly string[] {
  const { divergence, ops, law } = story;
  const [first] = divergence.differences;
  if (first === undefined) return [];
  const { table, keys } = storyOf(ops, law, divergence, story.model);
  const notes: (readonly [string, string])[] = [
    ["Why", nameKeysIn(first.because, keys)],
    ...invariantNotes(divergence),
    ...story.notes,
  ];
  return [
    ruleLine(first.rule, look),
    "",
    ...printTable(table, { ascii: look.ascii, paint: look.paint }),
    ...alsoLines(divergence),
    "",
    ...notes.map(([word, text]) => noteLine(word, text)),
  ];
}

/** A word and what it says. */
export const noteLine = (word: string, text: string): string =>
  wrap(text, SCREEN_WIDTH - 14)
    .map((line, i) => `    ${(i === 0 ? word : "").padEnd(9)} ${line}`)
    .join("\n");

function invariantNotes({ violations, differences }: Divergence): (readonly [string, string])[] {
  const owed = differences[0]?.rule;
  const broken = [...new Set(violations.map(({ rule }) => rule))].filter((rule) => rule !== owed);
  if (broken.length === 0) return [];
  return [["Breaks", broken.map((rule) => `${rule} (${firstWords(rule)})`).join(", ")]];
}

const firstWords = (rule: RuleId): string =>
  clip(RULES[rule].sentence.replaceAll("`", "").replace(/[.;:].*$/s, ""), 60);

/** Evidence names keys by their hex; a story names them by letter. */
export function nameKeysIn(text: string, keys: KeyNames): string {
  return [...keys].reduce((result, [key, name]) => result.replaceAll(key, name), text);
}

const nameOf = ({ job, on }: Difference): string => on ?? `#${job}`;

function alsoLines({ differences }: Divergence): readonly string[] {
  const rest = differences.slice(1).filter(({ column }) => column !== null);
  if (rest.length === 0) return [];
  const lines = rest.slice(0, ALSO).map((each, i) => {
    const { column, expected, got } = each;
    const previous = rest[i - 1];
    const isSame = previous !== undefined && nameOf(previous) === nameOf(each);
    const also = `${nameOf(each)} also`;
    const name = isSame ? "".padEnd(also.length) : also;
    const said = `${snake(column ?? "")} must be ${showValue(column, expected)}, but is ${showValue(column, got)}`;
    return clip(`    ${name}  ${said}`, SCREEN_WIDTH);
  });
  const more = rest.length - ALSO;
  return ["", ...lines, ...(more > 0 ? [`    and ${more} more columns`] : [])];
}
