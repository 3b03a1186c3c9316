import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Bug } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { killBug, type Verdict } from "../bugs/kill.ts";
import { printStory } from "../notation/print.ts";
import { pgliteGround, postgresGround } from "../reference/ground.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { models } from "./models.ts";
import { countOf, GATE_SEED, seedOf } from "./options.ts";
import { count, lookOf, Progress, print, type ScreenOptions } from "./terminal.ts";

/** The options of `weir bugs`, as the command line gives them. */
export type BugsOptions = ScreenOptions &
  Readonly<{ database?: string; seed?: string; runs?: string; json?: boolean; models?: boolean }>;

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
  const verdicts = await killAll(chosen, options);
  const killed = verdicts.filter((verdict) => verdict.verdict === "killed").length;
  const exit =
    verdicts.length === 0
      ? EXIT.inconclusive
      : killed === chosen.length
        ? EXIT.pass
        : EXIT.divergence;
  const seconds = (performance.now() - started) / 1000;
  if (options.json === true) {
    print(JSON.stringify({ event: "footer", bugs: chosen.length, killed, seconds, exit }));
  } else {
    tell(verdicts, chosen.length, seconds, name !== undefined, exit, lookOf(options).ascii);
  }
  return exit;
}

async function killAll(chosen: readonly Bug[], options: BugsOptions): Promise<readonly Verdict[]> {
  const seed = options.seed === undefined ? GATE_SEED : seedOf(options.seed);
  const sequences = options.runs === undefined ? RUNS : countOf("runs", options.runs);
  const { database } = options;
  const ground = await (database === undefined ? pgliteGround() : postgresGround(database));
  const progress = new Progress(options);
  const interrupted = onInterrupt();
  const verdicts: Verdict[] = [];
  try {
    if (options.json !== true) {
      const head = `${chosen.length} bugs, each put into the reference · ${ground.name} · seed ${seed}`;
      print("", `  ${head}`, "");
    }
    for (const bug of chosen) {
      if (interrupted.isSet) break;
      progress.show(() => `${verdicts.length} of ${chosen.length}: ${bug.name}`);
      const verdict = await killBug(ground, bug, { seed, sequences, seconds: SECONDS });
      verdicts.push(verdict);
      if (options.json === true) print(eventOf(verdict));
    }
  } finally {
    progress.clear();
    await ground.close();
  }
  return verdicts;
}

function eventOf(verdict: Verdict): string {
  const { name, origin, breaks } = verdict.bug;
  return JSON.stringify({ event: "bug", ...verdict, bug: name, origin, breaks });
}

function tell(
  verdicts: readonly Verdict[],
  total: number,
  seconds: number,
  isOne: boolean,
  exit: ExitCode,
  isAscii: boolean,
): void {
  const [good, bad] = isAscii ? ["ok", "x"] : ["✓", "✗"];
  const wrong = verdicts.filter((verdict) => verdict.verdict !== "killed");
  const killed = verdicts.filter((verdict) => verdict.verdict === "killed");
  if (wrong.length > 0) print(`  ${bad} ${wrong.length} of ${total} not caught as they should be`);
  for (const { bug, verdict, rule } of wrong) {
    print(
      `    ${verdict.padEnd(12)} ${bug.name.padEnd(32)} ${rule === null ? "" : `caught by ${rule}, `}lists ${bug.breaks.join(", ")}`,
    );
  }
  print(
    `  ${good} ${killed.length} of ${total} killed, each by a rule it lists${`${seconds.toFixed(0)} s`.padStart(28)}`,
    "",
  );
  print(`    ${"bug".padEnd(34)} ${"rule".padEnd(7)} sequences  seconds  steps`);
  for (const { bug, rule, sequence, seconds: taken, ops } of killed) {
    print(
      `    ${bug.name.padEnd(34)} ${(rule ?? "").padEnd(7)} ${count(sequence).padStart(9)}  ${taken.toFixed(1).padStart(7)}  ${String(ops.length).padStart(5)}`,
    );
  }
  if (killed.length > 1) summary(killed);
  if (isOne) for (const verdict of verdicts) tellOne(verdict);
  print(`  exit ${exit}`);
}

function summary(killed: readonly Verdict[]): void {
  const median = (of: (verdict: Verdict) => number) =>
    killed.map(of).sort((a, b) => a - b)[Math.floor(killed.length / 2)] ?? 0;
  const worst = (of: (verdict: Verdict) => number) => Math.max(...killed.map(of));
  const row = (name: string, pick: (of: (verdict: Verdict) => number) => number) =>
    `    ${name.padEnd(42)} ${count(pick((each) => each.sequence)).padStart(9)}  ${pick(
      (each) => each.seconds,
    )
      .toFixed(1)
      .padStart(7)}  ${String(pick((each) => each.ops.length)).padStart(5)}`;
  print("", row("median", median), row("worst", worst), "");
  const broken = new Set(BUGS.flatMap((bug) => bug.breaks));
  const free = (Object.keys(RULES) as RuleId[]).filter((rule) => !broken.has(rule));
  print(`  no bug breaks: ${free.length === 0 ? "none" : free.join(", ")}`);
}

function tellOne({ bug, ops }: Verdict): void {
  print(
    "",
    `    what    ${bug.what}`,
    `    origin  ${bug.origin}`,
    `    breaks  ${bug.breaks.join(", ")}`,
  );
  for (const { statement, find, replace } of bug.edits) {
    print(`    edit    ${statement}`, ...diffLines(find, "-"), ...diffLines(replace, "+"));
  }
  print("", ...(ops.length === 0 ? [] : storyLines(ops)), "");
}

const diffLines = (text: string, sign: string): string[] =>
  text === "" ? [] : text.split("\n").map((line) => `            ${sign} ${line}`);

const storyLines = (ops: Verdict["ops"]): string[] =>
  printStory(ops)
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`);
