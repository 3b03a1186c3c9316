import { NEWEST } from "../spec/model/edition.ts";
import { RULES } from "../spec/rules.generated.ts";
import { alterationOf } from "./bugs/bug.ts";
import { BUGS } from "./bugs/catalogue.ts";
import { GATE_SEED } from "./cli/options.ts";
import { count, lookOf, Progress, print, WEIR } from "./cli/terminal.ts";
import { lawOf } from "./law.ts";
import { referenceAdapter } from "./reference/adapter.ts";
import { pgliteGround } from "./reference/ground.ts";
import { ruleLine } from "./report/finding.ts";
import { storyOf } from "./report/story.ts";
import { printTable } from "./report/table.ts";
import { type HuntReport, hunt } from "./run/hunt.ts";

const SEQUENCES = 1000;
const SHOWN = "schedule-self-conflict";

const options = { quiet: false };
const look = lookOf(options);
const law = lawOf(NEWEST);
const started = performance.now();
const [good, bad] = look.ascii ? ["ok", "x"] : ["✓", "✗"];

/** The reference as it is: nothing may differ. */
async function checkReference(): Promise<HuntReport> {
  const progress = new Progress(options);
  const adapter = referenceAdapter(await pgliteGround());
  const report = await hunt([adapter], law, {
    seed: GATE_SEED,
    sequences: SEQUENCES,
    seconds: null,
    failFast: true,
    onProgress: (now) =>
      progress.show(() => `${count(now.sequences)} of ${count(SEQUENCES)} sequences`),
  }).finally(() => adapter.close());
  progress.clear();
  return report;
}

/** The reference with the bug of River v0.12.0: it must be found. */
async function checkBug(): Promise<HuntReport> {
  const bug = BUGS.find(({ name }) => name === SHOWN);
  if (bug === undefined) throw new Error(`The catalogue must hold ${SHOWN}, but does not.`);
  const adapter = referenceAdapter(await pgliteGround(), alterationOf(bug));
  const limits = { seed: GATE_SEED, sequences: SEQUENCES, seconds: null, failFast: true };
  return hunt([adapter], law, limits).finally(() => adapter.close());
}

function tellReference(report: HuntReport): boolean {
  const rules = Object.keys(RULES).length;
  const isGood = report.findings.length === 0 && report.fired.size === rules;
  const mark = isGood ? good : bad;
  const done = `${count(report.sequences)} sequences, ${count(report.operations)} operations`;
  const word = report.findings.length === 0 ? "no difference" : "they part: npm run weir check";
  print(
    "  1  The reference queue, on Postgres inside this process (PGlite)",
    `     ${mark} ${`${done}: ${word}`.padEnd(64)} ${report.seconds.toFixed(0)} s`,
    `       ${report.fired.size} of ${rules} rules fired; ${count(report.transitions)} abstract transitions reached`,
    "",
  );
  return isGood;
}

function tellBug(report: HuntReport): boolean {
  print("  2  The same queue with the bug of River v0.12.0 put back");
  const [finding] = report.findings;
  if (finding?.shrunk == null) {
    print(`     ${bad} not found: the suite is blind`, "");
    return false;
  }
  const { ops, divergence } = finding.shrunk;
  const { table } = storyOf(ops, law, divergence);
  const steps = `${finding.length} steps shrunk to these ${ops.length}`;
  print(
    `   ${ruleLine(finding.rule, look).replaceAll("\n", "\n   ")}`,
    "",
    ...printTable(table, { ...look, indent: 7 }),
    "",
    `       found in sequence ${finding.sequence}, after ${finding.seconds.toFixed(1)} s; ${steps}`,
    "",
  );
  return true;
}

print(
  "",
  "  Weir does random things to a job queue and to a formal model of it, side by side,",
  "  and tells the shortest story in which the two part.",
  "",
);
const isKept = tellReference(await checkReference());
const isFound = tellBug(await checkBug());
const seconds = ((performance.now() - started) / 1000).toFixed(0);
print(
  "  3  Your turn",
  `     ${WEIR} check --adapter river-go@0.12.0   the real River, caught (needs Go 1.26)`,
  `     ${WEIR} replay SCH-4 --step               a rule's example, step by step`,
  `     ${`${WEIR} bugs`.padEnd(41)} ${BUGS.length} bugs, and what each took to find`,
  "",
  `  ${isKept && isFound ? good : bad} done in ${seconds} s · seed ${GATE_SEED}: run it again and see the same`,
);
process.exitCode = isKept && isFound ? 0 : 1;
