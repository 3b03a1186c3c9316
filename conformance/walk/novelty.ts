import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { transitionsAlong } from "../run/transition.ts";

/** How many walks are looked at before one is run: on the model alone, which takes a tenth of what running one takes. */
const CANDIDATES = 4;

/** Of every few walks the one that takes the model to most abstract transitions that no walk before it did: whatever is under test. */
export function* novelWalks(
  walks: Iterator<readonly Op[], never>,
  law: Law,
): Generator<readonly Op[], never> {
  const reached = new Set<string>();
  for (;;) {
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const ops = walks.next().value;
      const fresh = [...transitionsAlong(ops, law)].filter((each) => !reached.has(each));
      return { ops, fresh };
    });
    const newest = candidates.reduce((a, b) => (b.fresh.length > a.fresh.length ? b : a));
    for (const transition of newest.fresh) reached.add(transition);
    yield newest.ops;
  }
}
