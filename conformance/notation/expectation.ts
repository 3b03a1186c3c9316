import {
  CHANNELS,
  JOB_STATES,
  type Job,
  type JobColumn,
  type JobState,
  type Micros,
  type Notification,
} from "../../spec/model/state.ts";
import type { RefusalCode } from "../adapter.ts";
import { columnName, columnNamed, parseValue, printValue } from "./column.ts";
import type { Scanner } from "./scanner.ts";
import { printMicros } from "./time.ts";
import { printJson, printName } from "./words.ts";

type Claim =
  | Readonly<{ kind: "gone"; job: number }>
  | Readonly<{ kind: "lists"; pages: readonly (readonly number[])[] }>
  | Readonly<{ kind: "state"; job: number; state: JobState }>
  /** `holder` null: nobody holds the key, it is free. */
  | Readonly<{ kind: "key"; key: string; holder: number | null }>
  | Readonly<{ kind: "refused"; code: RefusalCode }>
  /** `paused` null: there is no row. */
  | Readonly<{ kind: "queue"; queue: string; paused: boolean | null }>
  | Readonly<{
      kind: "queue column";
      queue: string;
      column: QueueColumn;
      value: string | Micros | null;
    }>
  /** `leader` null: nobody leads. */
  | Readonly<{ kind: "leader"; leader: string | null }>
  | Readonly<{ kind: "leader column"; column: LeaderColumn; value: Micros }>
  | Readonly<{ kind: "duplicate"; job: number; of: number }>
  /** `notification` null: listeners are told nothing at all. */
  | Readonly<{ kind: "told"; notification: Notification | null }>
  | {
      [C in JobColumn]: Readonly<{ kind: "column"; job: number; column: C; value: Job[C] }>;
    }[JobColumn];

/** What must hold after a step; jobs are labels. `rule` is the id of the rule that demands it. */
export type Expectation = Claim & Readonly<{ rule?: string }>;

const REFUSALS: Readonly<Record<RefusalCode, true>> = {
  invalid: true,
  not_found: true,
  running: true,
  conflict: true,
  attempts_exhausted: true,
  unsupported: true,
};

/** A column of `river_queue` that an expectation can name, as in the database. */
export type QueueColumn = (typeof QUEUE_COLUMNS)[number];
/** A column of `river_leader` that an expectation can name, as in the database. */
export type LeaderColumn = (typeof LEADER_COLUMNS)[number];

const QUEUE_COLUMNS = ["created_at", "metadata", "paused_at", "updated_at"] as const;
const LEADER_COLUMNS = ["elected_at", "expires_at"] as const;
const NULL = "–";

/** One line, without its indentation: `#1 retryable`, `A #1`, `A free`, `refused invalid`, `#2 duplicate of #1`, `#1 attempt 2`, `told insert {…}`. */
export function printExpectation(expectation: Expectation): string {
  const { rule } = expectation;
  return printClaim(expectation) + (rule === undefined ? "" : ` ${rule}`);
}

/** Reads one line; null if it does not begin like an expectation. */
export function parseExpectation(scanner: Scanner): Expectation | null {
  const claim = parseClaim(scanner);
  if (claim === null) return null;
  const rule = scanner.takeRule();
  return rule === null ? claim : { ...claim, rule };
}

