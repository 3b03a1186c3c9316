import type { Law } from "../../spec/model/effect.ts";
import { CHAPTERS, COLUMNS, RULES, type RuleId, STATES } from "../../spec/rules.generated.ts";
import type { Bug, Edit } from "../bugs/bug.ts";
import { BUGS, UNBREAKABLE } from "../bugs/catalogue.ts";
import { columnNamed } from "../notation/column.ts";
import { settersOf } from "./column.ts";
import { bugLink, type Link, linksOf, type Sources, statementLink } from "./links.ts";
import { nearest } from "./nearest.ts";
import { explainVersion, isVersion, type VersionExplanation } from "./version.ts";

/** A rule by its id and sentence. */
export type RuleLine = Readonly<{ id: RuleId; sentence: string }>;

/** A chapter, and how many rules it has. */
export type ChapterLine = Readonly<{ id: string; title: string; about: string; rules: number }>;

/** A rule with all that is known of it. Sentences are Markdown. */
export type RuleExplanation = Readonly<{
  kind: "rule";
  id: RuleId;
  chapter: string;
  level: string;
  harm: string;
  /** The River version that brought it; null for one that always held, or that is Weir's. */
  since: string | null;
  sentence: string;
  why: string | null;
  examples: readonly string[];
  unlike: readonly RuleLine[];
  needs: readonly RuleLine[];
  protects: readonly RuleLine[];
  bugs: readonly Readonly<{ name: string; origin: string }>[];
  /** Why no seeded bug can break it; null where some can. */
  unbreakable: string | null;
  read: readonly Link[];
}>;

/** A word: what it means where `rules.md` says so, the chapter of that title, and the other rules that speak of it. */
export type WordExplanation = Readonly<{
  kind: "word";
  word: string;
  means: string | null;
  chapter: ChapterLine | null;
  chapterRules: readonly RuleLine[];
  rules: readonly RuleLine[];
}>;

/** A column of `river_job`: what it holds, the rules whose effects set it, and those that only speak of it. */
export type ColumnExplanation = Readonly<{
  kind: "column";
  column: string;
  holds: string;
  setBy: readonly RuleLine[];
  rules: readonly RuleLine[];
}>;

/** A seeded bug. */
export type BugExplanation = Readonly<{
  kind: "bug";
  name: string;
  what: string;
  origin: string;
  breaks: readonly RuleLine[];
  edits: readonly Edit[];
  read: readonly Link[];
}>;

/** What there is to ask about. */
export type Contents = Readonly<{ kind: "contents"; chapters: readonly ChapterLine[] }>;

/** The answer to a question; its `kind` says of what. */
export type Explanation =
  | RuleExplanation
  | WordExplanation
  | ColumnExplanation
  | BugExplanation
  | VersionExplanation
  | Contents;

/** Nobody knows the word; `nearest` are words that something is known of. */
export type Unknown = Readonly<{ kind: "unknown"; word: string; nearest: readonly string[] }>;

/** What answers need from outside: the repository's files, the names of all adapters, and the law that examples are run by. */
export type Library = Readonly<{ sources: Sources; adapters: readonly string[]; law: Law }>;

const IDS = Object.keys(RULES) as RuleId[];

/** Explains a rule's id, a bug's name, a version, a column or a word, whichever it is, in this order; nothing at all gives the contents. */
export function explain(asked: string, library: Library): Explanation | Unknown {
  const word = asked.trim();
  if (word === "") return { kind: "contents", chapters: CHAPTERS.map(chapterLine) };
  const id = IDS.find((each) => each === word.toUpperCase());
  if (id !== undefined) return explainRule(id, library.sources);
  const bug = BUGS.find(({ name }) => name === word);
  if (bug !== undefined) return explainBug(bug, library.sources);
  if (isVersion(word)) return explainVersion(word, library.sources, library.adapters);
  if (Object.hasOwn(COLUMNS, word)) {
    return explainColumn(word as keyof typeof COLUMNS, library.law);
  }
  return explainWord(word.toLowerCase()) ?? unknown(word);
}

const ruleLine = (id: RuleId): RuleLine => ({ id, sentence: RULES[id].sentence });

const chapterLine = (chapter: (typeof CHAPTERS)[number]): ChapterLine => ({
  ...chapter,
  rules: rulesOf(chapter.id).length,
});

const rulesOf = (chapter: string): readonly RuleId[] =>
  IDS.filter((id) => id.startsWith(`${chapter}-`));

const titleOf = (id: RuleId): string =>
  CHAPTERS.find((chapter) => id.startsWith(`${chapter.id}-`))?.title ?? "";

function explainRule(id: RuleId, sources: Sources): RuleExplanation {
  const { needs, protects, unlike, ...text } = RULES[id];
  const bugs = BUGS.filter(({ breaks }) => breaks.includes(id));
  return {
    kind: "rule",
    id,
    chapter: titleOf(id),
    ...text,
    unlike: unlike.map(ruleLine),
    needs: needs.map(ruleLine),
    protects: protects.map(ruleLine),
    bugs: bugs.map(({ name, origin }) => ({ name, origin })),
    unbreakable: UNBREAKABLE[id] ?? null,
    read: linksOf(id, bugs, sources),
  };
}

function explainBug(bug: Bug, sources: Sources): BugExplanation {
  const { name, what, origin, breaks, edits } = bug;
  const read = [bugLink(bug, sources), statementLink(bug, sources)].filter((link) => link !== null);
  return { kind: "bug", name, what, origin, breaks: breaks.map(ruleLine), edits, read };
}

function explainColumn(name: keyof typeof COLUMNS, law: Law): ColumnExplanation {
  const column = columnNamed(name);
  const setters = column === null ? [] : settersOf(column, law);
  const rest = IDS.filter((id) => !setters.includes(id) && mentions(id, name));
  return {
    kind: "column",
    column: name,
    holds: COLUMNS[name],
    setBy: setters.map(ruleLine),
    rules: rest.map(ruleLine),
  };
}

/** Words are found where they begin: `snooze` also in "snoozes". */
function mentions(id: RuleId, word: string): boolean {
  const { sentence, why } = RULES[id];
  const start = word.replaceAll(/[$()*+./?[\\\]^{|}]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_])${start}`, "iu").test(`${sentence} ${why ?? ""}`);
}

function explainWord(word: string): WordExplanation | null {
  const chapter = CHAPTERS.find(
    ({ id, title }) => id.toLowerCase() === word || wordsOf(title).includes(word),
  );
  const means = Object.hasOwn(STATES, word) ? STATES[word as keyof typeof STATES] : null;
  const own = chapter === undefined ? [] : rulesOf(chapter.id);
  const rest = IDS.filter((id) => !own.includes(id) && mentions(id, word));
  if (chapter === undefined && means === null && rest.length === 0) return null;
  return {
    kind: "word",
    word,
    means,
    chapter: chapter === undefined ? null : chapterLine(chapter),
    chapterRules: own.map(ruleLine),
    rules: rest.map(ruleLine),
  };
}

function unknown(word: string): Unknown {
  const spoken = IDS.flatMap((id) => RULES[id].sentence.toLowerCase().match(/[a-z_]{4,}/g) ?? []);
  const titles = CHAPTERS.flatMap(({ title }) => wordsOf(title));
  const names = [...IDS, ...BUGS.map(({ name }) => name), ...Object.keys(COLUMNS), ...titles];
  const known = [...names, ...Object.keys(STATES), ...spoken];
  return { kind: "unknown", word, nearest: nearest(word, known) };
}

const wordsOf = (title: string): readonly string[] =>
  title.split(/\W+/).filter((word) => word !== "and");
