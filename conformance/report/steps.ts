import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { type Look, nameKeysIn } from "./finding.ts";
import { SCREEN_WIDTH, wrap } from "./screen.ts";
import { storyOf } from "./story.ts";
import { printTable } from "./table.ts";

/** A story that keeps the rules: the whole table, or with `each` the table after each step and the rules that decided it. */
export function printSteps(
  ops: readonly Op[],
  law: Law,
  look: Look,
  each: boolean,
): readonly string[] {
  const { table } = storyOf(ops, law, null);
  if (!each) return printTable(table, look);
  return ops.flatMap((_, i) => {
    const shown = storyOf(ops.slice(0, i + 1), law, null);
    return [
      `  ${i + 1} of ${ops.length}`,
      "",
      ...printTable({ ...shown.table, current: i }, look),
      "",
      ...rulesOf(ops, i, law, look),
      "",
    ];
  });
}

/** The rules that had a say in step `index`, each with its sentence and what it looked at. */
function rulesOf(ops: readonly Op[], index: number, law: Law, look: Look): readonly string[] {
  let state = EMPTY;
  for (const op of ops.slice(0, index)) state = step(state, op, law).state;
  const op = ops[index];
  if (op === undefined) return [];
  const { keys } = storyOf(ops.slice(0, index + 1), law, null);
  const said = new Map<RuleId, string>();
  for (const { rule, because } of step(state, op, law).effects) {
    if (!said.has(rule)) said.set(rule, nameKeysIn(because, keys));
  }
  return [...said].flatMap(([rule, because]) => {
    const text = `${RULES[rule].sentence.replaceAll("`", "")} ${look.paint.dim(`(${because})`)}`;
    return wrap(text, SCREEN_WIDTH - 12).map(
      (line, i) => `    ${i === 0 ? look.paint.cyan(rule.padEnd(7)) : "       "} ${line}`,
    );
  });
}
