import type { Law } from "../../spec/model/effect.ts";
import type { Bug } from "../bugs/bug.ts";
import type { Verdict } from "../bugs/kill.ts";
import type { BugStory } from "../bugs/story.ts";
import { WEIR } from "../command.ts";
import { bugDetails, verdictMark } from "./bug-details.ts";
import { matricesHtml } from "./bug-matrix.ts";
import { type BugSummary, blameOf, reasonsOf, summarize, type Toll } from "./bug-summary.ts";
import { escapeHtml, htmlPage } from "./html.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** What was hunted, with which command, and where; texts as a reader is to see them. */
export type BugsReport = Readonly<{
  verdicts: readonly Verdict[];
  /** The stories of those that were killed. */
  stories: ReadonlyMap<Bug, BugStory>;
  catalogue: readonly Bug[];
  law: Law;
  /** All the time that was taken, shrinking included. */
  seconds: number;
  seed: number;
  command: string;
  version: string;
  ground: string;
  machine: string;
}>;

/** The page of `weir bugs --html`: what is wrong, then rules × bugs, then every bug. One file that loads nothing and runs nothing. */
export function bugsPage(report: BugsReport): string {
  const summary = summarize(report.verdicts, report.seconds, report.catalogue);
  const body = [
    "<main>",
    headHtml(report, summary),
    wrongHtml(report, summary),
    figuresHtml(report, summary),
    matricesHtml(report.verdicts, report.catalogue),
    "<h2>The bugs</h2>",
    `<p>Each opens to what it is, where it happened, its edit and its story; <code>${WEIR} bugs</code> and its name hunts it again.</p>`,
    ...report.verdicts
      .filter(({ verdict }) => verdict === "killed")
      .map((each) => bugDetails(each, report.stories.get(each.bug), report.law)),
    "</main>",
    footHtml(report),
  ];
  return htmlPage("Weir: seeded bugs", PAGE_STYLE, body.join("\n"));
}

function headHtml(report: BugsReport, { killed, wrong }: BugSummary): string {
  const total = report.verdicts.length;
  const isWhole = wrong.length === 0 && total === report.catalogue.length && total > 0;
  const verdict = isWhole
    ? `✓ All ${total} bugs are killed, each by a rule that it lists.`
    : wrong.length > 0
      ? `✗ ${wrong.length} of ${total} bugs are not caught as they should be.`
      : `? ${killed.length} bugs are killed; ${report.catalogue.length - total} of the catalogue were not tried.`;
  return [
    "<h1>Can the suite see?</h1>",
    `<p class="sub">${report.catalogue.length} seeded bugs, each put into the reference queue alone · ${escapeHtml(report.ground)} · seed ${report.seed}</p>`,
    `<div class="verdict${isWhole ? "" : " no"}"><b>${verdict}</b>${killed.length} killed, ${wrong.length} not as they should be, ${report.catalogue.length - total} not tried.</div>`,
  ].join("\n");
}

function wrongHtml({ stories, law }: BugsReport, { wrong }: BugSummary): string {
  if (wrong.length === 0) return "";
  return [
    "<h2>Not caught as they should be</h2>",
    ...wrong.map((each) =>
      bugDetails(each, stories.get(each.bug), law, `${each.verdict}: ${blameOf(each)}`),
    ),
  ].join("\n");
}

function figuresHtml({ seconds, verdicts }: BugsReport, summary: BugSummary): string {
  const { median, worst, hardest, secondsPerBug } = summary;
  if (median === null || worst === null) return "";
  const row = (name: string, toll: Toll) =>
    `<tr><th scope="row">${name}</th><td class="n">${toll.sequence}</td><td class="n">${toll.seconds.toFixed(1)}</td><td class="n">${toll.steps}</td></tr>`;
  const named = hardest.map(({ bug: { name, origin }, sequence, seconds: taken, ops }) =>
    row(
      `<a href="#b-${escapeHtml(name)}">${escapeHtml(name)}</a><small>${escapeHtml(origin)}</small>`,
      { sequence, seconds: taken, steps: ops.length },
    ),
  );
  const heads = ["found in sequence", "after seconds", "steps"].map(
    (each) => `<th class="n" scope="col">${each}</th>`,
  );
  return [
    "<h2>What they took</h2>",
    `<p>${verdicts.length} bugs in ${seconds.toFixed(0)} s, ${secondsPerBug.toFixed(1)} s each with shrinking. The median, the worst of each, and the three that were hardest to find:</p>`,
    '<div class="wrap" tabindex="0" role="region" aria-label="What the bugs took"><table>',
    `<thead><tr><td></td>${heads.join("")}</tr></thead><tbody>`,
    row("median", median),
    row("worst", worst),
    ...named,
    "</tbody></table></div>",
    thinHtml(summary),
  ].join("\n");
}

function thinHtml({ thin, unbroken }: BugSummary): string {
  const list = (rules: readonly string[]) =>
    rules.length === 0 ? "none" : rules.map((id) => `<span class="id">${id}</span>`).join(", ");
  return `<p><span class="tag">△ thin</span> Broken by one bug only: ${list(thin)}. By none: ${escapeHtml(reasonsOf(unbroken))}.</p>`;
}

function footHtml(report: BugsReport): string {
  return [
    "<footer>",
    `<p><code>${escapeHtml(report.command)}</code> · seed ${report.seed} · weir ${escapeHtml(report.version)} · edition ${escapeHtml(report.law.edition.name)} · ${escapeHtml(report.ground)} · ${escapeHtml(report.machine)}</p>`,
    `<p>${verdictMark("killed")} A pass does not show that the suite sees every bug: it shows that it sees these. Each was put in alone, by one edit, and sequences were run one operation at a time: races, locks and crashes are not among them.</p>`,
    "</footer>",
  ].join("\n");
}
