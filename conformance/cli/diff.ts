import { editionNamed, NEWEST } from "../../spec/model/edition.ts";
import { type Diff, diffOf } from "../report/diff.ts";
import { printDiff } from "../report/diff-text.ts";
import { writeReport } from "../report/report-text.ts";
import type { RunReport } from "../report/run-report.ts";
import { countOf } from "../report/summary.ts";
import { switchesBetween } from "../run/trace-verdict.ts";
import { readAdapters } from "./adapter-list.ts";
import { type CheckManyOptions, checkMany } from "./check-many.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { readSaved } from "./matrix.ts";
import { ruleChanges } from "./rule-changes.ts";
import { count, lookOf, print, WEIR } from "./terminal.ts";

/** The options of `weir diff`, as the command line gives them. */
export type DiffOptions = CheckManyOptions &
  Readonly<{ from?: readonly string[]; json?: boolean; all?: boolean }>;

/** Runs `weir diff`: what changes from one implementation to another, each judged by the rules of its own time. */
export async function diff(first: string, second: string, options: DiffOptions): Promise<ExitCode> {
  const names = await namesOf(first, second);
  const saved = (await readSaved(options.from ?? [])).filter(({ header }) =>
    names.includes(header.name),
  );
  const missing = names.filter((name) => !saved.some(({ header }) => header.name === name));
  const { reports, crossing } = await checkMany(missing, saved, options);
  const [a, b] = names.map((name) => reports.find(({ header }) => header.name === name));
  if (a === undefined || b === undefined) {
    print("  interrupted before both were checked", `  exit ${EXIT.inconclusive}`);
    return EXIT.inconclusive;
  }
  const found = diffOf(a, b, crossing);
  const exit = exitOf(found, [a, b]);
  if (options.json === true) {
    process.stdout.write([a, b].map(writeReport).join(""));
    print(
      JSON.stringify({ event: "diff", from: a.header.name, to: b.header.name, ...found, exit }),
    );
  } else tell(a, b, found, exit, options);
  return exit;
}

/** A bare version is one of the first's adapter. */
async function namesOf(first: string, second: string): Promise<readonly [string, string]> {
  const quoted = [first, second].map((name) => (name.includes(",") ? `"${name}"` : name));
  const names = await readAdapters(quoted.join(","));
  const [a, b] = names;
  if (a !== undefined && b !== undefined && names.length === 2) return [a, b];
  throw new UsageError(
    `diff needs two versions, such as river-go@0.27.0 0.47.0, but has ${names.length}.`,
  );
}

function exitOf({ broken, worse, undecided }: Diff, reports: readonly RunReport[]): ExitCode {
  if (reports.some(({ footer }) => footer.failure !== null)) return EXIT.adapter;
  if (broken.length + worse.length > 0) return EXIT.divergence;
  const isCut = reports.some(({ footer }) => !footer.complete);
  return undecided.length > 0 || isCut ? EXIT.inconclusive : EXIT.pass;
}

const editionOf = ({ header }: RunReport) => editionNamed(header.edition) ?? NEWEST;

function tell(a: RunReport, b: RunReport, found: Diff, exit: ExitCode, options: DiffOptions): void {
  if (options.quiet !== true) {
    const changes = ruleChanges(switchesBetween(editionOf(a), editionOf(b)));
    const look = { ...lookOf(options), all: options.all ?? false };
    print("", `  ${headline(a, b)}`, "", ...printDiff(found, changes, look), "");
    const version = changes.at(-1)?.since;
    if (version !== undefined) print(`  ${WEIR} explain ${version}`);
  }
  for (const { header, footer } of [a, b]) {
    if (footer.failure !== null) print(`  ! ${header.name}: ${footer.failure.split("\n")[0]}`);
  }
  print(`  exit ${exit}: ${verdictOf(found, exit)}`);
}

function headline(a: RunReport, b: RunReport): string {
  const isOne = a.header.adapter === b.header.adapter;
  const name = ({ header }: RunReport) => `${header.adapter} ${header.version}`;
  const to = isOne ? b.header.version : name(b);
  return `${name(a)} → ${to} · ${count(a.rules.length)} rules, each by those of its own time · seed ${a.header.seed}`;
}

function verdictOf({ broken, worse, undecided }: Diff, exit: ExitCode): string {
  if (exit === EXIT.adapter) return "one could not be checked, so this is no verdict";
  const parts = [
    ...(broken.length > 0 ? [`${countOf(broken.length, "rule")} newly broken`] : []),
    ...(worse.length > 0 ? [`${countOf(worse.length, "rule")} broken in a new way`] : []),
  ];
  if (parts.length > 0) return parts.join(", ");
  const open = undecided.length > 0 ? `, but ${undecided.length} undecided` : "";
  return `nothing newly broken${exit === EXIT.inconclusive ? open : ""}`;
}
