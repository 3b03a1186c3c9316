import type { Law, Model } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { step } from "../../spec/model/step.ts";
import type { Adapter } from "../adapter.ts";
import { smaller } from "../walk/shrink.ts";
import { labelsOf, relabelled } from "./labels.ts";
import { type Divergence, runSequence } from "./sequence.ts";
import { ofLatest, shortcuts } from "./shortcut.ts";
import { isAlike, type Signature } from "./signature.ts";

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
  isSame: (divergence: Divergence) => boolean = (each) => isAlike(each.signature, signature),
  model: Model = step,
): Promise<Shrunk | null> {
  const search = new Search(adapter, law, isSame, model);
  const latest = await search.shows(ofLatest(ops, law, model));
  let best = latest?.isFirst ? latest : ((await search.shows(ops)) ?? latest);
  if (best === null) return null;
  best = (await search.first(shortcuts(best.ops, best.divergence))) ?? best;
  for (let next: Shown | null = best; next !== null; ) {
    best = await dropSteps(next, search);
    next = await search.first(smaller(best.ops));
  }
  const plain = await search.shows(relabelled(best.ops));
  const { ops: steps, divergence, isFirst } = plain ?? best;
  return isFirst ? { ops: steps, divergence, tries: search.tries } : null;
}

/** Steps up to the divergence that they show; `isFirst` false: only after another one. */
type Shown = Readonly<{ ops: readonly Op[]; divergence: Divergence; isFirst: boolean }>;

/** Leaves out ever smaller runs of steps, from the end, as long as the divergence still shows. Short runs are tried at every place: a fetch goes with its finish. */
async function dropSteps(from: Shown, search: Search): Promise<Shown> {
  let best = from;
  for (let size = Math.ceil(from.ops.length / 2); size >= 1; size = Math.floor(size / 2)) {
    const stride = size < 4 ? 1 : size;
    for (let end = best.ops.length - 1; end > 0; end -= stride) {
      const start = Math.max(0, end - size);
      const without = [...best.ops.slice(0, start), ...best.ops.slice(end)];
      best = (await search.first([without])) ?? best;
    }
  }
  return best;
}

class Search {
  tries = 0;
  /** Whether steps are known that show it before anything else: from then on others do not count. */
  #hasFirst = false;
  readonly #seen = new Set<string>();
  readonly #adapter: Adapter;
  readonly #law: Law;
  readonly #isSame: (divergence: Divergence) => boolean;
  readonly #model: Model;

  constructor(
    adapter: Adapter,
    law: Law,
    isSame: (divergence: Divergence) => boolean,
    model: Model,
  ) {
    this.#adapter = adapter;
    this.#law = law;
    this.#isSame = isSame;
    this.#model = model;
  }

  async shows(ops: readonly Op[]): Promise<Shown | null> {
    this.tries += 1;
    const { divergences } = await runSequence(this.#adapter, ops, this.#law, this.#model);
    const divergence = divergences.find(this.#isSame);
    if (divergence === undefined) return null;
    const isFirst = divergence === divergences[0];
    if (this.#hasFirst && !isFirst) return null;
    this.#hasFirst = isFirst;
    return { ops: ops.slice(0, divergence.at + 1), divergence, isFirst };
  }

  /** The first candidate that shows it; null when none does, or enough were tried. */
  async first(candidates: Iterable<readonly Op[]>): Promise<Shown | null> {
    for (const candidate of candidates) {
      if (this.tries >= TRIES) return null;
      // Two simplifications may undo each other; nothing is tried twice.
      const text = JSON.stringify(candidate);
      if (this.#seen.has(text)) continue;
      this.#seen.add(text);
      const shown = isOrdered(candidate) ? await this.shows(candidate) : null;
      if (shown !== null) return shown;
    }
    return null;
  }
}

/** Times do not fall and labels rise: other times may make a timetable give more runs than its labels leave room for. */
function isOrdered(ops: readonly Op[]): boolean {
  const labels = ops.flatMap(labelsOf);
  return (
    ops.every((op, i) => op.now >= (ops[i - 1]?.now ?? Number.NEGATIVE_INFINITY)) &&
    labels.every((label, i) => label > (labels[i - 1] ?? Number.NEGATIVE_INFINITY))
  );
}
