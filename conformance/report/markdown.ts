import { HARMS, harmOf, plainSentenceOf } from "./harm.ts";
import type { ReportedFinding, RunReport } from "./run-report.ts";
import {
  amissIn,
  brokenRules,
  type Case,
  countOf,
  countsOf,
  findingsOf,
  hollowOf,
  hollowTexts,
  isAccepted,
  nameOf,
  rulesWith,
  verdictOf,
  whyUnfinished,
} from "./summary.ts";

/** Any text, safe in a line or a cell of Markdown: what could be markup is a character reference. */
const md = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[&<>"'`*_[\]|\\#~!$^=@]|:(?=\/\/)/g, (sign) => `&#${sign.codePointAt(0)};`)
    .replaceAll(/(?!\t)[\p{Cc}\p{Surrogate}]/gu, "\u{fffd}");

/** Any text, safe inside HTML that stands in Markdown. An empty line would end the HTML, so it gets a blank. */
const pre = (lines: readonly string[]): string =>
  lines
    .map((line) => line.replaceAll(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`) || " ")
    .join("\n")
    .replaceAll(/(?![\t\n])[\p{Cc}\p{Surrogate}]/gu, "\u{fffd}");

/** So many stories are told; a summary of GitHub holds a megabyte. */
const STORIES = 30;

/** A summary for the page of a CI run: the verdict, what could make it hollow, what is broken, the stories, the command. */
export function markdown(reports: readonly RunReport[]): string {
  const { mark, text } = verdictOf(reports);
  return [
    `## ${mark} ${md(text)}`,
    ...hollowLines(reports),
    ...(reports.length > 1 ? [overview(reports)] : reports.map((each) => md(factsOf(each)))),
    ...amissLines(reports),
    ...brokenTable(reports),
    ...storyBlocks(reports),
    ["```sh", ...new Set(reports.map(({ header }) => oneLine(header.command))), "```"].join("\n"),
    "A pass is not a proof: Weir samples sequences of single operations, one session at a time.",
  ]
    .map((block) => `${block}\n`)
    .join("\n");
}

/** A command cannot end its fence. */
const oneLine = (command: string): string =>
  command
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Surrogate}]/gu, "\u{fffd}")
    .replace(/^`+/, "");

const factsOf = (report: RunReport): string => {
  const { database, edition, clock, seed } = report.header;
  const { sequences, operations, seconds } = report.footer;
  return `${countsOf(report)} · ${countOf(sequences, "sequence")}, ${countOf(operations, "operation")}, ${seconds.toFixed(0)} s · ${database} · edition ${edition} · time ${clock} · seed ${seed}`;
};

function hollowLines(reports: readonly RunReport[]): readonly string[] {
  const texts = hollowTexts(reports);
  if (texts.length === 0) return [];
  const { undecided, skipped, neverFired, unfinished } = hollowOf(reports);
  const many = reports.length > 1;
  return [
    `> **Mind what was not checked: ${md(texts.join(", "))}.**`,
    [
      ...unfinished.map(
        (report) => `- not finished: ${md(nameOf(report))}: ${md(whyUnfinished(report))}`,
      ),
      ...listLine("undecided", undecided, many),
      ...listLine("never fired", neverFired, many),
      ...listLine("skipped", skipped, many),
    ].join("\n"),
  ].filter((each) => each !== "");
}

/** What must be done about files of expectations. */
function amissLines(reports: readonly RunReport[]): readonly string[] {
  const lines = amissIn(reports).map(
    ({ file, rule, signature, state, why }) =>
      `- **${md(state)}** ${md(`${rule} in ${file}: ${why} (${signature})`)}`,
  );
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** Cases by reason, since many rules are skipped for the same one. */
function listLine(what: string, cases: readonly Case[], many: boolean): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { report, rule } of cases) {
    const who = many ? `${nameOf(report)}: ` : "";
    const reason = `${who}${what === "never fired" ? "" : (rule.why ?? "")}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), rule.rule]);
  }
  return [...reasons].map(
    ([reason, rules]) =>
      `- ${what}: ${md([reason.replace(/: $/, ""), rules.join(", ")].filter((each) => each !== "").join(": "))}`,
  );
}

const overview = (reports: readonly RunReport[]): string =>
  [
    "| implementation | result | seed | exit |",
    "|---|---|---|---|",
    ...reports.map(
      (report) =>
        `| ${md(report.header.name)} | ${md(countsOf(report))} | ${report.header.seed} | ${report.footer.exit} |`,
    ),
  ].join("\n");

function brokenTable(reports: readonly RunReport[]): readonly string[] {
  const rules = brokenRules(reports);
  if (rules.length === 0) return [];
  const where = reports.length > 1 ? [" where |", "---|"] : ["", ""];
  return [
    [
      `| rule | what it says | steps | harm |${where[0]}`,
      `|---|---|---|---|${where[1]}`,
      ...rules.map((rule) => brokenRow(rule, reports)),
    ].join("\n"),
  ];
}

function brokenRow(rule: string, reports: readonly RunReport[]): string {
  const guilty = reports.filter((report) =>
    rulesWith(report, "broken").some((each) => each.rule === rule),
  );
  const lengths = guilty.flatMap((report) =>
    findingsOf(report, rule, "broken").flatMap(({ steps }) =>
      steps === null ? [] : [steps.length],
    ),
  );
  const steps = lengths.length === 0 ? "–" : String(Math.min(...lengths));
  const isListed = guilty.every((report) => isAccepted(report, rule));
  const cells = [
    `**${md(rule)}**${isListed ? " (expected)" : ""}`,
    md(plainSentenceOf(rule)),
    steps,
    md(HARMS[harmOf(rule)]),
  ];
  const where = reports.length > 1 ? [md(guilty.map(nameOf).join(", "))] : [];
  return `| ${[...cells, ...where].join(" | ")} |`;
}

function storyBlocks(reports: readonly RunReport[]): readonly string[] {
  const told = brokenRules(reports).flatMap((rule) => storiesOf(rule, reports));
  const more = told.length - STORIES;
  return [
    ...told.slice(0, STORIES),
    ...(more > 0 ? [`… and ${countOf(more, "more story", "more stories")} in the page.`] : []),
  ];
}

/** One block for each story of a rule; where several implementations show the same, it is told once. */
function storiesOf(rule: string, reports: readonly RunReport[]): readonly string[] {
  const stories = new Map<string, { finding: ReportedFinding; names: string[] }>();
  for (const report of reports) {
    for (const finding of findingsOf(report, rule, "broken")) {
      const known = stories.get(storyKey(finding));
      if (known === undefined) stories.set(storyKey(finding), { finding, names: [nameOf(report)] });
      else if (!known.names.includes(nameOf(report))) known.names.push(nameOf(report));
    }
  }
  return [...stories.values()].map(({ finding, names }) => {
    const steps = finding.steps === null ? "" : `, ${countOf(finding.steps.length, "step")}`;
    const mark = finding.accepted === undefined ? "✗" : "△";
    return `<details><summary>${mark} <b>${md(rule)}</b>${steps}: ${md(names.join(", "))}</summary>\n\n<pre>\n${pre(finding.story)}\n</pre>\n\n</details>`;
  });
}

/** What makes two stories the same: what was done, and what came of it. */
export const storyKey = ({ rule, steps, story, expected, got }: ReportedFinding): string =>
  JSON.stringify([rule, steps ?? story, expected, got]);
