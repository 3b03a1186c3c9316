import { availableParallelism } from "node:os";
import { GATE_SEED } from "../conformance/cli/options.ts";
import { startEmbeddedPostgres } from "../conformance/database/embedded.ts";
import { lawOf } from "../conformance/law.ts";
import { type Ground, referenceAdapter } from "../conformance/reference/adapter.ts";
import { pgliteGround, postgresGround } from "../conformance/reference/ground.ts";
import { preparing } from "../conformance/reference/prepared.ts";
import { type Outcome, runAtOnce, runSequence } from "../conformance/run/sequence.ts";
import { FULL_SCOPE } from "../conformance/walk/swarm.ts";
import { walksOf } from "../conformance/walk/walk.ts";
import { NEWEST } from "../spec/model/edition.ts";
import type { Op } from "../spec/model/op.ts";

/** Rounds of each way, one of each in turn, so that a busy moment of the machine falls on all of them. */
const ROUNDS = 7;
/** As many walks as are drawn at a time, so that every round pays for drawing its own. */
const WALKS = 50;
const MOST_OUTSIDE = 25;

const law = lawOf(NEWEST);

type Way = Readonly<{
  name: string;
  /** Checked operations per second to reach; null where none is set. */
  goal: number | null;
  clock: DatabaseClock;
  walks: Iterator<readonly Op[], never>;
  run: (ops: readonly Op[]) => Promise<Outcome | null>;
  rounds: Round[];
}>;

type Round = Readonly<{ perSecond: number; outside: number }>;

/** Milliseconds spent waiting for the database. */
type DatabaseClock = { inside: number };

/** The same ground, with every wait for its database added up. */
function clocked(ground: Ground, clock: DatabaseClock): Ground {
  const timed = async <T>(call: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await call();
    } finally {
      clock.inside += performance.now() - started;
    }
  };
  return { ...ground, ...preparing((sql) => timed(() => ground.send(sql))) };
}

function waysOn(ground: Ground, database: string, goals: readonly [number | null, number | null]) {
  const clock = { inside: 0 };
  const adapter = referenceAdapter(clocked(ground, clock));
  const way = (
    name: string,
    goal: number | null,
    run: (ops: readonly Op[]) => Promise<Outcome | null>,
  ): Way => ({
    name: `${database}, ${name}`,
    goal,
    clock,
    walks: walksOf(GATE_SEED, law, FULL_SCOPE),
    run,
    rounds: [],
  });
  return [
    way("step by step", goals[0], (ops) => runSequence(adapter, ops, law)),
    way("whole sequences at once", goals[1], (ops) => runAtOnce(adapter, ops, law)),
  ];
}

/** Draws walks, runs and checks them. A walk that cannot be sent at once counts as what it is: time without a checked operation. */
async function round({ clock, walks, run }: Way): Promise<Round> {
  const started = performance.now();
  clock.inside = 0;
  let operations = 0;
  for (let i = 0; i < WALKS; i++) {
    const outcome = await run(walks.next().value);
    operations += outcome?.operations ?? 0;
  }
  const wall = performance.now() - started;
  return { perSecond: (operations * 1000) / wall, outside: (100 * (wall - clock.inside)) / wall };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function line({ name, goal, rounds }: Way): string {
  const rate = Math.round(median(rounds.map((each) => each.perSecond)));
  const outside = Math.round(median(rounds.map((each) => each.outside)));
  const cells = [
    name.padEnd(41),
    rate.toLocaleString("en-US").padStart(7),
    (goal === null ? "–" : `≥ ${goal.toLocaleString("en-US")}`).padStart(9),
    `${outside} %`.padStart(9),
    `≤ ${MOST_OUTSIDE} %`.padStart(8),
  ];
  return `  ${cells.join("")}`;
}

async function measure(): Promise<readonly Way[]> {
  const server = await startEmbeddedPostgres();
  const grounds = [await pgliteGround(), await postgresGround(server.url)] as const;
  try {
    const ways = [
      ...waysOn(grounds[0], "PGlite", [700, 1500]),
      ...waysOn(grounds[1], `Postgres ${server.version}`, [null, null]),
    ];
    // The first round is for the compilers and caches.
    for (const way of ways) await round(way);
    for (let i = 0; i < ROUNDS; i++) for (const way of ways) way.rounds.push(await round(way));
    return ways;
  } finally {
    for (const ground of grounds) await ground.close();
    await server.stop();
  }
}

const ways = await measure();
const date = new Date().toISOString().slice(0, 10);
const about = `${date} · ${availableParallelism()} cores · Node ${process.versions.node} · seed ${GATE_SEED}`;
const lines = [
  `  Checked operations per second: medians of ${ROUNDS} rounds of ${WALKS} walks · ${about}`,
  "",
  `  ${"".padEnd(41)}${"ops/s".padStart(7)}${"goal".padStart(9)}${"outside*".padStart(9)}${"goal".padStart(8)}`,
  ...ways.map(line),
  "",
  "  * share of the time that is not spent waiting for the database: drawing, model, comparison",
];
process.stdout.write(`${lines.join("\n")}\n`);
