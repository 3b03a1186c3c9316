import type { Child } from "./child.ts";
import type { Options } from "./options.ts";
import { type Peer, PGLITE } from "./participants.ts";
import { interleaved } from "./rounds.ts";
import { median, type Stage, untilHandled } from "./stage.ts";
import { type Line, milliseconds, perSecond } from "./table.ts";

/** Of the jobs, so many are worked and inserted, and so many of those one by one. */
const PART = 4;
const ONE_OF = 20;

/** What the queue does without a server. */
export async function measurePglite(
  _stage: Stage,
  _: readonly Peer[],
  options: Options,
): Promise<readonly Line[]> {
  const jobs = Math.ceil(options.jobs / PART);
  const ones = Math.ceil(jobs / ONE_OF);
  const measures = [
    { name: "open and migrate", run: (_: Child, opened: number) => opened, show: milliseconds },
    {
      name: `work ${jobs.toLocaleString("en-US")} jobs`,
      run: (child: Child) => work(child, jobs),
      show: perSecond(jobs),
    },
    {
      name: `insert ${jobs.toLocaleString("en-US")} jobs, 1,000 a call`,
      run: insert("insertMany", jobs),
      show: perSecond(jobs),
    },
    {
      name: `insert ${ones.toLocaleString("en-US")} jobs one by one`,
      run: insert("insertOne", ones),
      show: perSecond(ones),
    },
    { name: "start and stop a client", run: startAndStop, show: milliseconds },
  ];
  const all = await interleaved(options.rounds, measures, async ({ run }) => {
    const child = PGLITE.spawn("");
    try {
      const { ms } = await child.ask({ verb: "open" });
      return await run(child, ms);
    } finally {
      await child.end();
    }
  });
  return all.map(({ name, rounds }, at) => ({
    what: `PGlite: ${name}`,
    weir: measures[at]?.show(median(rounds)) ?? "",
    other: "",
  }));
}

/** A client that stops writes what it has done first. */
async function work(child: Child, jobs: number): Promise<number> {
  await child.ask({ verb: "fill", jobs });
  const began = performance.now();
  await child.ask({ verb: "start" });
  await untilHandled([child], jobs);
  await child.ask({ verb: "stop" });
  return performance.now() - began;
}

const insert = (verb: "insertMany" | "insertOne", jobs: number) => async (child: Child) => {
  await child.ask({ verb, jobs: Math.ceil(jobs / 10) });
  return (await child.ask({ verb, jobs })).ms;
};

async function startAndStop(child: Child): Promise<number> {
  const started = await child.ask({ verb: "start" });
  const stopped = await child.ask({ verb: "stop" });
  return started.ms + stopped.ms;
}
