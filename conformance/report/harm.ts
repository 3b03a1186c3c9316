import { RULES, type RuleId } from "../../spec/rules.generated.ts";

/** What a broken rule does to those who rely on it, worst first; each with what pages call it. */
export const HARMS = {
  lost: "Work lost or thrown away",
  stuck: "Work stuck",
  twice: "Work run twice or too early",
  untrue: "Answers that are not true",
  housekeeping: "Housekeeping",
} as const;

/** One of `HARMS`. */
export type Harm = keyof typeof HARMS;

const isRule = (id: string): id is RuleId => Object.hasOwn(RULES, id);

/** A rule's harm. A report may come from another version of Weir, with rules that this one lacks: these count as untrue. */
export const harmOf = (rule: string): Harm => (isRule(rule) ? RULES[rule].harm : "untrue");

/** A rule's sentence as `rules.md` has it, with its code marks. */
export const sentenceOf = (rule: string): string =>
  isRule(rule) ? RULES[rule].sentence : "A rule that this version of Weir does not know.";

/** A rule's sentence without code marks. */
export const plainSentenceOf = (rule: string): string => sentenceOf(rule).replaceAll("`", "");

const ORDER = Object.keys(HARMS) as readonly Harm[];

/** Sorts rules by harm, worst first; rules of one harm stay in their order. */
export const byHarm = (a: string, b: string): number =>
  ORDER.indexOf(harmOf(a)) - ORDER.indexOf(harmOf(b));
