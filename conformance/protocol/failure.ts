/** What went wrong with an adapter, told apart because each has its own remedy. */
export type FailureKind =
  /** The command is malformed, missing or not executable. */
  | "could_not_start"
  | "exited"
  | "signalled"
  /** No answer within the budget, or no end after its input was closed. */
  | "hung"
  /** A line on standard output that is not UTF-8, not JSON, or longer than the cap. */
  | "malformed_line"
  /** JSON, but not an answer of the protocol's form. */
  | "invalid_message"
  /** An answer to nothing that was asked. */
  | "unknown_id"
  /** An answer to what had already been answered. */
  | "second_reply"
  | "method_not_found"
  | "wrong_nonce"
  | "wrong_protocol"
  /** The adapter's own error: none of those that the protocol lists as results. */
  | "internal"
  /** A capability was claimed, but its probe failed. */
  | "claim_not_kept"
  /** Not even the core of the protocol is offered. */
  | "nothing_to_check"
  /** After `reset`, the database does not hold River's tables. */
  | "wrong_schema"
  /** After `reset`, jobs are left. */
  | "not_empty";

/** An adapter broke down or broke the protocol: never a verdict about the implementation, and never retried. The message is one line. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
  readonly kind: FailureKind;
  /** The last lines of its standard error, oldest first, at most 200. */
  readonly stderr: readonly string[];

  constructor(kind: FailureKind, message: string, stderr: readonly string[] = []) {
    super(message);
    this.kind = kind;
    this.stderr = stderr;
  }
}

const NOISE = /^\s|^(goroutine |exit status |Node\.js v|note: run with|Traceback \()|^[-=~^ ]*$/;
const TELLING = /error|panic|fatal|exception|cannot|could not|denied|refused|missing/i;
const SAID_LINES = 3;
const SAID_LENGTH = 200;

/** `; it said: …` with what explains an end best, in one line; empty when nothing was said. Stack frames and blank lines are passed over. */
export function said(stderr: readonly string[]): string {
  const lines = stderr.filter((line) => !NOISE.test(line)).map((line) => line.trim());
  const telling = lines.filter((line) => TELLING.test(line)).slice(-1);
  const shown = telling.length > 0 ? telling : lines.slice(-SAID_LINES);
  return shown.length === 0 ? "" : `; it said: ${excerpt(shown.join(" / "), SAID_LENGTH)}`;
}

/** The beginning of a text, on one line, with control characters made visible. */
export function excerpt(text: string, length = 80): string {
  const head = text.length > length ? `${text.slice(0, length)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return head.replace(/[\u0000-\u001f\u007f]/g, "␣");
}
