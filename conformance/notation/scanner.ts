import type { Micros } from "../../spec/model/state.ts";
import { parseMicros, parseNumber } from "./time.ts";

/** Text that is not in the notation. Line and column count from 1, columns in characters. */
export class NotationError extends Error {
  override readonly name = "NotationError";
  readonly line: number;
  readonly column: number;
  /** What could stand there; empty if the place is right and the value is not. */
  readonly expected: readonly string[];

  constructor(line: number, column: number, problem: string, expected: readonly string[] = []) {
    super(`line ${line}, column ${column}: ${problem}${remedy(expected)}`);
    this.line = line;
    this.column = column;
    this.expected = expected;
  }
}

const TOKEN = /[^\s,;+"{[]+/uy;
const BARE_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.:/@-]*$/u;
const RULE_ID = /^[A-Z]{3}-\d+$/;
/** A key's letter or word. */
const KEY = /^[A-Z][A-Za-z0-9]*$/;
/** A comment: `#` that is followed by no label, or the first glyph of a story table's cells, so that its rows can be pasted. */
const COMMENT = /#(?=\s|$)|[◌◷○▶↻✓⊘✕▷‖☆★·↑←…]/y;
const PUNCTUATION = { ",": "a comma", ";": "a semicolon", "+": "a plus sign" } as const;

/** Whether a name can stand without quotes: neither empty, nor with spaces or signs, nor like a rule's id. */
export function isBareName(text: string): boolean {
  return BARE_NAME.test(text) && !RULE_ID.test(text);
}

/** Whether a text can name a key: `A`, `Invoice7`. */
export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** The end of the JSON object or array that begins at `from`, or -1 if it is not closed. Only brackets and strings are looked at. */
export function jsonEnd(text: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (inString) {
      if (sign === "\\") at++;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === "{" || sign === "[") depth++;
    else if ((sign === "}" || sign === "]") && --depth === 0) return at + 1;
  }
  return -1;
}

/** Reads one line word by word, and remembers what was looked for in vain, so that an error can list it. */
export class Scanner {
  readonly #text: string;
  /** The line's number, from 1. */
  readonly line: number;
  #at = 0;
  #hopes: string[] = [];
  #hopesAt = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.line = line;
    this.#skipSpace();
  }

  /** The column of the next word, from 1. */
  get column(): number {
    return [...this.#text.slice(0, this.#at)].length + 1;
  }

  /** The next word or sign; empty at the end of the line, which a comment is too. */
  peek(): string {
    COMMENT.lastIndex = this.#at;
    if (COMMENT.test(this.#text)) return "";
    TOKEN.lastIndex = this.#at;
    return TOKEN.exec(this.#text)?.[0] ?? this.#text[this.#at] ?? "";
  }

  /** Takes the word if it is next. */
  take(word: string): boolean {
    const taken = this.peek() === word;
    if (taken) this.#advance(word.length);
    else this.#hope(PUNCTUATION[word as keyof typeof PUNCTUATION] ?? word);
    return taken;
  }

  /** Takes the word, which must be next. */
  expect(word: string): void {
    if (!this.take(word)) throw this.unexpected();
  }

  /** Takes the first of `words` that is next, or null. */
  takeOne<T extends string>(words: readonly T[]): T | null {
    return words.find((word) => this.take(word)) ?? null;
  }

  /** Takes one of `words`, of which one must be next; `what` names them in the error: "a step". */
  oneOf<T extends string>(what: string, words: readonly T[]): T {
    const word = words.find((candidate) => candidate === this.peek());
    if (word === undefined) throw this.#fail(what, words);
    this.#advance(word.length);
    return word;
  }

  /** Takes the next word if `read` makes something of it. */
  takeAs<T>(what: string, read: (word: string) => T | null): T | null {
    const word = this.peek();
    const value = word === "" ? null : read(word);
    if (value === null) this.#hope(what);
    else this.#advance(word.length);
    return value;
  }

  label(): number {
    return this.#must("a job such as #1", readLabel);
  }

  micros(): Micros {
    return this.#must("a time such as 30s", parseMicros);
  }

  number(): number {
    return this.#must("a number", parseNumber);
  }

  takeNumber(): number | null {
    return this.takeAs("a number", parseNumber);
  }

  takeKey(): string | null {
    return this.takeAs("a key such as A", (word) => (isKey(word) ? word : null));
  }

  takeRule(): string | null {
    return this.takeAs("a rule such as SCH-4", (word) => (RULE_ID.test(word) ? word : null));
  }

  /** A word, or any text in the quotes of JSON; null if neither is next. */
  takeName(): string | null {
    if (this.#text[this.#at] === '"') return this.#quoted();
    return this.takeAs("a name", (word) => (isBareName(word) ? word : null));
  }

  name(): string {
    const name = this.takeName();
    if (name === null) throw this.unexpected();
    return name;
  }

  /** JSON text exactly as it stands there, from bracket to bracket; or any text in quotes. */
  json(): string {
    const first = this.#text[this.#at];
    if (first === '"') return this.#quoted();
    if (first !== "{" && first !== "[") throw this.#fail("JSON", ["{…}", '"…"']);
    const end = jsonEnd(this.#text, this.#at);
    if (end < 0) throw this.error(`${first} must be closed in the same line, but is not`);
    const text = this.#text.slice(this.#at, end);
    this.#advance(text.length);
    return text;
  }

  /** Nothing but a comment may follow. */
  end(): void {
    if (this.peek() !== "") throw this.unexpected();
  }

  error(problem: string, column = this.column): NotationError {
    return new NotationError(this.line, column, problem);
  }

  /** The error for a word that nobody takes; it lists all that was looked for at this place. */
  unexpected(): NotationError {
    const hopes = this.#hopesAt === this.#at ? [...new Set(this.#hopes)] : [];
    const found = this.peek();
    const problem =
      found === "" ? "the line ends too early" : `${JSON.stringify(found)} cannot stand here`;
    return new NotationError(this.line, this.column, problem, hopes);
  }

  #must<T>(what: string, read: (word: string) => T | null): T {
    const value = this.takeAs(what, read);
    if (value === null) throw this.#fail(what, []);
    return value;
  }

  #fail(what: string, words: readonly string[]): NotationError {
    const found = this.peek();
    const problem = found === "" ? `${what} is missing` : `${JSON.stringify(found)} is not ${what}`;
    return new NotationError(this.line, this.column, problem, words);
  }

  #quoted(): string {
    const [text] = /^"(?:[^"\\]|\\.)*"/u.exec(this.#text.slice(this.#at)) ?? [];
    if (text === undefined) throw this.error("a quoted text must be closed, but is not");
    try {
      const value: unknown = JSON.parse(text);
      this.#advance(text.length);
      return String(value);
    } catch {
      throw this.error(`a quoted text must be a JSON string, but is ${text}`);
    }
  }

  #hope(what: string): void {
    if (this.#hopesAt !== this.#at) this.#hopes = [];
    this.#hopesAt = this.#at;
    this.#hopes.push(what);
  }

  #advance(length: number): void {
    this.#at += length;
    this.#skipSpace();
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}

function remedy(expected: readonly string[]): string {
  const verb = expected.length === 1 ? "expected" : "one of";
  return expected.length === 0 ? "" : `; ${verb} ${expected.join(", ")}`;
}

function readLabel(word: string): number | null {
  const label = /^#[1-9]\d*$/.test(word) ? Number(word.slice(1)) : 0;
  return isLabel(label) ? label : null;
}

/** Whether a number can be a job's label `#n`: whole, exact, and not below 1. */
export function isLabel(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
