import { writeFile } from "node:fs/promises";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Bug } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { killBug, type Verdict } from "../bugs/kill.ts";
import { type BugStory, showBug } from "../bugs/story.ts";
import { lawOf } from "../law.ts";
import type { Ground } from "../reference/adapter.ts";
import { pgliteGround, postgresGround } from "../reference/ground.ts";
import { summarize } from "../report/bug-summary.ts";
import { bugsPage } from "../report/bugs-page.ts";
import { tellBugs, tellOneBug } from "./bugs-screen.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { machine } from "./machine.ts";
import { models } from "./models.ts";
import { countOf, GATE_SEED, seedOf } from "./options.ts";
import { lookOf, Progress, print, type ScreenOptions, VERSION, WEIR } from "./terminal.ts";

/** The options of `weir bugs`, as the command line gives them. */
export type BugsOptions = ScreenOptions &
  Readonly<{
    database?: string;
    seed?: string;
    runs?: string;
    json?: boolean;
    html?: string;
    models?: boolean;
  }>;

/** A hunt of several bugs: what came of each, and the stories of those that were killed, where a page needs them. */
type Hunted = Readonly<{
  verdicts: readonly Verdict[];
  stories: ReadonlyMap<Bug, BugStory>;
  ground: string;
  seed: number;
}>;

const RUNS = 3000;
const SECONDS = 60;

/** Runs `weir bugs`: every seeded bug, or the one named, must be caught by a rule that it lists. */
export async function bugs(name: string | undefined, options: BugsOptions): Promise<ExitCode> {
  if (options.models === true) return models(name, options);
  const chosen = BUGS.filter((bug) => name === undefined || bug.name === name);
  if (chosen.length === 0) {
    const known = BUGS.map((bug) => bug.name).join(", ");
    throw new UsageError(`no bug is called ${name}. Known: ${known}.`);
  }
  const started = performance.now();
  const hunted = await killAll(chosen, options);
  const seconds = (performance.now() - started) / 1000;
  const { verdicts } = hunted;
  const summary = summarize(verdicts, seconds, BUGS);
  const exit =
    summary.wrong.length > 0
      ? EXIT.divergence
      : verdicts.length < chosen.length
        ? EXIT.inconclusive
        : EXIT.pass;
  if (options.html !== undefined) await writePage(options.html, hunted, seconds, options);
  if (options.json === true) {
    const { median, worst, secondsPerBug, hardest } = summary;
    const killed = summary.killed.length;
    const hard = hardest.map(({ bug }) => bug.name);
    const footer = { bugs: chosen.length, killed, seconds, secondsPerBug, median, worst };
    print(JSON.stringify({ event: "footer", ...footer, hardest: hard, exit }));
    return exit;
  }
  const look = lookOf(options);
  if (name === undefined) tellBugs(summary, chosen.length, seconds, look);
  else for (const verdict of verdicts) tellOneBug(verdict, seconds, look);
  if (options.html !== undefined) print(`  page  ${options.html}`);
  print(`  exit ${exit}`);
  return exit;
}

async function killAll(chosen: readonly Bug[], options: BugsOptions): Promise<Hunted> {
  const seed = options.seed === undefined ? GATE_SEED : seedOf(options.seed);
  const sequences = options.runs === undefined ? RUNS : countOf("runs", options.runs);
  const { database } = options;
  const ground = await (database === undefined ? pgliteGround() : postgresGround(database));
  const progress = new Progress(options);
  const interrupted = onInterrupt();
  const verdicts: Verdict[] = [];
  try {
    if (options.json !== true) {
      const bugs = chosen.length === 1 ? "1 bug" : `${chosen.length} bugs, each`;
      print("", `  ${bugs} put into the reference · ${ground.name} · seed ${seed}`, "");
    }
    for (const bug of chosen) {
      if (interrupted.isSet) break;
      progress.show(() => `${verdicts.length} of ${chosen.length}: ${bug.name}`);
      const verdict = await killBug(ground, bug, { seed, sequences, seconds: SECONDS });
      verdicts.push(verdict);
      if (options.json === true) print(eventOf(verdict));
    }
    const stories = options.html === undefined ? new Map() : await storiesOf(ground, verdicts);
    return { verdicts, stories, ground: ground.name, seed };
  } finally {
    progress.clear();
    await ground.close();
  }
}

async function storiesOf(
  ground: Ground,
  verdicts: readonly Verdict[],
): Promise<ReadonlyMap<Bug, BugStory>> {
  const stories = new Map<Bug, BugStory>();
  for (const { bug, ops } of verdicts) {
    const story = ops.length === 0 ? null : await showBug(ground, bug, ops);
    if (story !== null) stories.set(bug, story);
  }
  return stories;
}

async function writePage(
  path: string,
  hunted: Hunted,
  seconds: number,
  options: BugsOptions,
): Promise<void> {
  const page = bugsPage({
    ...hunted,
    catalogue: BUGS,
    law: lawOf(NEWEST),
    seconds,
    command: commandOf(path, options),
    version: VERSION,
    machine: machine(),
  });
  await writeFile(path, page).catch((error: Error) => {
    throw new UsageError(`the page cannot be written: ${error.message}.`);
  });
}

/** As it can be run again; a server's URL may hold a password. */
function commandOf(path: string, { seed, runs, database }: BugsOptions): string {
  const given = [
    seed === undefined ? "" : ` --seed ${seed}`,
    runs === undefined ? "" : ` --runs ${runs}`,
    database === undefined ? "" : " --database …",
  ];
  return `${WEIR} bugs --html ${path}${given.join("")}`;
}

function eventOf(verdict: Verdict): string {
  const { name, origin, breaks } = verdict.bug;
  return JSON.stringify({ event: "bug", ...verdict, bug: name, origin, breaks });
}
