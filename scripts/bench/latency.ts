import type { Options } from "./options.ts";
import { BARE, type Participant, type Peer, WEIR } from "./participants.ts";
import { absent, present } from "./rounds.ts";
import { quantile, type Stage } from "./stage.ts";
import { compare, type Line, milliseconds } from "./table.ts";

/** Jobs of each round, one after the other. */
const SAMPLES = 100;
const MOST_MS = 3;

/**
 * From the call of an insert to the start of its handler, in the same process, where nothing else is to be done. Beside them the two commits that
 * it takes, alone.
 */
export async function measureLatency(
  stage: Stage,
  peers: readonly Peer[],
  { rounds, jobs }: Options,
): Promise<readonly Line[]> {
  const run = (one: Participant) =>
    stage.on((place) =>
      place.with(one, async (child) => {
        await child.ask({ verb: "start", purpose: "latency" });
        await child.ask({ verb: "latency", jobs: 10 });
        const { samples } = await child.ask({ verb: "latency", jobs: Math.min(SAMPLES, jobs) });
        await child.ask({ verb: "stop" });
        return samples;
      }),
    );
  const all = [WEIR, BARE, ...present(peers)].map((one) => ({ one, samples: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { one, samples } of all) samples.push(...(await run(one)));
  }
  const lines = [0.5, 0.99].flatMap((share) => {
    const what = `insert → handler starts, p${share * 100}`;
    const at = all.map(({ one, samples }) => ({
      name: one.name,
      rounds: [quantile(samples, share)],
    }));
    const limit = share === 0.5 ? [{ name: "at most", rounds: [MOST_MS] }] : [];
    const [weir, ...others] = at;
    return [...limit, ...others].map((other) =>
      compare(what, weir, other, milliseconds, other.name === BARE.name ? undefined : { least: 1 }),
    );
  });
  return [...lines, ...absent("insert → handler starts", peers)];
}
