import { readdir } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compareVersions } from "../adapters/river-go.ts";
import { type Expectations, readExpectations, writeExpectations } from "../gate/file.ts";
import { type Gated, gate, type Replayed, updated } from "../gate/gate.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { printStory } from "../notation/print.ts";
import { AdapterError } from "../protocol/failure.ts";
import type { ReportedFinding, ReportFooter, RunReport } from "../report/run-report.ts";
import { runSequence } from "../run/sequence.ts";
import { EXIT, type ExitCode, UsageError, worstOf } from "./exit.ts";
import type { Opened } from "./open.ts";
import type { Examined } from "./run-check.ts";

/** The options of `weir check` that are about known divergences. */
export type ExpectOptions = Readonly<{
  expect?: string | true;
  update?: boolean;
  reason?: string;
}>;

/** A file of expectations as it is before the run; `was` null: it is yet to be written. */
export type GateFile = Readonly<{
  path: string;
  was: Expectations | null;
  /** The reason for what is added; null: the file is only read. */
  reason: string | null;
}>;

const SHIPPED = fileURLToPath(new URL("../expectations/", import.meta.url));

/** Where the expectations of an adapter are shipped; null for what is named by a command. */
export const shippedPath = (adapter: string): string | null =>
  /^[a-z]+(-[a-z]+)*@[0-9A-Za-z.-]+$/.test(adapter) ? `${SHIPPED}${adapter}.json` : null;

/** The file that `--expect` names, read; null without `--expect`. Throws a `UsageError` where it cannot be used. */
export async function openGate(options: ExpectOptions, adapter: string): Promise<GateFile | null> {
  const { expect, update = false, reason } = options;
  if (expect === undefined) {
    if (update || reason !== undefined) {
      throw new UsageError(`--${update ? "update" : "reason"} must come with --expect <file>.`);
    }
    return null;
  }
  if (update && (reason ?? "").trim() === "") {
    throw new UsageError('--update must come with --reason "…", which says why it is accepted.');
  }
  if (!update && reason !== undefined) {
    throw new UsageError("--reason must come with --update, which writes it.");
  }
  const path = expect === true ? shippedPath(adapter) : expect;
  const was = path === null ? null : await readExpectations(path);
  if (path === null || (was === null && !update)) throw await missing(path, expect, adapter);
  return { path: relative("", path) || path, was, reason: reason ?? null };
}

async function missing(
  path: string | null,
  expect: string | true,
  adapter: string,
): Promise<UsageError> {
  if (expect !== true) {
    return new UsageError(
      `no expectations are at ${path}. Write them with --expect ${path} --update --reason "…".`,
    );
  }
  const files = await readdir(SHIPPED).catch(() => []);
  const names = files.map((name) => name.replace(/\.json$/, "")).sort(compareVersions);
  return new UsageError(
    `no expectations are shipped for ${adapter}. Name a file, such as --expect weir.expect.json; shipped are ${names.join(", ")}.`,
  );
}

/** Throws a `UsageError` for a file of another adapter. */
export function requireSame({ path, was }: GateFile, { adapter }: Opened): void {
  const { adapter: name } = adapter.about;
  if (was === null || was.adapter === name) return;
  throw new UsageError(
    `${path} must be of adapter ${name}, but is of ${was.adapter}. Name its own file.`,
  );
}

const NOTHING: Omit<Expectations, "adapter" | "version" | "property"> = {
  format: 1,
  runs: 0,
  entries: [],
};

/** A run held against its file. */
export type GateResult = Readonly<{
  examined: Examined;
  gated: Gated;
  /** How many entries were written; null where the file was not. */
  written: number | null;
}>;

