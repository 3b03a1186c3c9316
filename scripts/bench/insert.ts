import type { Options } from "./options.ts";
import { BARE, type Participant, type Peer, WEIR } from "./participants.ts";
import { absent, interleaved, present } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { compare, type Line, perSecond } from "./table.ts";

/** Of the jobs, so many are inserted one by one. */
const ONE_OF = 20;
const WARM_UP = 500;

type Way = Readonly<{
  name: string;
  one: Participant;
  verb: "insertMany" | "insertManyFast" | "insertOne";
}>;

const by = (verb: Way["verb"], participants: readonly Participant[]): readonly Way[] =>
  participants.map((one) => ({ name: one.name, one, verb }));

/** How long it takes to insert so many jobs, a thousand a call, and a twentieth of them one by one. */
export async function measureInsert(
  stage: Stage,
  peers: readonly Peer[],
  { rounds, jobs }: Options,
): Promise<readonly Line[]> {
  const here = present(peers);
  const ones = Math.ceil(jobs / ONE_OF);
  const many = `insert ${jobs.toLocaleString("en-US")} jobs, 1,000 a call`;
  const silent = `${many}, no answer`;
  const single = `insert ${ones.toLocaleString("en-US")} jobs one by one`;
  const [fast, bare, weir, ...others] = await interleaved(
    rounds,
    [...by("insertManyFast", [WEIR]), ...by("insertMany", [BARE, WEIR, ...here])],
    (way) => time(stage, way, jobs),
  );
  const [own, ...each] = await interleaved(rounds, by("insertOne", [WEIR, ...here]), (way) =>
    time(stage, way, ones),
  );
  return [
    compare(silent, fast, bare, perSecond(jobs), { least: 0.9 }),
    compare(many, weir, bare, perSecond(jobs)),
    ...others.map((other) => compare(many, weir, other, perSecond(jobs))),
    ...each.map((other) => compare(single, own, other, perSecond(ones), { least: 1 })),
    ...absent("insert", peers),
  ];
}

function time(stage: Stage, { one, verb }: Way, jobs: number): Promise<number> {
  return stage.on((place) =>
    place.with(one, async (child) => {
      await child.ask({ verb, jobs: Math.min(WARM_UP, jobs) });
      await place.fill(one, child, 0);
      return (await child.ask({ verb, jobs })).ms;
    }),
  );
}
