import { editionNamed, NEWEST } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { About } from "../adapter.ts";
import { ServerError } from "../database/server-error.ts";
import { LiveCheck, type LiveRun } from "../live/check.ts";
import type { LiveFinding } from "../live/evidence.ts";
import { scenarioOf } from "../live/scenario.ts";
import { printLiveFinding } from "../live/story.ts";
import { AdapterError } from "../protocol/failure.ts";
import type { Budgets } from "../protocol/transport.ts";
import type { Look } from "../report/finding.ts";
import type { ReportedFinding, ReportedRule, RunReport } from "../report/run-report.ts";
import { NO_PAINT } from "../report/screen.ts";
import { EXIT, type ExitCode, worstOf } from "./exit.ts";
import { designsOf } from "./judge.ts";
import { headerOf } from "./run-check.ts";
import { count } from "./terminal.ts";

/** How live clients are checked. */
export type LiveOptions = Readonly<{
  /** The adapter as the command line names it, and what starts it. */
  name: string;
  argv: readonly string[];
  serverUrl: string;
  /** What is said of the server beside its version. */
  place: string;
  budgets: Partial<Budgets>;
  seed: number;
  /** How many scenarios are run, one after the other, each of a seed of its own. */
  runs: number;
  /** How long one may take. */
  seconds: number;
  failFast: boolean;
  /** The command line that gives this report again. */
  command: string;
  at: Date;
  isStopped?: () => boolean;
  onProgress?: (line: string) => void;
  /** Told as soon as it is known what is checked. */
  onOpen?: (about: About) => void;
}>;

/** A report, and what its screen shows beside it. */
export type LiveExamined = Readonly<{
  report: RunReport;
  runs: readonly LiveRun[];
  /** Why it is undecided. */
  unclear: readonly string[];
  /** The worst finding, to be told as the screen looks. */
  tellMain: (look: Look) => readonly string[];
}>;

/** Lets an adapter's live clients loose and judges what they did. An adapter that fails makes the report incomplete. */
export async function examineLive(options: LiveOptions): Promise<LiveExamined> {
  const runs: LiveRun[] = [];
  const started = performance.now();
  let about: About | null = null;
  let failure: string | null = null;
  try {
    for (let i = 0; i < options.runs && options.isStopped?.() !== true; i++) {
      const known = await runOne(options, i, (opened) => {
        if (about === null) options.onOpen?.(opened);
        about = opened;
      });
      runs.push(known);
      if (options.failFast && known.verdict.findings.length > 0) break;
    }
  } catch (error) {
    if (!(error instanceof AdapterError || error instanceof ServerError) || about === null)
      throw error;
    failure = error.message;
  }
  if (about === null) throw new Error("An adapter must be opened, but none was.");
  return conclude(options, about, runs, { failure, seconds: (performance.now() - started) / 1000 });
}

async function runOne(
  options: LiveOptions,
  i: number,
  onOpen: (about: About) => void,
): Promise<LiveRun> {
  const { argv, serverUrl, budgets, seconds, isStopped = () => false } = options;
  const check = await LiveCheck.open(argv, serverUrl, budgets);
  try {
    const { about } = check;
    onOpen({ ...about, clock: "real", database: `${about.database}${options.place}` });
    const onProgress = options.onProgress ?? (() => {});
    return await check.run(scenarioOf(options.seed + i, check.can), {
      seconds,
      isStopped,
      onProgress,
    });
  } finally {
    await check.close();
  }
}

type Ended = Readonly<{ failure: string | null; seconds: number }>;

