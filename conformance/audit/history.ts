import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Job, Micros } from "../../spec/model/state.ts";
import type { Adapter } from "../adapter.ts";
import { World } from "../run/world.ts";

/** What became of the jobs that a queue's scheduler discarded, by the queue's own ids; the model says which discards were right. For tests. */
export type History = Readonly<{
  /** Still discarded, and should not have been. */
  wrong: ReadonlySet<string>;
  /** Still discarded, and rightly. */
  rightful: ReadonlySet<string>;
  /** Were discarded by the scheduler, then retried; they carry its mark, whatever they are now. */
  retried: ReadonlySet<string>;
  /** When the last operation was. */
  end: Micros;
}>;

/** Runs operations on a queue as it is, damaged or not, and keeps the books of its scheduler. */
export async function runHistory(adapter: Adapter, ops: readonly Op[], law: Law): Promise<History> {
  const books = {
    wrong: new Set<number>(),
    rightful: new Set<number>(),
    retried: new Set<number>(),
  };
  const world = new World(law);
  await adapter.reset();
  for (const op of ops) {
    const before = world.state;
    const reply = await adapter.run(op, world);
    const seen = await adapter.observe();
    const expected = world.settle(op, world.expect(op), seen);
    const observed = world.observed(op, expected, seen, reply);
    for (const [label, job] of observed.jobs) {
      const was = before.jobs.get(label)?.state;
      if (job.state === "discarded" && op.op === "schedule" && was !== "discarded") {
        const isRight = expected.state.jobs.get(label)?.state === "discarded";
        (isRight ? books.rightful : books.wrong).add(label);
        books.retried.delete(label);
      } else if (
        job.state !== "discarded" &&
        (books.wrong.delete(label) || books.rightful.delete(label))
      ) {
        books.retried.add(label);
      }
    }
    world.takeOver(op, expected, observed);
  }
  const { jobs } = world.state;
  const idsOf = (labels: ReadonlySet<number>) =>
    new Set(
      [...labels].filter((label) => isHere(jobs, label)).map((label) => String(world.idOf(label))),
    );
  return {
    wrong: idsOf(books.wrong),
    rightful: idsOf(books.rightful),
    retried: idsOf(books.retried),
    end: ops.at(-1)?.now ?? 0,
  };
}

const isHere = (jobs: ReadonlyMap<number, Job>, label: number): boolean => jobs.has(label);
