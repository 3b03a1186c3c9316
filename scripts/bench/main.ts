import { measureGrowth } from "./growth.ts";
import { measureInsert } from "./insert.ts";
import { measureLatency } from "./latency.ts";
import { measureMemory } from "./memory.ts";
import { type Options, optionsOf, type Part } from "./options.ts";
import { compileParticipants, findPeers, type Peer } from "./participants.ts";
import { measurePglite } from "./pglite.ts";
import { Stage } from "./stage.ts";
import { about, type Line, table } from "./table.ts";
import { measureWork } from "./work.ts";

type Measure = (stage: Stage, peers: readonly Peer[], options: Options) => Promise<readonly Line[]>;

const MEASURES: Readonly<Record<Part, Measure>> = {
  work: measureWork,
  insert: measureInsert,
  latency: measureLatency,
  growth: measureGrowth,
  pglite: measurePglite,
  memory: measureMemory,
};

const options = optionsOf(process.argv.slice(2));
const say = (line: string) => void process.stderr.write(`  ${line}\n`);
await compileParticipants();
const peers = await findPeers(say);
const stage = await Stage.open();
try {
  const lines: Line[] = [];
  for (const part of options.only) {
    say(`measuring ${part}`);
    lines.push(...(await MEASURES[part](stage, peers, options)));
  }
  const { rounds } = options;
  const how = `medians of ${rounds} interleaved rounds; a ratio above 1 is in Weir's favour`;
  process.stdout.write(`${table(lines)}\n\n  ${how}\n  ${about(stage.version)}\n`);
} finally {
  await stage.close();
}
