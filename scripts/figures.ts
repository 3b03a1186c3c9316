import { availableParallelism } from "node:os";
import type { Verdict } from "../conformance/bugs/kill.ts";
import { GATE_SEED } from "../conformance/cli/options.ts";
import { lawOf } from "../conformance/law.ts";
import { referenceAdapter } from "../conformance/reference/adapter.ts";
import { pgliteGround } from "../conformance/reference/ground.ts";
import { type HuntReport, hunt } from "../conformance/run/hunt.ts";
import { NEWEST } from "../spec/model/edition.ts";
import { RULES } from "../spec/rules.generated.ts";
import { killAll } from "./kill-all.ts";

const SEQUENCES = 1000;
const count = (value: number): string => value.toLocaleString("en-US");

/** The table alone goes to the standard output. */
const progress = (line: string): boolean => process.stderr.write(`${line}\n`);

async function huntReference(): Promise<HuntReport> {
  progress(`the reference: ${count(SEQUENCES)} sequences`);
  const adapter = referenceAdapter(await pgliteGround());
  const limits = { seed: GATE_SEED, sequences: SEQUENCES, seconds: null, failFast: false };
  return hunt([adapter], lawOf(NEWEST), limits).finally(() => adapter.close());
}

function medianOf(verdicts: readonly Verdict[], of: (verdict: Verdict) => number): number {
  const sorted = verdicts.map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function rows(report: HuntReport, verdicts: readonly Verdict[]): (readonly [string, string])[] {
  const killed = verdicts.filter((each) => each.verdict === "killed");
  const sequence = medianOf(killed, (each) => each.sequence);
  const seconds = medianOf(killed, (each) => each.seconds).toFixed(1);
  const steps = medianOf(killed, (each) => each.ops.length);
  return [
    ["rules", `${Object.keys(RULES).length}, ${report.fired.size} of them fired in the run below`],
    [
      "the reference against the model",
      `${count(report.sequences)} sequences, ${count(report.operations)} operations, ${report.findings.length} differences, ${report.seconds.toFixed(0)} s`,
    ],
    ["abstract transitions reached", count(report.transitions)],
    ["seeded bugs caught, each by a rule it lists", `${killed.length} of ${verdicts.length}`],
    [
      "what a bug takes, median",
      `found in sequence ${count(sequence)}, after ${seconds} s, told in ${steps} steps`,
    ],
  ];
}

const table = rows(await huntReference(), await killAll({ shrinks: true }));
const date = new Date().toISOString().slice(0, 10);
const about = `${date}, ${availableParallelism()} cores, Node ${process.versions.node}, seed ${GATE_SEED}`;
const lines = [
  `| Measured (${about}; \`npm run figures\` prints this table) | |`,
  "|---|---|",
  ...table.map(([name, value]) => `| ${name} | ${value} |`),
];
process.stdout.write(`${lines.join("\n")}\n`);
