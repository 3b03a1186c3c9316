/** Why an attempt's signal fired: somebody cancelled the job. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
  constructor() {
    super("job cancelled remotely");
  }
}

/** Why an attempt's signal fired: it took longer than its worker may. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  constructor(timeoutMs: number) {
    super(`job must end within ${timeoutMs} ms, but did not`);
  }
}

/** Why an attempt's signal fired: the client stops and does not wait. */
export class StopError extends Error {
  override readonly name = "StopError";
  constructor() {
    super("client stopped");
  }
}

/** Why an attempt's signal fired: the job was rescued, deleted or ended by others, so that no result of this attempt counts. */
export class LostError extends Error {
  override readonly name = "LostError";
  constructor() {
    super("job is no longer this attempt's");
  }
}

/** A kind that no worker of the client is for. */
export class UnknownKindError extends Error {
  override readonly name = "UnknownKindError";
  constructor(kind: string) {
    super(`client must have a worker for the job's kind, but has none for ${kind}`);
  }
}

/** How a handler ends its attempt other than by success or error; thrown by the functions that it is given. */
export class Ending extends Error {
  override readonly name = "Ending";
  readonly outcome: "snooze" | "cancel" | "discard";
  /** Milliseconds of a snooze, the reason of the others. */
  readonly detail: unknown;
  constructor(outcome: Ending["outcome"], detail: unknown) {
    super(`attempt ended by ${outcome}`);
    this.outcome = outcome;
    this.detail = detail;
  }
}

/** What an error says, whatever was thrown, as Postgres can keep it. */
export function messageOf(thrown: unknown): string {
  try {
    return storable(String(thrown instanceof Error ? thrown.message || thrown.name : thrown));
  } catch {
    return "something that cannot be said";
  }
}

/** Where an error comes from, as Postgres can keep it; empty for what is no error. */
export function traceOf(thrown: unknown): string {
  try {
    return thrown instanceof Error && typeof thrown.stack === "string"
      ? storable(thrown.stack)
      : "";
  } catch {
    return "";
  }
}

/** How many errors underneath an error are looked at. */
const DEEPEST = 10;

/** Whether this is how a handler says that its signal ended it: the signal's reason, what the runtime makes of it, or an error around either. */
export function isOf(thrown: unknown, reason: Error): boolean {
  let error = thrown;
  for (let depth = 0; depth < DEEPEST && error instanceof Error; depth++) {
    if (error === reason || error.name === "AbortError") return true;
    error = error.cause;
  }
  return false;
}

/** NUL and halves of surrogate pairs become U+FFFD. */
const storable = (text: string): string =>
  text.replaceAll(
    /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    "\ufffd",
  );
