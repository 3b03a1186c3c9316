import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import { type Divergence, runAtOnce, runSequence } from "../run/sequence.ts";
import { shrink } from "../run/shrink.ts";
import { scopeOf } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";
import type { Mutant } from "./mutant.ts";

/** What came of checking a right implementation against a wrong model. */
export type MutantVerdict = Readonly<{
  mutant: Mutant;
  verdict: "killed" | "survived" | "wrong rule";
  /** The rule that found it; where that is wrong the first that was named instead; else null. */
  rule: RuleId | null;
  /** Which sequence found it, from 1; otherwise how many were tried. */
  sequence: number;
  seconds: number;
  /** The steps that show it, from an empty queue; empty unless killed. */
  ops: readonly Op[];
}>;

/** Checks an implementation against a mutant of the model until they part by a rule that the mutant lists. `shrinks` false leaves the steps as they were found. */
export async function killMutant(
  adapter: Adapter,
  mutant: Mutant,
  law: Law,
  options: Readonly<{ seed: number; sequences: number; shrinks: boolean }>,
): Promise<MutantVerdict> {
  const started = performance.now();
  const walks = walksOf(options.seed, law, scopeOf(adapter.about, law.edition));
  const ruleOf = ({ differences, violations }: Divergence): RuleId | null =>
    [differences[0], ...violations]
      .flatMap((each) => each?.rule ?? [])
      .find((rule) => mutant.rules.includes(rule)) ?? null;
  let other: RuleId | null = null;
  for (let sequence = 1; sequence <= options.sequences; sequence++) {
    const ops = walks.next().value;
    const { divergences } =
      (await runAtOnce(adapter, ops, law, mutant.model)) ??
      (await runSequence(adapter, ops, law, mutant.model));
    const found = divergences.find((each) => ruleOf(each) !== null);
    other ??= divergences[0]?.differences[0]?.rule ?? null;
    if (found === undefined) continue;
    const seconds = (performance.now() - started) / 1000;
    const steps = ops.slice(0, found.at + 1);
    const isKill = (each: Divergence) => ruleOf(each) !== null;
    const shown = options.shrinks
      ? await shrink(adapter, steps, law, found.signature, isKill, mutant.model)
      : { ops: steps, divergence: found };
    if (shown === null) continue;
    const rule = ruleOf(shown.divergence);
    return { mutant, verdict: "killed", rule, sequence, seconds, ops: shown.ops };
  }
  const seconds = (performance.now() - started) / 1000;
  const verdict = other === null ? "survived" : "wrong rule";
  return { mutant, verdict, rule: other, sequence: options.sequences, seconds, ops: [] };
}