function printClaim(claim: Claim): string {
  switch (claim.kind) {
    case "state":
      return `#${claim.job} ${claim.state}`;
    case "gone":
      return `#${claim.job} gone`;
    case "lists":
      return `lists ${printPages(claim.pages)}`;
    case "key":
      return `${claim.key} ${claim.holder === null ? "free" : `#${claim.holder}`}`;
    case "refused":
      return `refused ${claim.code}`;
    case "queue": {
      const state = claim.paused === null ? "gone" : claim.paused ? "paused" : "unpaused";
      return `queue ${printName(claim.queue)} ${state}`;
    }
    case "queue column": {
      const { queue, column, value } = claim;
      const shown =
        value === null ? NULL : typeof value === "number" ? printMicros(value) : printJson(value);
      return `queue ${printName(queue)} ${column} ${shown}`;
    }
    case "leader":
      return `leader ${claim.leader === null ? "none" : printName(claim.leader)}`;
    case "leader column":
      return `leader ${claim.column} ${printMicros(claim.value)}`;
    case "duplicate":
      return `#${claim.job} duplicate of #${claim.of}`;
    case "told": {
      const { notification: told } = claim;
      return told === null ? "told nothing" : `told ${told.channel} ${printJson(told.payload)}`;
    }
    case "column":
      return `#${claim.job} ${columnName(claim.column)}${spaced(printValue(claim.column, claim.value))}`;
  }
}

function spaced(text: string): string {
  return text === "" ? "" : ` ${text}`;
}

/** `#1 #2; #3`, pages apart from each other; `nothing` for none. */
export const printPages = (pages: readonly (readonly (number | null)[])[]): string =>
  pages.length === 0
    ? "nothing"
    : pages.map((page) => page.map((job) => `#${job ?? "?"}`).join(" ")).join("; ");

function parsePages(scanner: Scanner): number[][] {
  if (scanner.take("nothing")) return [];
  const pages: number[][] = [];
  do {
    const page = [scanner.label()];
    while (scanner.peek().startsWith("#")) page.push(scanner.label());
    pages.push(page);
  } while (scanner.take(";"));
  return pages;
}

function parseClaim(scanner: Scanner): Claim | null {
  const word = scanner.peek();
  if (word.startsWith("#")) return parseJobClaim(scanner, scanner.label());
  if (scanner.take("lists")) return { kind: "lists", pages: parsePages(scanner) };
  if (scanner.take("refused")) {
    const code = scanner.oneOf("a refusal", Object.keys(REFUSALS) as RefusalCode[]);
    return { kind: "refused", code };
  }
  if (scanner.take("queue")) return parseQueueClaim(scanner, scanner.name());
  if (scanner.take("leader")) {
    const column = scanner.takeOne(LEADER_COLUMNS);
    if (column !== null) return { kind: "leader column", column, value: scanner.micros() };
    return { kind: "leader", leader: scanner.take("none") ? null : scanner.name() };
  }
  if (scanner.take("told")) return parseTold(scanner);
  const key = scanner.takeKey();
  if (key === null) return null;
  return { kind: "key", key, holder: scanner.take("free") ? null : scanner.label() };
}

function parseQueueClaim(scanner: Scanner, queue: string): Claim {
  const column = scanner.takeOne(QUEUE_COLUMNS);
  if (column === null) {
    const state = scanner.oneOf("what a queue can be", ["paused", "unpaused", "gone"]);
    return { kind: "queue", queue, paused: state === "gone" ? null : state === "paused" };
  }
  const value =
    column === "metadata"
      ? scanner.json()
      : scanner.take(NULL) || scanner.take("-")
        ? null
        : scanner.micros();
  return { kind: "queue column", queue, column, value };
}

function parseTold(scanner: Scanner): Claim {
  if (scanner.take("nothing")) return { kind: "told", notification: null };
  const channel = scanner.oneOf("a channel", CHANNELS);
  return { kind: "told", notification: { channel, payload: scanner.json() } };
}

function parseJobClaim(scanner: Scanner, job: number): Claim {
  const state = scanner.takeOne(JOB_STATES);
  if (state !== null) return { kind: "state", job, state };
  if (scanner.take("gone")) return { kind: "gone", job };
  if (scanner.take("duplicate")) {
    scanner.expect("of");
    return { kind: "duplicate", job, of: scanner.label() };
  }
  const column = scanner.takeAs("a column such as scheduled_at", columnNamed);
  if (column === null) throw scanner.unexpected();
  return { kind: "column", job, column, value: parseValue(scanner, column) } as Claim;
}
