import { migrate } from "../../src/migrate.ts";
import type { Child } from "./child.ts";
import type { Options } from "./options.ts";
import { type Peer, WEIR } from "./participants.ts";
import { FILL, fillFinished } from "./peers/rows.ts";
import { interleaved, type Rounds } from "./rounds.ts";
import { type Place, type Stage, WARM_UP } from "./stage.ts";
import { compare, type Line, perSecond } from "./table.ts";

/** As many finished jobs as there are to work, times this: 10⁴, 10⁵ and 10⁶ of 20,000. */
const FINISHED = [0.5, 5, 50] as const;
const PROCESSES = [1, 2, 4] as const;
/** 15 % more time. */
const FLAT = { least: 0.87 } as const;

/** Whether the work slows down as finished jobs pile up, or processes are added. */
export async function measureGrowth(
  stage: Stage,
  _: readonly Peer[],
  options: Options,
): Promise<readonly Line[]> {
  const { rounds, jobs } = options;
  const show = perSecond(jobs);
  const piles = await stage.onEach(FINISHED, async (places) => {
    const all = [];
    for (const [at, place] of places.entries()) {
      const finished = Math.round(jobs * (FINISHED[at] ?? 0));
      await migrate(place.db);
      await fillFinished(place.db, finished);
      all.push({ name: `${finished.toLocaleString("en-US")} finished`, place, finished });
    }
    return interleaved(rounds, all, ({ place, finished }) => workBeside(place, finished, jobs));
  });
  const crowds = await interleaved(
    rounds,
    PROCESSES.map((count) => ({ name: count === 1 ? "1 process" : `${count} processes`, count })),
    ({ count }) => stage.on((place) => workTogether(place, count, jobs)),
  );
  const lines = ([first, ...rest]: readonly Rounds[]) =>
    rest.map((each) => compare(`work with ${each.name}`, each, first, show, FLAT));
  return [...lines(piles), ...lines(crowds)];
}

/** Takes away what the last round left, adds jobs to work, and works them. */
async function workBeside(place: Place, finished: number, jobs: number): Promise<number> {
  const fill = async (count: number) => {
    await place.db.query("delete from river_job where id > $1::bigint", [finished]);
    await place.db.query(FILL, [count]);
    await place.settle(WEIR.table);
  };
  return place.with(WEIR, async (child) => {
    await fill(WARM_UP);
    await place.workAll(WEIR, [child], WARM_UP);
    await fill(jobs);
    return place.workAll(WEIR, [child], jobs);
  });
}

async function workTogether(place: Place, count: number, jobs: number): Promise<number> {
  const children: Child[] = [];
  const next = async (): Promise<number> => {
    const [first] = children;
    if (children.length < count || first === undefined) {
      return place.with(WEIR, async (child) => {
        await place.fill(WEIR, child, WARM_UP);
        await place.workAll(WEIR, [child], WARM_UP);
        children.push(child);
        return next();
      });
    }
    await place.fill(WEIR, first, jobs);
    return place.workAll(WEIR, children, jobs);
  };
  return next();
}
