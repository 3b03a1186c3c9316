import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import { parseStory } from "../notation/parse.ts";
import { absenceOf } from "./applies.ts";
import { lackOf } from "./trace-verdict.ts";

/** From so many walks on, a rule to which none came is rare rather than forgotten. */
export const MANY_WALKS = 100;

/** The examples of all rules that can be checked on an implementation and did not fire, as far as it can be asked to do their steps. */
export function* examplesOf(
  adapter: Adapter,
  law: Law,
  hasFired: (rule: RuleId) => boolean,
): Generator<readonly Op[]> {
  const { edition, capabilities } = adapter.about;
  for (const rule of Object.keys(RULES) as RuleId[]) {
    if (hasFired(rule) || absenceOf(rule, edition, capabilities) !== null) continue;
    for (const example of RULES[rule].examples) {
      const ops = parseStory(example).steps.map(({ op }) => op);
      if (lackOf(adapter, ops, law) === null) yield ops;
    }
  }
}
