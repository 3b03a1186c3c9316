import type { Options } from "./options.ts";
import { type Peer, TIGHT } from "./participants.ts";
import { interleaved } from "./rounds.ts";
import type { Stage } from "./stage.ts";
import { compare, type Line } from "./table.ts";

/** As many queued jobs as there are to work elsewhere, times this: 10⁴ and 10⁵ of 20,000. */
const FEW = 0.5;
const MANY = 5;
/** 15 % more. */
const FLAT = { least: 0.87 } as const;

/** The most memory that a process with a small heap holds while it works off a queue, short or long. */
export async function measureMemory(
  stage: Stage,
  _: readonly Peer[],
  { rounds, jobs }: Options,
): Promise<readonly Line[]> {
  const queues = [MANY, FEW].map((times) => ({
    name: `${Math.round(jobs * times).toLocaleString("en-US")} queued`,
    queued: Math.round(jobs * times),
  }));
  const [many, few] = await interleaved(rounds, queues, ({ queued }) =>
    stage.on((place) =>
      place.with(TIGHT, async (child) => {
        await place.fill(TIGHT, child, queued);
        await place.workAll(TIGHT, [child], queued);
        return child.rss;
      }),
    ),
  );
  const show = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  return [compare(`memory with ${many?.name}`, many, few, show, FLAT)];
}
