import { readFileSync, writeFileSync } from "node:fs";
import { readChapters, readRules, readWords } from "../conformance/rules-file.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** The text of `spec/rules.generated.ts` that belongs to today's `spec/rules.md`. */
export function generateRules(): string {
  const markdown = read("../spec/rules.md");
  const { states, columns } = readWords(markdown);
  const rules = readRules(markdown);
  const entries = rules.map(
    ({ id, ...rule }) => `  ${JSON.stringify(id)}: ${JSON.stringify(rule)},`,
  );
  return [
    "// Written by `npm run rules` from rules.md; do not edit.",
    "",
    "/** Every rule by its id, in the order of `rules.md`. */",
    "export const RULES = {",
    ...entries,
    "} as const;",
    "",
    "/** The id of a rule. */",
    "export type RuleId = keyof typeof RULES;",
    "",
    "/** The chapters of `rules.md`, in its order: the start of their rules' ids, the title, the first words. */",
    "export const CHAPTERS = [",
    ...readChapters(markdown).map((chapter) => `  ${JSON.stringify(chapter)},`),
    "] as const;",
    "",
    "/** What each state of a job means. */",
    "export const STATES = {",
    ...[...states].map(([name, text]) => `  ${name}: ${JSON.stringify(text)},`),
    "} as const;",
    "",
    "/** What each column of `river_job` holds. */",
    "export const COLUMNS = {",
    ...[...columns].map(([name, text]) => `  ${name}: ${JSON.stringify(text)},`),
    "} as const;",
    "",
  ].join("\n");
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL("../spec/rules.generated.ts", import.meta.url), generateRules());
}
