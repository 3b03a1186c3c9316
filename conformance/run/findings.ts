import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import { type Divergence, runSequence } from "./sequence.ts";
import { type Shrunk, shrink } from "./shrink.ts";
import type { Signature } from "./signature.ts";

/** One way in which the implementation parts from the rules, with its shortest story. */
export type Finding = Readonly<{
  signature: Signature;
  rule: RuleId;
  /** Steps that show it from an empty queue; null where it does not show again, or only after another one. */
  shrunk: Shrunk | null;
  /** The divergence of which it is a consequence; null where it is none. */
  after: Signature | null;
  first: Divergence;
  /** How long the sequence was up to the divergence. */
  length: number;
  /** Which sequence it was, from 1, and when; 0 is the tour. */
  sequence: number;
  seconds: number;
}>;

type Story = Pick<Finding, "signature" | "rule" | "shrunk" | "after">;

/** The shortest way to a divergence, or why there is none. */
export async function storyOf(
  adapter: Adapter,
  law: Law,
  steps: readonly Op[],
  first: Divergence,
): Promise<Story> {
  const shrunk = await shrink(adapter, steps, law, first.signature);
  const told = shrunk?.divergence ?? first;
  const [cause] = told.differences;
  if (cause === undefined) throw new Error("A divergence must have a difference, but has none.");
  const after = shrunk === null ? await causeOf(adapter, law, steps, first) : null;
  return { signature: told.signature, rule: cause.rule, shrunk, after };
}

/** What comes before a divergence whenever it shows; null where it did not show again. */
async function causeOf(
  adapter: Adapter,
  law: Law,
  steps: readonly Op[],
  { signature }: Divergence,
): Promise<Signature | null> {
  const { divergences } = await runSequence(adapter, steps, law);
  const [cause] = divergences;
  const shows = divergences.some((each) => each.signature === signature);
  return shows && cause?.signature !== signature ? (cause?.signature ?? null) : null;
}

type Placed = Readonly<{ place: number; finding: Finding }>;

/** What was found, by signature: two ways into the same story are one finding, told as the first of them in the order of places. */
export class Findings {
  readonly #aside = new Set<Signature>();
  readonly #found = new Map<Signature, Placed>();
  #places = 0;

  get count(): number {
    return this.#found.size;
  }

  nextPlace(): number {
    this.#places += 1;
    return this.#places;
  }

  /** Whether nobody has looked into this signature yet; from now on somebody has. */
  setAside(signature: Signature): boolean {
    if (this.#aside.has(signature)) return false;
    this.#aside.add(signature);
    return true;
  }

  add(place: number, finding: Finding): void {
    const known = this.#found.get(finding.signature);
    if (known !== undefined && rank(known) <= rank({ place, finding })) return;
    this.#found.set(finding.signature, { place, finding });
  }

  /** In the order of their places. */
  all(): readonly Finding[] {
    return [...this.#found.values()]
      .sort((a, b) => a.place - b.place || a.finding.first.at - b.finding.first.at)
      .map(({ finding }) => finding);
  }
}

/** A story comes before a finding without one, then the earlier place. */
const rank = ({ place, finding }: Placed): number =>
  (finding.shrunk === null ? 1e12 : 0) + place * 1000 + finding.first.at;
