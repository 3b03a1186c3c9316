import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { junitXml } from "../report/junit.ts";
import { markdown } from "../report/markdown.ts";
import { reportPage } from "../report/report-page.ts";
import { writeReport } from "../report/report-text.ts";
import type { RunReport } from "../report/run-report.ts";
import { UsageError } from "./exit.ts";

/** Where reports go, as the command line names it: a path for each format that is wanted. */
export type ReportFiles = Readonly<{
  junit?: string;
  markdown?: string;
  html?: string;
  ndjson?: string;
}>;

/** With a window of 16 MB. */
const compress = (text: string): Uint8Array =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });

const FORMATS: Readonly<Record<keyof ReportFiles, (reports: readonly RunReport[]) => string>> = {
  junit: junitXml,
  markdown,
  html: (reports) => reportPage(reports, compress),
  ndjson: (reports) => reports.map(writeReport).join(""),
};

type Target = Readonly<{
  option: string;
  path: string;
  text: (reports: readonly RunReport[]) => string;
}>;

const targetsOf = (files: ReportFiles): readonly Target[] =>
  Object.entries(FORMATS).flatMap(([option, text]) => {
    const path = files[option as keyof ReportFiles];
    return path === undefined ? [] : [{ option, path, text }];
  });

/** Throws a `UsageError` where a report could not be written: asked before a run, so that none is lost. Missing folders are made. */
export async function checkReportFiles(files: ReportFiles): Promise<void> {
  const targets = targetsOf(files);
  const twice = targets.find(({ path }, i) => targets.findIndex((each) => each.path === path) < i);
  if (twice !== undefined) {
    throw new UsageError(
      `--${twice.option} must have a file of its own, but ${twice.path} is another report's too.`,
    );
  }
  for (const { option, path } of targets) {
    await tryPath(path).catch((error: Error) => {
      throw new UsageError(
        `--${option} must be a file that can be written, but ${path} cannot: ${error.message}.`,
      );
    });
  }
}

async function tryPath(path: string): Promise<void> {
  if (path === "") throw new Error("the path is empty");
  await mkdir(dirname(path), { recursive: true });
  if (!(await isReplaceable(path))) {
    await (await open(path, "a")).close();
    return;
  }
  const trial = besideOf(path);
  await (await open(trial, "wx")).close();
  await rm(trial);
}

/** A regular file, or none yet. What is neither, such as `/dev/stdout`, is written to as it is. */
async function isReplaceable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) throw new Error("it is a folder");
  return found === null || found.isFile();
}

const besideOf = (path: string): string => `${path}.${process.pid}.part`;

/** Writes each report file that is wanted, whole or not at all. The paths, in the order of `ReportFiles`. */
export async function writeReports(
  reports: readonly RunReport[],
  files: ReportFiles,
): Promise<readonly string[]> {
  const targets = targetsOf(files);
  for (const { path, text } of targets) {
    await writeWhole(path, text(reports)).catch((error: Error) => {
      throw new UsageError(`the report ${path} cannot be written: ${error.message}.`);
    });
  }
  return targets.map(({ path }) => path);
}

async function writeWhole(path: string, content: string): Promise<void> {
  if (!(await isReplaceable(path))) return writeFile(path, content);
  const part = besideOf(path);
  try {
    await writeFile(part, content);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
