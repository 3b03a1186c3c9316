import type { FinishOp, Outcome, OutcomeKind } from "../../spec/model/op.ts";
import { isLabel, type Scanner } from "./scanner.ts";
import { printMicros } from "./time.ts";
import { printJson, printValueAsJson } from "./words.ts";

/** The message of an attempt that failed with no other. */
const MESSAGE = "boom";

/** The outcomes in the notation's words, and whether they carry a message. */
const OUTCOMES = {
  complete: false,
  error: true,
  discard: true,
  snooze: false,
  cancel: true,
  interrupt: false,
} as const satisfies Record<OutcomeKind, boolean>;

type Details = { retryAt?: number; message?: string; metadata?: string; fetch?: number };

/** `#1 error, again at 10s, saying "…", merging {…}, of fetch 2`; null if there are no words for the label or the fetch. */
export function printFinish({ job, fetch, outcome }: FinishOp): string | null {
  const countable = fetch === undefined || (Number.isInteger(fetch) && isLabel(fetch + 1));
  if (!isLabel(job) || !countable) return null;
  const details = [
    ` #${job} ${outcome.kind}${outcome.kind === "snooze" ? ` ${printMicros(outcome.for)}` : ""}`,
  ];
  if (outcome.kind === "error" && outcome.retryAt !== null) {
    details.push(`again at ${printMicros(outcome.retryAt)}`);
  }
  if ("message" in outcome && outcome.message !== MESSAGE) {
    details.push(`saying ${printValueAsJson(outcome.message)}`);
  }
  if (outcome.metadata !== undefined) details.push(`merging ${printJson(outcome.metadata)}`);
  if (fetch !== undefined) details.push(`of fetch ${fetch + 1}`);
  return details.join(", ");
}

/** Reads the job, the outcome and its details. Fetches count from 1 here, from 0 in the operation. */
export function parseFinish(scanner: Scanner, now: number): FinishOp {
  const job = scanner.label();
  const kind = scanner.oneOf("an outcome", Object.keys(OUTCOMES) as OutcomeKind[]);
  const snooze = kind === "snooze" ? scanner.micros() : 0;
  const details = parseDetails(scanner, kind);
  const { metadata, fetch } = details;
  const outcome: Outcome = {
    ...bareOutcome(kind, snooze, details),
    ...(metadata !== undefined && { metadata }),
  };
  return { op: "finish", now, job, ...(fetch !== undefined && { fetch }), outcome };
}

function bareOutcome(kind: OutcomeKind, snooze: number, details: Details): Outcome {
  const { message = MESSAGE, retryAt = null } = details;
  switch (kind) {
    case "error":
      return { kind, message, retryAt };
    case "discard":
    case "cancel":
      return { kind, message };
    case "snooze":
      return { kind, for: snooze };
    default:
      return { kind };
  }
}

function parseDetails(scanner: Scanner, kind: OutcomeKind): Details {
  const unread = new Set([
    ...(kind === "error" ? ["again"] : []),
    ...(OUTCOMES[kind] ? ["saying"] : []),
    "merging",
    "of",
  ]);
  const details: Details = {};
  while (scanner.take(",")) {
    const word = scanner.oneOf("a detail of this outcome", [...unread]);
    unread.delete(word);
    if (word === "again") {
      scanner.expect("at");
      details.retryAt = scanner.micros();
    } else if (word === "saying") details.message = scanner.name();
    else if (word === "merging") details.metadata = scanner.json();
    else details.fetch = parseFetch(scanner);
  }
  return details;
}

function parseFetch(scanner: Scanner): number {
  scanner.expect("fetch");
  const column = scanner.column;
  const count = scanner.number();
  if (!isLabel(count)) {
    throw scanner.error(`a fetch must be counted from 1, but is ${count}`, column);
  }
  return count - 1;
}