function conclude(
  options: LiveOptions,
  about: About,
  runs: readonly LiveRun[],
  { failure, seconds }: Ended,
): LiveExamined {
  const groups = groupsOf(runs, options.seed);
  const designs = designsOf(about);
  const isBroken = ({ finding }: Group) => !designs.has(finding.rule);
  const broken = groups.filter(isBroken);
  const unclear = runs.flatMap(reasonsOf);
  const complete = failure === null && options.isStopped?.() !== true;
  const exits: readonly ExitCode[] = [
    ...(broken.length > 0 ? [EXIT.divergence] : []),
    ...(unclear.length > 0 || runs.length === 0 ? [EXIT.inconclusive] : []),
    ...(failure !== null ? [EXIT.adapter] : complete ? [] : [EXIT.inconclusive]),
  ];
  const plain: Look = { ascii: false, paint: NO_PAINT };
  const edition = (editionNamed(about.edition) ?? NEWEST).name;
  const report: RunReport = {
    header: headerOf({ name: options.name, about, edition }, { ...options, property: "live" }),
    findings: groups.map((group) =>
      reportedOf(group, isBroken(group) ? "broken" : "by design", tellGroup(group, options, plain)),
    ),
    rules: (Object.keys(RULES) as RuleId[]).map((rule) => ruleOf(rule, runs, groups, designs)),
    footer: {
      event: "footer",
      sequences: runs.length,
      operations: runs.reduce((sum, { evidence }) => sum + evidence.changes.length, 0),
      seconds,
      transitions: 0,
      complete,
      failure,
      exit: worstOf(exits),
    },
  };
  const [main] = broken;
  const tellMain = (look: Look) => (main === undefined ? [] : tellGroup(main, options, look));
  return { report, runs, unclear, tellMain };
}

/** The findings that are alike, told by the first. */
type Group = Readonly<{
  finding: LiveFinding;
  signature: string;
  run: LiveRun;
  /** From 1, and its seed. */
  scenario: number;
  seed: number;
  jobs: number;
}>;

function groupsOf(runs: readonly LiveRun[], seed: number): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [i, run] of runs.entries()) {
    for (const finding of run.verdict.findings) {
      const { rule, kind, column } = finding;
      const signature = [rule, "live", kind, column].join(" | ");
      const known = groups.get(signature);
      if (known === undefined)
        groups.set(signature, {
          finding,
          signature,
          run,
          scenario: i + 1,
          seed: seed + i,
          jobs: 1,
        });
      else groups.set(signature, { ...known, jobs: known.jobs + 1 });
    }
  }
  return [...groups.values()];
}

/** What keeps a run from being a pass: what was not seen to its end, and what was never tried. */
function reasonsOf({ conducted, verdict }: LiveRun): readonly string[] {
  const { clients, cut } = conducted;
  const isTried = clients.some(({ killedAt }) => killedAt !== null);
  return [
    ...verdict.unclear,
    ...(verdict.attempts.length === 0 ? ["no job was ever fetched"] : []),
    ...(isTried ? [] : ["no client was killed before the time was over"]),
    ...(cut === 0 ? ["no connection was cut: clients must connect as DATABASE_URL says"] : []),
  ];
}

function tellGroup(
  { finding, run, scenario, seed, jobs }: Group,
  { runs, command }: LiveOptions,
  look: Look,
): readonly string[] {
  const { conducted, evidence, verdict } = run;
  const alike = jobs === 1 ? "" : `; ${count(jobs)} jobs show it`;
  const where = `in scenario ${scenario} of ${runs}, seed ${seed}, of ${conducted.seconds.toFixed(0)} s${alike}.`;
  const notes = [
    ["Found", where],
    ["Again", command],
  ] as const;
  return printLiveFinding(finding, evidence, verdict.attempts, notes, look);
}

function reportedOf(
  { finding, signature, scenario, run }: Group,
  kind: ReportedFinding["kind"],
  story: readonly string[],
): ReportedFinding {
  return {
    event: "finding",
    kind,
    rule: finding.rule,
    signature,
    sequence: scenario,
    seconds: run.conducted.seconds,
    length: run.evidence.changes.length,
    steps: null,
    story: [...story],
    expected: JSON.stringify(finding.must),
    got: JSON.stringify(finding.is),
    why: finding.because,
    behavesLike: null,
    record: null,
  };
}

function ruleOf(
  rule: RuleId,
  runs: readonly LiveRun[],
  groups: readonly Group[],
  designs: ReadonlyMap<string, string>,
): ReportedRule {
  const fired = runs.reduce((sum, { verdict }) => sum + (verdict.fired.get(rule) ?? 0), 0);
  const own = groups.some(({ finding }) => finding.rule === rule);
  const by = groups.find(({ finding }) => finding.breaks.includes(rule));
  const as = (verdict: ReportedRule["verdict"], why: string | null): ReportedRule => ({
    event: "rule",
    rule,
    verdict,
    fired,
    why,
  });
  if (own)
    return designs.has(rule) ? as("by design", designs.get(rule) ?? null) : as("broken", null);
  if (by !== undefined) return as("broken", `by what breaks ${by.finding.rule}`);
  return fired > 0 ? as("kept", null) : as("skipped", "property live");
}
