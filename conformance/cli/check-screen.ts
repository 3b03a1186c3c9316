import { NEWEST } from "../../spec/model/edition.ts";
import { RULES } from "../../spec/rules.generated.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { behavesLike } from "../bugs/likeness.ts";
import { lawOf } from "../law.ts";
import { pgliteGround } from "../reference/ground.ts";
import { type Look, printFinding } from "../report/finding.ts";
import type { Finding, HuntReport } from "../run/hunt.ts";
import type { Shrunk } from "../run/shrink.ts";
import { EXIT } from "./exit.ts";
import type { Judgement } from "./judge.ts";
import type { Opened } from "./open.ts";
import { count, print, WEIR } from "./terminal.ts";

/** The screen of `weir check`: the worst difference as a story, the others by a line, the counts, the verdict. */
export async function tell(
  opened: Opened,
  result: Judgement,
  records: ReadonlyMap<Finding, string>,
  look: Look,
  quiet: boolean,
): Promise<void> {
  const { report } = result;
  const [main] = sortByStory(result.broken);
  if (main !== undefined && !quiet) {
    for (const line of await story(opened, main, report, records.get(main) ?? "", look))
      print(line);
    print("", ...moreLines(result, main, records));
  }
  const brokenRules = new Set(result.broken.map((finding) => finding.rule));
  const kept = result.applicable.filter(
    (rule) => report.fired.has(rule) && !brokenRules.has(rule),
  ).length;
  const absent = Object.keys(RULES).length - result.applicable.length;
  const mark = result.exit === EXIT.pass ? "✓" : result.exit === EXIT.divergence ? "✗" : "?";
  const sign = look.ascii ? { "✓": "ok", "✗": "x", "?": "?" }[mark] : mark;
  const word =
    brokenRules.size > 0
      ? `${brokenRules.size} ${brokenRules.size === 1 ? "rule" : "rules"} broken`
      : "no difference";
  print(
    `  ${sign} ${report.sequences === 0 && report.tour !== null ? "the tour" : `${count(report.sequences)} sequences`}, ${count(report.operations)} operations: ${word} · ${report.seconds.toFixed(0)} s`,
    `    ${kept} rules kept · ${result.byDesign.length} by design · ${absent} do not apply · ${result.undecided.length} undecided`,
    ...tourLines(report),
  );
  if (result.isTourCut && result.exit === EXIT.inconclusive)
    print("    INCONCLUSIVE: the tour did not reach all that it should.");
  if (result.undecided.length > 0)
    print(`    INCONCLUSIVE: never fired: ${result.undecided.join(", ")}`);
  for (const each of result.unclear)
    print(`    ? seen once, not again from an empty queue: ${each.signature}`);
  if (report.operations === 0) print("weir: 0 operations ran, so nothing was checked.");
  print(`  exit ${result.exit}${VERDICTS[result.exit] ?? ""}`);
}

/** How much of what there is to reach was reached, and what there is. */
function tourLines({ tour, transitions }: HuntReport): readonly string[] {
  if (tour === null) return [`    ${count(transitions)} abstract transitions reached`];
  const share = (reached: number) => `${count(reached)} (${percent(reached, tour.transitions)})`;
  const injected =
    tour.injected > 0
      ? ` · states as rows ${share(tour.injected)}, ${count(tour.injections)} of them`
      : "";
  return [
    `    of ${count(tour.transitions)} abstract transitions of ${tour.worlds} small worlds, reached by`,
    `    the tour ${share(tour.toured)}, ${count(tour.paths)} paths${injected} · ${tour.seconds.toFixed(0)} s`,
    ...(transitions === 0
      ? []
      : [
          `    walks ${share(tour.walked)}, and ${count(transitions - tour.walked)} beyond these worlds`,
        ]),
  ];
}

/** Never rounded up to the whole. */
const percent = (part: number, whole: number): string =>
  `${whole === 0 ? 0 : Math.floor((100 * part) / whole)} %`;

const VERDICTS: Readonly<Record<number, string>> = {
  [EXIT.divergence]: ": divergence",
  [EXIT.inconclusive]: ": inconclusive",
};

/** River's own rules first, of these the ones that break an invariant too, then by harm, then the shortest story. */
function sortByStory(findings: readonly Finding[]): readonly Finding[] {
  const harms = ["lost", "stuck", "twice", "untrue", "housekeeping"];
  const weigh = ({ rule, shrunk }: Finding) =>
    (RULES[rule].level === "river" ? 0 : 100_000) +
    (shrunk?.divergence.violations.length === 0 ? 10_000 : 0) +
    harms.indexOf(RULES[rule].harm) * 1000 +
    (shrunk?.ops.length ?? 999);
  return [...findings].sort((a, b) => weigh(a) - weigh(b));
}

function moreLines(
  { broken }: Judgement,
  main: Finding,
  records: ReadonlyMap<Finding, string>,
): string[] {
  const others = sortByStory(broken).filter((finding) => finding !== main);
  if (others.length === 0) return [];
  const shown = others.slice(0, 8).map((finding) => {
    const steps = stepsOf(finding.shrunk?.ops.length ?? 0);
    return `    ${finding.rule.padEnd(7)} ${steps.padEnd(9)} ${finding.signature.split(" | ").slice(1, 4).join(", ").slice(0, 44).padEnd(45)} ${records.get(finding) ?? ""}`;
  });
  const rules = [...new Set(others.map((finding) => finding.rule))].filter(
    (rule) => rule !== main.rule,
  );
  return [
    `  ${others.length} more differences${rules.length > 0 ? `, of ${rules.length} more rules: ${rules.join(", ")}` : ""}`,
    ...shown,
    ...(others.length > 8 ? [`    … and ${others.length - 8} more in .weir/`] : []),
    "",
  ];
}

async function story(
  { edition }: Opened,
  finding: Finding,
  report: HuntReport,
  path: string,
  look: Look,
): Promise<readonly string[]> {
  const { shrunk } = finding;
  if (shrunk === null) return [];
  const law = lawOf(edition);
  const where =
    finding.sequence === 0
      ? "on the tour"
      : `in sequence ${finding.sequence} of ${count(report.sequences)}`;
  const found = `${where}, after ${finding.seconds.toFixed(1)} s; ${finding.length} steps shrunk to ${shrunk.ops.length}.`;
  const notes: (readonly [string, string])[] = [
    ...(await likeness(shrunk)),
    ["Found", found],
    ["Replay", `${WEIR} replay ${path}`],
  ];
  return printFinding({ ops: shrunk.ops, divergence: shrunk.divergence, law, notes }, look);
}

const stepsOf = (steps: number): string => (steps === 1 ? "1 step" : `${steps} steps`);

/** The seeded bugs that leave the same rows after the same steps. */
async function likeness({ ops, divergence }: Shrunk): Promise<(readonly [string, string])[]> {
  const ground = await pgliteGround();
  try {
    const [first] = await behavesLike(ground, BUGS, ops, lawOf(NEWEST), divergence);
    return first === undefined ? [] : [["Behaves", `like bug ${first.name}: ${first.origin}.`]];
  } finally {
    await ground.close();
  }
}