/** Holds a run against its file: runs the stories of entries that did not show, says what is new and what is gone, and writes the file where it shall. */
export async function holdAgainst(
  gateFile: GateFile,
  opened: Opened,
  examined: Examined,
  options: Readonly<{ today: string; isCut: boolean }>,
): Promise<GateResult> {
  const { adapter, version } = opened.adapter.about;
  const { header, footer } = examined.report;
  const file = gateFile.was ?? { ...NOTHING, adapter, version, property: header.property };
  const { replayed, failure } = await replayAbsent(file, opened, examined.report);
  const ended = failure === null ? footer : { ...footer, complete: false, failure };
  const report = { ...examined.report, footer: ended };
  const gated = gate(file, report, { ...options, replayed });
  const { reason } = gateFile;
  const isWritten = reason !== null && ended.complete;
  if (isWritten) {
    const isOpen = gated.entries.some(({ state }) => state === "unsought");
    const runs = isOpen ? Math.max(file.runs, ended.sequences) : ended.sequences;
    const entries = [...updated(gated, storyOf, () => reason)];
    await writeExpectations(gateFile.path, { ...file, version, runs, entries });
  }
  const exits = [...exitsBeside(examined.exits, failure), ...(isWritten ? [] : exitsOf(gated))];
  const told = toldOf(report, gateFile.path, gated);
  const shown = new Map(
    [...examined.shown].map(([from, finding]) => [told.accepted.get(from) ?? from, finding]),
  );
  return {
    gated,
    written: isWritten ? gated.fresh.length : null,
    examined: {
      ...examined,
      exits,
      shown,
      report: { ...told.report, footer: { ...told.report.footer, exit: worstOf(exits) } },
    },
  };
}

/** What holds whatever is accepted. */
const exitsBeside = (exits: readonly ExitCode[], failure: string | null): readonly ExitCode[] => [
  ...exits.filter((exit) => exit !== EXIT.divergence),
  ...(failure === null ? [] : [EXIT.adapter]),
];

function exitsOf({ fresh, entries }: Gated): readonly ExitCode[] {
  const has = (state: string) => entries.some((entry) => entry.state === state);
  return [
    ...(fresh.length > 0 || has("expired") ? [EXIT.divergence] : []),
    ...(has("stale") || has("unmatched") ? [EXIT.stale] : []),
    ...(has("unsought") ? [EXIT.inconclusive] : []),
  ];
}

/** Runs the stories of the entries that the run did not show, as far as the adapter holds out. */
async function replayAbsent(
  { entries }: Expectations,
  { adapter, edition }: Opened,
  { findings, footer }: RunReport,
): Promise<{ replayed: ReadonlyMap<string, Replayed>; failure: string | null }> {
  const replayed = new Map<string, Replayed>();
  const seen = new Set(findings.map(({ signature }) => signature));
  if (!footer.complete) return { replayed, failure: null };
  try {
    for (const { signature, story } of entries) {
      if (story === undefined || seen.has(signature)) continue;
      const ops = parseStory(story.join("\n")).steps.map(({ op }) => op);
      const { divergences } = await runSequence(adapter, ops, lawOf(edition));
      replayed.set(signature, { shows: divergences.some((each) => each.signature === signature) });
    }
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { replayed, failure: error.message };
  }
  return { replayed, failure: null };
}

const storyOf = ({ steps }: ReportedFinding): readonly string[] | null =>
  steps === null ? null : printStory(steps).trimEnd().split("\n");

/** The report with what is accepted marked, and the finding that each marked one was. */
function toldOf(report: RunReport, file: string, { fresh, entries }: Gated) {
  const reasons = new Map(
    entries
      .filter(({ state }) => state === "listed")
      .map(({ entry }) => [entry.signature, entry.reason]),
  );
  const accepted = new Map<ReportedFinding, ReportedFinding>();
  const findings = report.findings.map((finding) => {
    const reason = reasons.get(finding.signature);
    if (reason === undefined) return finding;
    const marked = { ...finding, accepted: reason };
    accepted.set(finding, marked);
    return marked;
  });
  const amiss = entries.flatMap(({ entry, state, why }) =>
    state === "listed" ? [] : [{ rule: entry.rule, signature: entry.signature, state, why }],
  );
  const listed = entries.length - amiss.length;
  const footer: ReportFooter = {
    ...report.footer,
    gate: { file, listed, unlisted: fresh.length, amiss },
  };
  return { report: { ...report, findings, footer }, accepted };
}
