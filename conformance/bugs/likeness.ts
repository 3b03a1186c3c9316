import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Job } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { COLUMNS } from "../compare/difference.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { type Divergence, runSequence } from "../run/sequence.ts";
import { alterationOf, type Bug } from "./bug.ts";

/**
 * The bugs which, put into the reference, part from the rules at the last of these steps, give the same kind of answer and leave the same
 * rows as were observed there. Instants that a rule leaves open are not compared.
 */
export async function behavesLike(
  ground: Ground,
  bugs: readonly Bug[],
  ops: readonly Op[],
  law: Law,
  seen: Pick<Divergence, "observed" | "services" | "reply">,
): Promise<readonly Bug[]> {
  const open = openTimes(ops, law);
  const wanted = rowsText(seen, open);
  const alike: Bug[] = [];
  for (const bug of bugs) {
    const { divergences } = await runSequence(
      referenceAdapter(ground, alterationOf(bug)),
      ops,
      law,
    );
    const last = divergences.find((divergence) => divergence.at === ops.length - 1);
    if (last?.reply.op === seen.reply.op && rowsText(last, open) === wanted) alike.push(bug);
  }
  return alike;
}

const rowsText = (
  { observed, services }: Pick<Divergence, "observed" | "services">,
  open: ReadonlySet<number>,
): string =>
  JSON.stringify([
    [...services.queues.values()],
    services.leader,
    ...[...observed].map(([label, job]) => {
      const { scheduledAt, ...rest } = job;
      const told: Partial<Job> = open.has(label) ? rest : { ...rest, scheduledAt };
      return [label, COLUMNS.map((column) => told[column] ?? null)];
    }),
  ]);

/** The jobs whose `scheduled_at` some step leaves open, as the default retry policy does. */
function openTimes(ops: readonly Op[], law: Law): ReadonlySet<number> {
  const open = new Set<number>();
  let state = EMPTY;
  for (const op of ops) {
    const expected = step(state, op, law);
    state = expected.state;
    for (const { job, scheduledWithin } of expected.effects)
      if (job !== null && scheduledWithin !== undefined) open.add(job);
  }
  return open;
}
