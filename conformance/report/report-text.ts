import { eventJson, type ReportEvent, type RunReport } from "./run-report.ts";

/** A file that is no report, or one without its end. The message is one line. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

/** The report as NDJSON, an event a line. */
export const writeReport = ({ header, findings, rules, footer }: RunReport): string =>
  [header, ...findings, ...rules, footer].map((event) => `${JSON.stringify(event)}\n`).join("");

/** Reads what `writeReport` wrote. Throws a `ReportError` for anything else, and for a report that was cut off. */
export function readReport(text: string): RunReport {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const events = lines.map((line, i) => eventOf(line, i + 1));
  const [header, ...rest] = events;
  if (header?.event !== "header") {
    throw new ReportError(`a report must begin with its header, but ${begins(header)}.`);
  }
  const footer = rest.at(-1);
  if (footer?.event !== "footer") {
    throw new ReportError(
      `a report must end with its footer, but ends after ${lines.length} lines. The run was cut off: run it again.`,
    );
  }
  const body = rest.slice(0, -1);
  const stray = body.findIndex(({ event }) => event === "header" || event === "footer");
  if (stray >= 0) {
    throw new ReportError(
      `a report must have one header and one footer, but line ${stray + 2} has another ${body[stray]?.event}. Read one report at a time.`,
    );
  }
  return {
    header,
    findings: body.filter((each) => each.event === "finding"),
    rules: body.filter((each) => each.event === "rule"),
    footer,
  };
}

const begins = (event: ReportEvent | undefined): string =>
  event === undefined ? "is empty" : `begins with a ${event.event}`;

function eventOf(line: string, number: number): ReportEvent {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    throw new ReportError(`line ${number} of a report must be JSON, but is not.`);
  }
  const read = eventJson.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new ReportError(
    `line ${number} of a report must be one of its events, but is not${place}: ${issue?.message ?? ""}.`,
  );
}

/** Reads several reports, one after the other. Throws a `ReportError` as `readReport` does. */
export function readReports(text: string): readonly RunReport[] {
  const reports: string[] = [];
  for (const line of text.split("\n")) {
    if (/"event" *: *"header"/.test(line) || reports.length === 0) reports.push("");
    reports.push(`${reports.pop()}${line}\n`);
  }
  return reports.map(readReport);
}
