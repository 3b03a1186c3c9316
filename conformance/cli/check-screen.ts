import type { Law } from "../../spec/model/effect.ts";
import { RULES } from "../../spec/rules.generated.ts";
import type { About } from "../adapter.ts";
import { lawOf } from "../law.ts";
import type { Look } from "../report/finding.ts";
import type { ReportedFinding, ReportFooter, RunReport, Verdict } from "../report/run-report.ts";
import { clip, SCREEN_WIDTH, wrap } from "../report/screen.ts";
import type { Finding } from "../run/hunt.ts";
import { EXIT } from "./exit.ts";
import type { Opened } from "./open.ts";
import type { Examined } from "./run-check.ts";
import { printStory } from "./step-findings.ts";
import { count, print } from "./terminal.ts";

/** The first line: what is checked, against what, on what, which clock, which seed. */
export const tellHeader = ({ adapter, edition }: Opened, seed: string): void =>
  print(...headerLines(adapter.about, edition.name, seed));

/** That line, with blank ones around it. */
export function headerLines(about: About, edition: string, seed: string): readonly string[] {
  const { adapter: name, version, database, clock } = about;
  const text = `${name} ${version} · ${database} · edition ${edition} · time ${clock} · ${seed}`;
  return ["", ...wrap(text, SCREEN_WIDTH - 2).map((line) => `  ${line}`), ""];
}

/** The screen of `weir check`: the worst difference as a story, the other rules in a line, the counts, the verdict. */
export function tell(
  { edition }: Opened,
  { report, isTourCut, shown }: Examined,
  look: Look,
  quiet: boolean,
): void {
  if (!quiet) {
    const [main] = sortByStory(report.findings, shown);
    const law = lawOf(edition);
    print(...vectorLines(report), ...mainStory(main, { report, shown, law, look }));
    print(...moreLines(report, main ?? null));
  }
  tellCounts({ report, isTourCut }, look);
  tellEnd(report);
}

/** The whole story of one finding, and a blank line; empty for none, and for what has no steps. */
export function mainStory(
  main: ReportedFinding | undefined,
  { report, shown, law, look }: Pick<Examined, "report" | "shown"> & { law: Law; look: Look },
): readonly string[] {
  const finding = main === undefined ? undefined : shown.get(main);
  if (main === undefined || finding === undefined) return [];
  const { sequences } = report.footer;
  return [...printStory(main, finding, { law, sequences, look }), ""];
}

/** How many rules came to which verdict, what was done for it, and what makes it inconclusive. */
export function tellCounts(
  { report, isTourCut }: Pick<Examined, "report" | "isTourCut">,
  look: Look,
): void {
  const { footer } = report;
  print(...countLines(report, look));
  if (isTourCut && footer.exit === EXIT.inconclusive)
    print("    INCONCLUSIVE: the tour did not reach all that it should.");
  const silent = report.rules.filter(
    ({ verdict, why }) => verdict === "undecided" && why === "never fired",
  );
  if (silent.length > 0 && footer.exit === EXIT.inconclusive) {
    const rules = silent.map(({ rule }) => rule);
    print(...listed("    INCONCLUSIVE: never fired: ", rules, 3));
  }
  const unclear = report.findings.filter(({ kind }) => kind === "unclear");
  for (const { signature } of unclear.slice(0, UNCLEAR))
    print(clip(`    ? seen once, not again from an empty queue: ${signature}`, SCREEN_WIDTH));
  if (unclear.length > UNCLEAR)
    print(`    ? and ${count(unclear.length - UNCLEAR)} more that were seen only once`);
}

const UNCLEAR = 2;

/** What cut the run short, and the exit code with its word. */
export function tellEnd({ header, footer }: RunReport): void {
  if (footer.operations === 0 && header.property !== "vectors")
    print("weir: 0 operations ran, so nothing was checked.");
  if (footer.failure !== null) process.stderr.write(`weir: ${footer.failure.trimEnd()}\n`);
  else if (!footer.complete) print("  interrupted: only what was found so far");
  print(`  exit ${footer.exit}${VERDICTS[footer.exit] ?? ""}`);
}

const VERDICTS: Readonly<Record<number, string>> = {
  [EXIT.divergence]: ": divergence",
  [EXIT.inconclusive]: ": inconclusive",
  [EXIT.stale]: ": stale expectations",
  [EXIT.adapter]: ": the adapter failed, so this is no verdict",
};

