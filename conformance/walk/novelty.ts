import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { transitionsAlong } from "../run/transition.ts";

/** How many walks are looked at before one is run: on the model alone, which takes a tenth of what running one takes. */
const CANDIDATES = 4;

/** Of every few walks the one that reaches most abstract transitions that are not among `reached`; the same for the same `reached`. */
export function* novelWalks(
  walks: Iterator<readonly Op[], never>,
  law: Law,
  reached: ReadonlySet<string>,
): Generator<readonly Op[], never> {
  for (;;) {
    const candidates = Array.from({ length: CANDIDATES }, () => walks.next().value);
    const scores = candidates.map((ops) => noveltyOf(ops, law, reached));
    yield candidates[scores.indexOf(Math.max(...scores))] ?? [];
  }
}

const noveltyOf = (ops: readonly Op[], law: Law, reached: ReadonlySet<string>): number =>
  [...transitionsAlong(ops, law)].filter((transition) => !reached.has(transition)).length;
