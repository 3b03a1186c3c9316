import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { NEWEST } from "../../spec/model/edition.ts";
import { step } from "../../spec/model/step.ts";
import { MUTANTS } from "../explore/mutants.ts";
import { type Explored, printBroken } from "../explore/report.ts";
import { WORLDS } from "../explore/worlds.ts";
import { lawOf } from "../law.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { count, lookOf, Progress, print, type ScreenOptions } from "./terminal.ts";

/** The options of `weir explore`, as the command line gives them. */
export type ExploreOptions = ScreenOptions &
  Readonly<{ world?: string; mutant?: string; json?: boolean }>;

/** What a worker is asked: a world and a mutant, both by name. */
export type ExploreTask = Readonly<{ world: string; mutant: string | null }>;

/** Runs `weir explore`: every world to its end, or the one named, as many at a time as there are processors. */
export async function explore(options: ExploreOptions): Promise<ExitCode> {
  const worlds = WORLDS.filter(({ name }) => options.world === undefined || name === options.world);
  if (worlds.length === 0) throw unknown("world", options.world, WORLDS);
  const mutant = MUTANTS.find(({ name }) => name === options.mutant);
  if (options.mutant !== undefined && mutant === undefined) {
    throw unknown("mutant", options.mutant, MUTANTS);
  }
  const started = performance.now();
  if (options.json !== true && options.quiet !== true) {
    const what = mutant === undefined ? "the model" : `the model, in which: ${mutant.what}`;
    print("", `  ${what} · edition ${NEWEST.name} · ${worlds.length} worlds, each to its end`, "");
    print(`    ${"world".padEnd(14)} ${"bounds".padEnd(38)}   states  transitions  depth  seconds`);
  }
  const found = await exploreAll(
    worlds.map(({ name }) => ({ world: name, mutant: mutant?.name ?? null })),
    options,
  );
  const seconds = (performance.now() - started) / 1000;
  const [broken] = found
    .filter(({ story }) => story !== null)
    .sort((a, b) => (a.story?.length ?? 0) - (b.story?.length ?? 0));
  const exit =
    broken !== undefined
      ? EXIT.divergence
      : found.length < worlds.length
        ? EXIT.inconclusive
        : EXIT.pass;
  if (options.json === true) print(JSON.stringify({ event: "footer", seconds, exit }));
  else tell(found, broken, mutant?.model ?? step, seconds, exit, options);
  return exit;
}

const unknown = (
  what: string,
  given: string | undefined,
  known: readonly Readonly<{ name: string }>[],
): UsageError =>
  new UsageError(
    `no ${what} is called ${given}. Known: ${known.map(({ name }) => name).join(", ")}.`,
  );

/** The last worlds, which are the largest, first: so no processor is left with one alone at the end. */
async function exploreAll(
  tasks: readonly ExploreTask[],
  options: ExploreOptions,
): Promise<readonly Explored[]> {
  const progress = new Progress(options);
  const interrupted = onInterrupt();
  const found: Explored[] = [];
  const waiting = [...tasks].reverse();
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      if (interrupted.isSet) return;
      progress.show(() => `${found.length} of ${tasks.length}: ${task?.world}`);
      const explored = await inWorker(task);
      found.push(explored);
      progress.clear();
      if (options.json === true)
        print(JSON.stringify({ event: "world", ...explored, abstract: explored.abstract.length }));
      else if (options.quiet !== true) print(lineOf(explored));
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work));
  progress.clear();
  return found;
}

/** Explores in a thread of its own. */
function inWorker(task: ExploreTask): Promise<Explored> {
  const worker = new Worker(new URL("./explore-worker.mjs", import.meta.url), { workerData: task });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const lineOf = ({ world, bounds, states, transitions, depth, seconds }: Explored): string =>
  `    ${world.padEnd(14)} ${bounds.padEnd(38)} ${count(states).padStart(8)} ${count(transitions).padStart(12)} ${String(depth).padStart(6)} ${seconds.toFixed(1).padStart(8)}`;

const NOT_SHOWN = [
  "What this shows: within these bounds no sequence of any length breaks an invariant.",
  "What it does not: more jobs, keys or values at once; other times than whole ticks of",
  "five seconds; what no invariant says. That an implementation does the same is for check.",
];

function tell(
  found: readonly Explored[],
  broken: Explored | undefined,
  model: typeof step,
  seconds: number,
  exit: ExitCode,
  options: ExploreOptions,
): void {
  const look = lookOf(options);
  const sum = (of: (each: Explored) => number) =>
    found.reduce((total, each) => total + of(each), 0);
  const abstract = new Set(found.flatMap((each) => each.abstract));
  if (broken?.story != null) {
    const law = lawOf(NEWEST);
    const notes = [["Found", `in world ${broken.world}; no shorter story is in it.`]] as const;
    print("", ...printBroken(broken.story, law, model, notes, look), "");
  }
  const [good, bad] = look.ascii ? ["ok", "x"] : ["✓", "✗"];
  const word = broken === undefined ? "0 violations" : "an invariant is broken";
  print(
    "",
    `  ${broken === undefined ? good : bad} ${count(sum((each) => each.states))} states, ${count(sum((each) => each.transitions))} transitions, ${count(abstract.size)} abstract: ${word} · ${seconds.toFixed(0)} s`,
    ...(options.quiet === true || broken !== undefined
      ? []
      : NOT_SHOWN.map((line) => `    ${line}`)),
    `  exit ${exit}`,
  );
}
