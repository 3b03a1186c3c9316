import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Adapter } from "../adapter.ts";
import { smaller } from "../walk/shrink.ts";
import { relabelled } from "./labels.ts";
import { type Divergence, runSequence } from "./sequence.ts";
import type { Signature } from "./signature.ts";

/** A divergence with the fewest steps that were found to show it. */
export type Shrunk = Readonly<{ ops: readonly Op[]; divergence: Divergence; tries: number }>;

const TRIES = 400;

/**
 * Looks for fewer and simpler steps that still part in the way of `signature`, on an empty queue and without going on from an earlier
 * divergence; null when the steps do not show it at all.
 */
export async function shrink(
  adapter: Adapter,
  ops: readonly Op[],
  law: Law,
  signature: Signature,
  isSame: (divergence: Divergence) => boolean = (each) => each.signature === signature,
): Promise<Shrunk | null> {
  let tries = 0;
  const show = async (candidate: readonly Op[]): Promise<Divergence | null> => {
    tries += 1;
    const { divergences } = await runSequence(adapter, candidate, law);
    const [first] = divergences;
    return first !== undefined && isSame(first) ? first : null;
  };
  let divergence = await show(ops);
  if (divergence === null) return null;
  let best = ops.slice(0, divergence.at + 1);
  for (let improved = true; improved && tries < TRIES; ) {
    improved = false;
    for (const candidate of smaller(best)) {
      if (tries >= TRIES) break;
      if (!isOrdered(candidate)) continue;
      const found = await show(candidate);
      if (found === null) continue;
      divergence = found;
      best = candidate.slice(0, found.at + 1);
      improved = true;
      break;
    }
  }
  const plain = relabelled(best);
  return { ops: plain, divergence: (await show(plain)) ?? divergence, tries };
}

const isOrdered = (ops: readonly Op[]): boolean =>
  ops.every((op, i) => op.now >= (ops[i - 1]?.now ?? Number.NEGATIVE_INFINITY));
