import { editionNamed } from "../../spec/model/edition.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Candidate, Replayed } from "../report/crossing.ts";
import type { ReportedFinding } from "../report/run-report.ts";
import type { Finding } from "../run/hunt.ts";
import type { Divergence } from "../run/sequence.ts";
import { ruleChange, traceVerdict } from "../run/trace-verdict.ts";
import { adapterFailure } from "./adapter-failure.ts";
import type { CheckTask, Ended, ReplayTask, Said, Task } from "./adapter-processes.ts";
import { designsOf } from "./judge.ts";
import { type Opened, openAdapter } from "./open.ts";
import { checkAdapter } from "./run-check.ts";
import { stepFindings } from "./step-findings.ts";
import { recordsOf } from "./trace.ts";

let isStopped = false;

// Ctrl-C reaches every process of a terminal; this one ends when it has told what it found.
process.on("SIGINT", () => {
  isStopped = true;
});
// Whoever asked is gone; ending sweeps.
const end = () => process.exit(1);
process.on("disconnect", end);
process.on("message", (message: Task | "stop") => {
  if (message === "stop") isStopped = true;
  else void work(message);
});

const say = (said: Said): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(said, undefined, undefined, () => resolve());
  });

const progress = (text: string) => void say({ kind: "progress", text });

async function work(task: Task): Promise<void> {
  await say(await endOf(task));
  process.off("disconnect", end);
  process.exit(0);
}

async function endOf(task: Task): Promise<Ended> {
  try {
    const opened = await openAdapter(task.name, task.database, progress);
    try {
      if (isStopped) return { kind: "stopped" };
      return task.kind === "check" ? await checked(opened, task) : await replayed(opened, task);
    } finally {
      await opened.adapter.close();
    }
  } catch (error) {
    const message = adapterFailure(error);
    if (message !== null) return { kind: "failed", message };
    return { kind: "bug", message: (error as Error).stack ?? String(error) };
  }
}

async function checked(opened: Opened, { options }: CheckTask): Promise<Ended> {
  const report = await checkAdapter(opened, {
    ...options,
    at: new Date(),
    records: recordsOf(opened.name),
    isStopped: () => isStopped,
    onProgress: (now) => progress(typeof now === "string" ? now : `${now.sequences}`),
  });
  return { kind: "report", report };
}

async function replayed(opened: Opened, task: ReplayTask): Promise<Ended> {
  const results: Shown[] = [];
  for (const candidate of task.candidates) {
    if (isStopped) break;
    progress(`replays ${results.length + 1} of ${task.candidates.length}`);
    results.push(await replay(opened, candidate));
  }
  const findings = await findingsOf(results, opened, task);
  const replayed = results.map(
    ({ found, ...rest }): Replayed => ({
      ...rest,
      finding: (found && findings.get(found)) ?? null,
      breaks: found?.first.violations.map(({ rule }) => rule) ?? [],
    }),
  );
  return { kind: "replayed", replayed };
}

/** `found`: what it shows as a finding of a run; null unless it does. */
type Shown = Omit<Replayed, "finding" | "breaks"> & Readonly<{ found: Finding | null }>;

async function replay({ adapter, edition }: Opened, candidate: Candidate): Promise<Shown> {
  const shown = await traceVerdict(adapter, candidate, edition);
  const { verdict } = shown;
  const plain = { candidate, verdict, why: null, switches: [], found: null };
  if (verdict === "cannot") return { ...plain, why: shown.why };
  if (verdict === "another") {
    return { ...plain, why: shown.divergence.differences[0]?.rule ?? null };
  }
  if (verdict === "kept") {
    const other = editionNamed(candidate.edition) ?? edition;
    const asked = { own: edition, other, verdict: "shows" };
    return { ...plain, switches: (await ruleChange(adapter, candidate, asked)) ?? [] };
  }
  return { ...plain, found: findingOf(candidate, shown.divergence) };
}

function findingOf({ rule, steps }: Candidate, divergence: Divergence): Finding {
  const ops = steps.slice(0, divergence.at + 1);
  return {
    signature: divergence.signature,
    rule: divergence.differences[0]?.rule ?? (rule as RuleId),
    shrunk: { ops, divergence, tries: 0 },
    first: divergence,
    after: null,
    length: ops.length,
    sequence: 0,
    seconds: 0,
  };
}

/** What a report says of them, each with its record; one comparison with the seeded bugs for all. */
async function findingsOf(
  results: readonly Shown[],
  { adapter }: Opened,
  { header }: ReplayTask,
): Promise<ReadonlyMap<Finding, ReportedFinding>> {
  const designs = designsOf(adapter.about);
  const from = new Map(
    results.flatMap(({ found, candidate }) =>
      found === null ? [] : [[found, candidate.from] as const],
    ),
  );
  const all = [...from.keys()];
  const sorted = {
    broken: all.filter(({ rule }) => !designs.has(rule)),
    byDesign: all.filter(({ rule }) => designs.has(rule)),
    unclear: [],
  };
  const records = recordsOf(header.name);
  const told = await stepFindings(sorted, { header, sequences: 0, records, from });
  return new Map([...told].map(([reported, finding]) => [finding, reported]));
}
