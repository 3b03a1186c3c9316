import { NEWEST } from "../../spec/model/edition.ts";
import { killMutant, type MutantVerdict } from "../explore/kill.ts";
import { MUTANTS } from "../explore/mutants.ts";
import { lawOf } from "../law.ts";
import { printStory } from "../notation/print.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround, postgresGround } from "../reference/ground.ts";
import type { BugsOptions } from "./bugs.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { countOf, GATE_SEED, seedOf } from "./options.ts";
import { count, lookOf, Progress, print } from "./terminal.ts";

const RUNS = 1000;

/** Runs `weir bugs --models`: the reference must kill every mutant of the model, or the one named, by a rule that it lists. */
export async function models(name: string | undefined, options: BugsOptions): Promise<ExitCode> {
  const chosen = MUTANTS.filter((mutant) => name === undefined || mutant.name === name);
  if (chosen.length === 0) {
    const known = MUTANTS.map((mutant) => mutant.name).join(", ");
    throw new UsageError(`no mutant is called ${name}. Known: ${known}.`);
  }
  const seed = options.seed === undefined ? GATE_SEED : seedOf(options.seed);
  const sequences = options.runs === undefined ? RUNS : countOf("runs", options.runs);
  const { database } = options;
  const ground = await (database === undefined ? pgliteGround() : postgresGround(database));
  const adapter = referenceAdapter(ground);
  const law = lawOf(NEWEST);
  const progress = new Progress(options);
  const interrupted = onInterrupt();
  const verdicts: MutantVerdict[] = [];
  if (options.json !== true) {
    print(
      "",
      `  ${chosen.length} models with one rule wrong, against the reference · ${ground.name} · seed ${seed}`,
      "",
    );
  }
  try {
    for (const mutant of chosen) {
      if (interrupted.isSet) break;
      progress.show(() => `${verdicts.length} of ${chosen.length}: ${mutant.name}`);
      const verdict = await killMutant(adapter, mutant, law, { seed, sequences, shrinks: true });
      verdicts.push(verdict);
      if (options.json === true) {
        const { model: _, ...told } = mutant;
        print(JSON.stringify({ event: "mutant", ...verdict, mutant: told }));
      }
    }
  } finally {
    progress.clear();
    await adapter.close();
  }
  return tell(verdicts, chosen.length, name !== undefined, options);
}

function tell(
  verdicts: readonly MutantVerdict[],
  total: number,
  isOne: boolean,
  options: BugsOptions,
): ExitCode {
  const killed = verdicts.filter(({ verdict }) => verdict === "killed");
  const exit =
    killed.length === total
      ? EXIT.pass
      : verdicts.length < total
        ? EXIT.inconclusive
        : EXIT.divergence;
  if (options.json === true) {
    print(JSON.stringify({ event: "footer", mutants: total, killed: killed.length, exit }));
    return exit;
  }
  const look = lookOf(options);
  const [good, bad] = look.ascii ? ["ok", "x"] : ["✓", "✗"];
  print(`    ${"model".padEnd(34)} ${"rule".padEnd(11)} sequence  seconds  steps`);
  for (const { mutant, verdict, rule, sequence, seconds, ops } of verdicts) {
    const named = verdict === "killed" ? (rule ?? "") : verdict;
    print(
      `    ${mutant.name.padEnd(34)} ${named.padEnd(11)} ${count(sequence).padStart(8)}  ${seconds.toFixed(1).padStart(7)}  ${String(ops.length).padStart(5)}`,
    );
  }
  for (const { mutant, ops } of isOne ? verdicts : []) {
    print("", `    what   ${mutant.what}`, `    rules  ${mutant.rules.join(", ")}`, "");
    if (ops.length > 0) print(printStory(ops).trimEnd().replace(/^/gm, "    "));
  }
  const mark = killed.length === total ? good : bad;
  print(
    "",
    `  ${mark} ${killed.length} of ${total} killed, each by a rule it lists`,
    `  exit ${exit}`,
  );
  return exit;
}
