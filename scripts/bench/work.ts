import type { Options } from "./options.ts";
import { BARE, type Participant, type Peer, WEIR } from "./participants.ts";
import { absent, interleaved, present } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { compare, type Goal, type Line, perSecond } from "./table.ts";

const GOALS: Readonly<Record<string, Goal>> = {
  [BARE.name]: { least: 0.95 },
  "River Go": { least: 4.5 },
  "graphile-worker": { least: 1.15 },
  "pg-boss": { least: 1.15 },
};

/** How long so many trivial jobs take until they are final. */
export async function measureWork(
  stage: Stage,
  peers: readonly Peer[],
  { rounds, jobs }: Options,
): Promise<readonly Line[]> {
  const run = (one: Participant) =>
    stage.on((place) => place.with(one, (child) => place.work(one, child, jobs)));
  const what = `work ${jobs.toLocaleString("en-US")} jobs`;
  const [weir, ...others] = await interleaved(rounds, [WEIR, BARE, ...present(peers)], run);
  const lines = others.map((other) =>
    compare(what, weir, other, perSecond(jobs), GOALS[other.name]),
  );
  return [...lines, ...absent(what, peers)];
}
