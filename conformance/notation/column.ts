import { type AttemptError, JOB_STATES, type Job, type JobColumn } from "../../spec/model/state.ts";
import type { Scanner } from "./scanner.ts";
import { printMicros, printNumber } from "./time.ts";
import { parseNames, printJson, printName, printNames, printValueAsJson } from "./words.ts";

type Value = Job[JobColumn];
type Form = "number" | "time" | "name" | "names" | "json" | "state" | "errors" | "bits";

const FORMS: Readonly<Record<JobColumn, Form>> = {
  id: "number",
  state: "state",
  attempt: "number",
  maxAttempts: "number",
  attemptedAt: "time",
  createdAt: "time",
  finalizedAt: "time",
  scheduledAt: "time",
  priority: "number",
  args: "json",
  attemptedBy: "names",
  errors: "errors",
  kind: "name",
  metadata: "json",
  queue: "name",
  tags: "names",
  uniqueKey: "name",
  uniqueStates: "bits",
};

const NULL = "–";

/** A column's name in the database: `scheduled_at`. */
export function columnName(column: JobColumn): string {
  return column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The column of that name in the database, or null. */
export function columnNamed(name: string): JobColumn | null {
  const columns = Object.keys(FORMS) as JobColumn[];
  return columns.find((column) => columnName(column) === name) ?? null;
}

/** A column's value as a reader sees it: `–` for null, `30s`, `retryable`, the bits of a mask, JSON text; empty for an empty list. */
export function printValue<C extends JobColumn>(column: C, value: Job[C]): string {
  if (value === null) return NULL;
  if (typeof value === "number") return printAmount(FORMS[column], value);
  if (typeof value === "string") {
    return FORMS[column] === "json" ? printJson(value) : printName(value);
  }
  return FORMS[column] === "names"
    ? printNames(value as readonly string[]).trimStart()
    : printValueAsJson(value);
}

/** Reads what `printValue` prints; `-` is null as well. */
export function parseValue(scanner: Scanner, column: JobColumn): Value {
  if (scanner.take(NULL) || scanner.take("-")) return null;
  switch (FORMS[column]) {
    case "number":
      return scanner.number();
    case "time":
      return scanner.micros();
    case "name":
      return scanner.name();
    case "names":
      return parseNames(scanner);
    case "json":
      return scanner.json();
    case "state":
      return scanner.oneOf("a state", JOB_STATES);
    case "errors":
      return parseErrors(scanner);
    case "bits":
      return parseBits(scanner);
  }
}

function printAmount(form: Form, value: number): string {
  if (form === "time") return printMicros(value);
  return form === "bits" ? value.toString(2).padStart(8, "0") : printNumber(value);
}

function parseBits(scanner: Scanner): number {
  const bits = scanner.takeAs("a mask such as 11110101", (word) =>
    /^[01]{8}$/.test(word) ? Number.parseInt(word, 2) : null,
  );
  if (bits === null) throw scanner.unexpected();
  return bits;
}

function parseErrors(scanner: Scanner): readonly AttemptError[] {
  const column = scanner.column;
  try {
    const errors: unknown = JSON.parse(scanner.json());
    if (Array.isArray(errors)) return errors;
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
  }
  throw scanner.error("errors must be a JSON array", column);
}
