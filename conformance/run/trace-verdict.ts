import type { Edition } from "../../spec/model/edition.ts";
import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Adapter } from "../adapter.ts";
import { lawOf } from "../law.ts";
import { needsOfAll } from "./needs.ts";
import { type Divergence, runSequence } from "./sequence.ts";
import { isAlike, type Signature } from "./signature.ts";

/** Steps, and the way in which they once parted from the rules. */
export type KnownSteps = Readonly<{ steps: readonly Op[]; signature: Signature }>;

/**
 * What known steps show on an implementation: the same divergence, another one, none (`kept`), or nothing, as it cannot be asked to do
 * them; `why` says what it lacks.
 */
export type TraceVerdict =
  | Readonly<{ verdict: "shows" | "another"; divergence: Divergence }>
  | Readonly<{ verdict: "kept" }>
  | Readonly<{ verdict: "cannot"; why: string }>;

/** Runs known steps, judged by the rules of an edition. */
export async function traceVerdict(
  adapter: Adapter,
  { steps, signature }: KnownSteps,
  edition: Edition,
): Promise<TraceVerdict> {
  const lack = lackOf(adapter, steps, lawOf(edition));
  if (lack !== null) return { verdict: "cannot", why: lack };
  const { divergences } = await runSequence(adapter, steps, lawOf(edition));
  const same = divergences.find((each) => isAlike(each.signature, signature));
  if (same !== undefined) return { verdict: "shows", divergence: same };
  const refused = divergences.find(({ reply }) => isUnsupported(reply));
  if (refused !== undefined) {
    return { verdict: "cannot", why: `it does not support ${refused.op.op}` };
  }
  const [other] = divergences;
  return other === undefined ? { verdict: "kept" } : { verdict: "another", divergence: other };
}

const isUnsupported = (reply: Divergence["reply"]): boolean =>
  reply.op === "refused" && reply.code === "unsupported";

/** Why an implementation cannot be asked to do these steps; null where it can. What differs by design can be asked all the same. */
export function lackOf({ about }: Adapter, steps: readonly Op[], law: Law): string | null {
  for (const need of needsOfAll(steps, law)) {
    const support = about.capabilities[need];
    if (typeof support === "object" && "unsupported" in support) return support.unsupported;
  }
  return null;
}

/** A change of River's rules that tells two editions apart, by the name of its switch. */
export type Switch = Exclude<keyof Edition, "name">;

/** The switches in which two editions differ. */
export const switchesBetween = (a: Edition, b: Edition): readonly Switch[] =>
  (Object.keys(b) as (keyof Edition)[]).filter(
    (name): name is Switch => name !== "name" && a[name] !== b[name],
  );

/**
 * Whether a verdict by `own`, the edition of the implementation, differs from that by `other` for the rules' sake alone: judged by
 * `other` it would be `verdict`. The switches that each bring that about by themselves, or all where only several do; null where it is
 * the implementation that differs.
 */
export async function ruleChange(
  adapter: Adapter,
  known: KnownSteps,
  { own, other, verdict }: Readonly<{ own: Edition; other: Edition; verdict: string }>,
): Promise<readonly Switch[] | null> {
  const switches = switchesBetween(own, other);
  if (switches.length === 0) return null;
  const isSo = async (edition: Edition) =>
    (await traceVerdict(adapter, known, edition)).verdict === verdict;
  if (!(await isSo(other))) return null;
  const alone: Switch[] = [];
  for (const name of switches) if (await isSo({ ...own, [name]: other[name] })) alone.push(name);
  return alone.length > 0 ? alone : switches;
}
