import { readFileSync, writeFileSync } from "node:fs";
import { readRules } from "../conformance/rules-file.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** The text of `spec/rules.generated.ts` that belongs to today's `spec/rules.md`. */
export function generateRules(): string {
  const rules = readRules(read("../spec/rules.md"));
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
  ].join("\n");
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL("../spec/rules.generated.ts", import.meta.url), generateRules());
}