/** `✗ 6 rules broken · 54 kept · …`: how many rules came to which verdict, and what was done for it. */
function countLines(report: RunReport, look: Look): readonly string[] {
  const { footer, header } = report;
  const of = (...verdicts: Verdict[]) =>
    count(report.rules.filter(({ verdict }) => verdicts.includes(verdict)).length);
  const mark = footer.exit === EXIT.pass ? "✓" : footer.exit === EXIT.divergence ? "✗" : "?";
  const sign = look.ascii ? { "✓": "ok", "✗": "x", "?": "?" }[mark] : mark;
  const broken = footer.gate?.unlisted === 0 ? "0" : of("broken");
  const nothing = footer.gate === undefined ? "no difference" : "no difference that is not listed";
  const none = footer.failure === null ? nothing : "no verdict";
  const word = broken === "0" ? none : `${broken} ${broken === "1" ? "rule" : "rules"} broken`;
  const what =
    header.property === "vectors"
      ? "golden values"
      : `${footer.sequences === 0 && footer.tour !== undefined ? "the tour" : `${count(footer.sequences)} sequences`}, ${count(footer.operations)} operations`;
  return [
    `  ${sign} ${what}: ${word} · ${footer.seconds.toFixed(0)} s`,
    `    ${of("kept")} rules kept · ${footer.gate === undefined ? "" : `${of("broken")} broken · `}${of("by design")} by design · ${of("not in that version", "skipped")} do not apply · ${of("undecided")} undecided`,
    ...(header.property === "vectors" || footer.exit === EXIT.divergence ? [] : tourLines(footer)),
  ];
}

/** How much of what there is to reach was reached, and what there is. */
function tourLines({ tour, transitions }: ReportFooter): readonly string[] {
  if (tour === undefined) return [`    ${count(transitions)} abstract transitions reached`];
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

const HARMS = ["lost", "stuck", "twice", "untrue", "housekeeping"];

/** River's own rules first, of these the ones that break an invariant too, then by harm, then the shortest story. */
export function sortByStory(
  findings: readonly ReportedFinding[],
  shown: ReadonlyMap<ReportedFinding, Finding>,
): readonly ReportedFinding[] {
  const weigh = (reported: ReportedFinding) => {
    const { rule, shrunk } = shown.get(reported) ?? { rule: "INV-1" as const, shrunk: null };
    return (
      (RULES[rule].level === "river" ? 0 : 100_000) +
      (shrunk?.divergence.violations.length === 0 ? 10_000 : 0) +
      HARMS.indexOf(RULES[rule].harm) * 1000 +
      (shrunk?.ops.length ?? 999)
    );
  };
  return findings
    .filter((each) => each.kind === "broken" && shown.has(each))
    .sort((a, b) => weigh(a) - weigh(b));
}

/** `5 more rules broken: INS-11, RSC-5 …`, and that some are broken in more than one way. */
function moreLines(report: RunReport, main: ReportedFinding | null): readonly string[] {
  if (main === null) return [];
  const broken = report.rules.filter(({ verdict }) => verdict === "broken");
  const rules = broken.map(({ rule }) => rule).filter((rule) => rule !== main.rule);
  const ways = report.findings.filter(({ kind }) => kind === "broken").length;
  if (rules.length === 0 && ways === 1) return [];
  const told = `${count(ways)} ways in all, a record each in .weir/`;
  if (rules.length === 0) return [`  ${told}`];
  const head = `  ${rules.length} more ${rules.length === 1 ? "rule" : "rules"} broken: `;
  return [...listed(head, rules, 2), `      ${told}`];
}

/** Words after a head, in at most so many lines; how many did not find room is said. */
export function listed(head: string, words: readonly string[], most: number): readonly string[] {
  const room = SCREEN_WIDTH - head.length;
  for (let shown = words.length; shown > 0; shown -= 1) {
    const more = words.length - shown;
    const text = `${words.slice(0, shown).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    const [first = "", ...rest] = wrap(text, room, SCREEN_WIDTH - 6);
    if (rest.length < most) return [head + first, ...rest.map((line) => `      ${line}`)];
  }
  return [head + words.length];
}

const FAMILY_STORIES = 1;

/** What became of each family of golden values, and the first that failed of it. */
function vectorLines({ footer, findings }: RunReport): readonly string[] {
  if (footer.vectors === undefined) return [];
  const lines = footer.vectors.flatMap(({ family, kept, failed, left }) => {
    const notAsked = Object.entries(left).map(
      ([reason, number]) => ` · ${count(number)} not asked: ${reason}`,
    );
    const own = findings.filter(({ signature }) => signature.includes(` | vectors | ${family} |`));
    const rest = own.slice(FAMILY_STORIES).map(({ rule }) => rule);
    return [
      `  ${family}: ${count(kept)} vectors of ${count(kept + failed)} kept${notAsked.join("")}`,
      ...own.slice(0, FAMILY_STORIES).flatMap(({ story }) => story),
      ...(rest.length > 0 ? [`    and of ${rest.join(" ")}`] : []),
    ];
  });
  return [...lines, ""];
}
