import type { About } from "../adapter.ts";
import type { LiveRun } from "../live/check.ts";
import type { Look } from "../report/finding.ts";
import { clip, SCREEN_WIDTH, wrap } from "../report/screen.ts";
import { headerLines, listed, tellEnd } from "./check-screen.ts";
import { EXIT } from "./exit.ts";
import type { LiveExamined } from "./run-live.ts";
import { count, print } from "./terminal.ts";

/** The first line: what is checked, against what, on what. */
export function tellLiveHeader(about: About, seed: number): void {
  print(...headerLines(about, about.edition, `seed ${seed}`));
}

const UNCLEAR = 4;

/** The screen of `--property live`: the worst difference as its job's story, the other rules, what was done, the verdict. */
export function tellLive(examined: LiveExamined, look: Look, quiet: boolean): void {
  const { report, runs, unclear } = examined;
  const { footer } = report;
  if (!quiet) {
    const story = examined.tellMain(look);
    if (story.length > 0) print(...story, "");
    const broken = report.rules.filter(({ verdict, why }) => verdict === "broken" && why === null);
    const more = broken.map(({ rule }) => rule).filter((rule) => rule !== report.findings[0]?.rule);
    const rules = more.length === 1 ? "rule" : "rules";
    if (more.length > 0) print(...listed(`  ${more.length} more ${rules} broken: `, more, 2), "");
  }
  const broken = report.rules.filter(({ verdict }) => verdict === "broken").length;
  const mark = footer.exit === EXIT.pass ? "✓" : footer.exit === EXIT.divergence ? "✗" : "?";
  const sign = look.ascii ? { "✓": "ok", "✗": "x", "?": "?" }[mark] : mark;
  const scenarios = footer.sequences === 1 ? "1 scenario" : `${count(footer.sequences)} scenarios`;
  const found =
    broken > 0
      ? `${broken} ${broken === 1 ? "rule" : "rules"} broken`
      : footer.failure === null
        ? "no difference"
        : "no verdict";
  const kept = report.rules.filter(({ verdict }) => verdict === "kept").length;
  print(
    `  ${sign} ${scenarios}, ${count(footer.operations)} changes of jobs: ${found} · ${footer.seconds.toFixed(0)} s`,
    ...wrap(weatherOf(runs), SCREEN_WIDTH - 4).map((line) => `    ${line}`),
    `    ${kept} rules had something to say and were kept`,
  );
  if (footer.exit === EXIT.inconclusive) tellUnclear(unclear);
  tellEnd(report);
}

function tellUnclear(unclear: readonly string[]): void {
  for (const why of unclear.slice(0, UNCLEAR))
    print(clip(`    INCONCLUSIVE: ${why}.`, SCREEN_WIDTH));
  if (unclear.length > UNCLEAR) print(`    and ${unclear.length - UNCLEAR} more reasons`);
}

/** What was done, and what came of it. */
function weatherOf(runs: readonly LiveRun[]): string {
  const sum = (of: (run: LiveRun) => number) =>
    count(runs.reduce((total, run) => total + of(run), 0));
  const ended = (outcome: string) =>
    sum(({ verdict }) => verdict.attempts.filter(({ end }) => end?.outcome === outcome).length);
  const clients = (is: (story: LiveRun["conducted"]["clients"][number]) => boolean) =>
    sum(({ conducted }) => conducted.clients.filter(is).length);
  return [
    `${sum(({ conducted }) => conducted.inserted.size)} jobs (and ${sum(({ conducted }) => conducted.duplicates)} duplicates)`,
    `${sum(({ verdict }) => verdict.attempts.length)} attempts`,
    `${ended("rescue")} rescued, ${ended("cancel")} cancelled, ${ended("interrupt")} interrupted`,
    `${clients(() => true)} clients: ${clients(({ killedAt }) => killedAt !== null)} killed`,
    `${sum(({ conducted }) => conducted.cut)} connections cut`,
  ].join(" · ");
}
