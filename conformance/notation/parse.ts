import type { Op, OpName } from "../../spec/model/op.ts";
import type { Micros } from "../../spec/model/state.ts";
import { type Expectation, parseExpectation } from "./expectation.ts";
import { opJson } from "./op-json.ts";
import { type NotationError, Scanner } from "./scanner.ts";
import { STEPS } from "./steps.ts";
import { parseMicros, printMicros } from "./time.ts";

/** One step of a story: what is done, what must hold afterwards, and its line, from 1. */
export type StoryStep = Readonly<{ op: Op; expect: readonly Expectation[]; line: number }>;

/** What a text in the notation says. The edition is a name such as `0.12`, absent if the text leaves it open. */
export type Story = Readonly<{ edition?: string; steps: readonly StoryStep[] }>;

/** The line above a story table: names of columns, at least two blanks apart. */
const TABLE_HEAD =
  /^\s+(#\d+|key \S+|queue \S+|leader)(\s{2,}(#\d+|key \S+|queue \S+|leader))*\s*$/;
/** The mark of the current row of a story table. */
const CURRENT = /(?<=^\s*)▸/;
const STEP_NAMES = Object.keys(STEPS) as OpName[];

/**
 * Reads a story; times must not fall and labels must rise from step to step, except in `op {json}`, which is taken as it is.
 * Rows of a printed story table are read too, and their cells ignored. Throws a `NotationError`.
 */
export function parseStory(text: string): Story {
  const reading = new Reading();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (!TABLE_HEAD.test(line)) reading.readLine(new Scanner(line.replace(CURRENT, " "), i + 1));
  }
  return reading.story();
}

class Reading {
  #edition: string | undefined;
  readonly #steps: { op: Op; expect: Expectation[]; line: number }[] = [];
  #now = Number.NEGATIVE_INFINITY;
  #label = 0;

  story(): Story {
    const steps = this.#steps;
    return this.#edition === undefined ? { steps } : { edition: this.#edition, steps };
  }

  readLine(scanner: Scanner): void {
    if (scanner.peek() === "") return;
    const column = scanner.column;
    const now = scanner.takeAs("a time such as 30s", parseMicros);
    if (now !== null) this.#readStep(scanner, now, column);
    else if (scanner.take("edition")) this.#readEdition(scanner, column);
    else this.#readExpectation(scanner, column);
    scanner.end();
  }

  #readStep(scanner: Scanner, now: Micros, column: number): void {
    if (now < this.#now) {
      const times = `${printMicros(now)} comes after ${printMicros(this.#now)}`;
      throw scanner.error(`times must not fall, but ${times}`, column);
    }
    this.#now = now;
    const name = scanner.oneOf("a step", [...STEP_NAMES, "op"]);
    const start = scanner.column;
    const op = name === "op" ? parseOpJson(scanner, now) : STEPS[name].parse(scanner, now);
    if (name !== "op") this.#raiseLabels(op, scanner, start);
    this.#steps.push({ op, expect: [], line: scanner.line });
  }

  #raiseLabels(op: Op, scanner: Scanner, column: number): void {
    if (op.op !== "insert") return;
    const [first, last] = [op.jobs[0]?.id ?? 0, op.jobs.at(-1)?.id ?? 0];
    if (first <= this.#label) {
      throw scanner.error(`labels must rise, but #${first} comes after #${this.#label}`, column);
    }
    this.#label = last;
  }

  #readEdition(scanner: Scanner, column: number): void {
    if (this.#steps.length > 0 || this.#edition !== undefined) {
      throw scanner.error("the edition must stand once and above all steps, but does not", column);
    }
    this.#edition = scanner.name();
  }

  #readExpectation(scanner: Scanner, column: number): void {
    const expectation = parseExpectation(scanner);
    if (expectation === null) throw scanner.unexpected();
    const step = this.#steps.at(-1);
    if (step === undefined) {
      throw scanner.error("an expectation must stand below a step, but none is above it", column);
    }
    step.expect.push(expectation);
  }
}

/** The time column holds the operation's time; a JSON that says it too must agree. */
function parseOpJson(scanner: Scanner, now: Micros): Op {
  const column = scanner.column;
  const text = scanner.json();
  const value = readJson(text, (problem) => scanner.error(problem, column));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw scanner.error("an operation must be a JSON object, but is not", column);
  }
  const parsed = opJson.safeParse({ now, ...value });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join(".") || "op";
    throw scanner.error(`${place} does not fit an operation: ${issue?.message}`, column);
  }
  if (parsed.data.now !== now) {
    throw scanner.error(`now must be the time of the line, but is ${parsed.data.now}`, column);
  }
  return parsed.data;
}

function readJson(text: string, error: (problem: string) => NotationError): unknown {
  try {
    return JSON.parse(text);
  } catch (problem) {
    throw error(`an operation must be JSON, but is not: ${String(problem)}`);
  }
}
