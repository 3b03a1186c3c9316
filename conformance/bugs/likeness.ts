import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Job } from "../../spec/model/state.ts";
import { COLUMNS } from "../compare.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { type Divergence, runSequence } from "../run/sequence.ts";
import { alterationOf, type Bug } from "./bug.ts";

/** The bugs which, put into the reference, give the same kind of answer and leave the same rows as were observed after the last of these steps. */
export async function behavesLike(
  ground: Ground,
  bugs: readonly Bug[],
  ops: readonly Op[],
  law: Law,
  seen: Pick<Divergence, "observed" | "reply">,
): Promise<readonly Bug[]> {
  const wanted = rowsText(seen.observed);
  const alike: Bug[] = [];
  for (const bug of bugs) {
    const { divergences } = await runSequence(
      referenceAdapter(ground, alterationOf(bug)),
      ops,
      law,
    );
    const last = divergences.find((divergence) => divergence.at === ops.length - 1);
    if (last?.reply.op === seen.reply.op && rowsText(last.observed) === wanted) alike.push(bug);
  }
  return alike;
}

const rowsText = (rows: ReadonlyMap<number, Job>): string =>
  JSON.stringify([...rows].map(([label, job]) => [label, COLUMNS.map((column) => job[column])]));
