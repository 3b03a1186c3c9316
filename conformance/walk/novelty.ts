import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { traitsOf } from "../run/transition.ts";

/** How many walks are looked at before one is run: on the model alone, which takes a tenth of what running one takes. */
const CANDIDATES = 6;

/** What a rule that never fired is worth, in transitions; one that has is worth less each time. Late in a run a walk has few that are new. */
const RARE = 20;

/** Of every few walks the one that takes the model to most that is new, abstract transitions and rules that seldom fired: whatever is under test. */
export function* novelWalks(
  walks: Iterator<readonly Op[], never>,
  law: Law,
): Generator<readonly Op[], never> {
  const reached = new Set<string>();
  const times = new Map<RuleId, number>();
  for (;;) {
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const ops = walks.next().value;
      const { transitions, rules } = traitsOf(ops, law);
      const fresh = [...transitions].filter((each) => !reached.has(each));
      const rarity = [...rules].map((rule) => RARE / (1 + (times.get(rule) ?? 0)) ** 2);
      return { ops, fresh, rules, worth: rarity.reduce((sum, each) => sum + each, fresh.length) };
    });
    const newest = candidates.reduce((a, b) => (b.worth > a.worth ? b : a));
    for (const transition of newest.fresh) reached.add(transition);
    for (const rule of newest.rules) times.set(rule, (times.get(rule) ?? 0) + 1);
    yield newest.ops;
  }
}
