import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type JobColumn } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { parseStory } from "../notation/parse.ts";
import { FULL_SCOPE } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";

const WALKS = 200;
const SEED = 42;

const KNOWN = new WeakMap<Law, ReadonlyMap<string, ReadonlySet<RuleId>>>();

/** The rules whose effects set a column, in the order of `rules.md`: seen by running every example and some walks through the model, once for each law. */
export function settersOf(column: JobColumn, law: Law): readonly RuleId[] {
  const known = KNOWN.get(law) ?? settersByColumn(law);
  KNOWN.set(law, known);
  const seen = known.get(column);
  return (Object.keys(RULES) as RuleId[]).filter((rule) => seen?.has(rule));
}

function settersByColumn(law: Law): ReadonlyMap<string, ReadonlySet<RuleId>> {
  const setters = new Map<string, Set<RuleId>>();
  for (const ops of stories(law)) {
    let state = EMPTY;
    for (const op of ops) {
      const done = step(state, op, law);
      for (const { rule, set } of done.effects) {
        for (const column of Object.keys(set)) {
          setters.set(column, (setters.get(column) ?? new Set()).add(rule));
        }
      }
      state = done.state;
    }
  }
  return setters;
}

function* stories(law: Law): Generator<readonly Op[]> {
  for (const { examples } of Object.values(RULES)) {
    for (const example of examples) yield parseStory(example).steps.map(({ op }) => op);
  }
  const walks = walksOf(SEED, law, FULL_SCOPE);
  for (let i = 0; i < WALKS; i += 1) yield walks.next().value;
}
