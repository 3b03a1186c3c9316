import { readFile } from "node:fs/promises";
import { brotliDecompressSync } from "node:zlib";
import { ndjsonIn } from "../report/report-foot.ts";
import { ReportError, readReports, writeReport } from "../report/report-text.ts";
import { matrixOf } from "../report/rule-matrix.ts";
import type { RunReport } from "../report/run-report.ts";
import { readAdapters } from "./adapter-list.ts";
import { type CheckManyOptions, checkMany } from "./check-many.ts";
import { EXIT, type ExitCode, UsageError, worstOf } from "./exit.ts";
import { tellMatrix } from "./matrix-screen.ts";
import { checkReportFiles, type ReportFiles, writeReports } from "./report-files.ts";
import { lookOf } from "./terminal.ts";

/** The options of `weir matrix`, as the command line gives them. */
export type MatrixOptions = CheckManyOptions &
  ReportFiles &
  Readonly<{ adapters?: string; from?: readonly string[]; json?: boolean; all?: boolean }>;

/** Runs `weir matrix`: implementations × rules, from checks that are run now, from saved reports, or both. */
export async function matrix(options: MatrixOptions): Promise<ExitCode> {
  const { adapters, from = [], json, quiet } = options;
  if (adapters === undefined && from.length === 0) {
    throw new UsageError("matrix needs --adapters, such as river-go@0.12.0,0.12.1, or --from.");
  }
  await checkReportFiles(options);
  const saved = await readSaved(from);
  const names = adapters === undefined ? [] : await readAdapters(adapters);
  const { reports, left } =
    names.length === 0 ? { reports: saved, left: [] } : await checkMany(names, saved, options);
  const files = await writeReports(reports, options);
  const exit = exitOf(reports, left);
  if (json === true) process.stdout.write(reports.map(writeReport).join(""));
  else {
    const look = { ...lookOf(options), all: options.all ?? false };
    tellMatrix(matrixOf(reports), { left, files, exit }, look, quiet ?? false);
  }
  return exit;
}

/** What was not run leaves open what it would have shown. */
const exitOf = (reports: readonly RunReport[], left: readonly string[]): ExitCode =>
  worstOf([
    ...reports.map(({ footer }) => footer.exit as ExitCode),
    ...(left.length > 0 || reports.length === 0 ? [EXIT.inconclusive] : []),
  ]);

/** The reports in files that `--ndjson`, `--json` or `--html` wrote. Throws a `UsageError` for any that are none. */
export async function readSaved(paths: readonly string[]): Promise<readonly RunReport[]> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, "utf8").catch(() => null);
      if (text === null) throw new UsageError(`no report is at ${path}.`);
      try {
        return readReports(/^<!doctype html>/i.test(text) ? unpacked(text) : text);
      } catch (error) {
        if (error instanceof ReportError) throw new UsageError(`${path}: ${error.message}`);
        throw error;
      }
    }),
  );
  return files.flat();
}

/** What a page carries. */
function unpacked(page: string): string {
  try {
    const text = ndjsonIn(page, (bytes) => brotliDecompressSync(bytes).toString("utf8"));
    if (text !== null) return text;
  } catch {
    throw new ReportError("the reports that the page carries are damaged.");
  }
  throw new ReportError("a page must carry its reports, but has none.");
}
