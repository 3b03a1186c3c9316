import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { lawOf } from "../law.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { type Divergence, runSequence } from "../run/sequence.ts";
import { alterationOf, type Bug } from "./bug.ts";
import { type KillOptions, killBug } from "./kill.ts";

/** The steps that show a bug, and where the last of them parts from the rules. */
export type BugStory = Readonly<{ ops: readonly Op[]; divergence: Divergence }>;

/** Hunts a bug and tells its shortest story; null where it is not killed within the limits. */
export async function tellBug(
  ground: Ground,
  bug: Bug,
  options: KillOptions,
): Promise<BugStory | null> {
  const { ops } = await killBug(ground, bug, options);
  return showBug(ground, bug, ops);
}

/** Runs steps on the reference with the bug in it; null where nothing differs. */
export async function showBug(
  ground: Ground,
  bug: Bug,
  ops: readonly Op[],
): Promise<BugStory | null> {
  const adapter = referenceAdapter(ground, alterationOf(bug));
  const [divergence] = (await runSequence(adapter, ops, lawOf(NEWEST))).divergences;
  return divergence === undefined ? null : { ops: ops.slice(0, divergence.at + 1), divergence };
}
