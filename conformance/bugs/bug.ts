import type { Op } from "../../spec/model/op.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Reply } from "../adapter.ts";
import type { Alteration } from "../reference/adapter.ts";

/** The file of the reference whose one statement is edited. */
export type StatementLabel =
  | "src/ops/insert-sql.ts"
  | "src/ops/fetch.ts"
  | "src/ops/complete.ts"
  | "src/ops/finish.ts"
  | "src/ops/schedule.ts"
  | "src/ops/cancel.ts"
  | "src/ops/retry.ts"
  | "src/ops/get.ts"
  | "src/ops/delete.ts"
  | "src/ops/update.ts"
  | "src/ops/delete-many.ts"
  | "src/ops/list.ts"
  | "src/ops/rescue.ts"
  | "src/ops/clean.ts"
  | "src/ops/clean-queues.ts"
  | "src/ops/elect.ts"
  | "src/ops/queue-get.ts"
  | "src/ops/queue-list.ts"
  | "src/ops/queue-pause.ts"
  | "src/ops/queue-resume.ts"
  | "src/ops/queue-touch.ts"
  | "src/ops/queue-update.ts"
  | "src/ops/reelect.ts"
  | "src/ops/request-resign.ts"
  | "src/ops/resign.ts";

/** A change of a statement's text on its way to the database. `find` must occur once in that statement, and in no other. */
export type Edit = Readonly<{ statement: StatementLabel; find: string; replace: string }>;

/** A bug that the suite must find in the reference once it is put in: edits of its statements, or a wrapped operation, seldom both. */
export type Bug = Readonly<{
  name: string;
  /** Where it really happened; `invented` where a rule has no such story. */
  origin: string;
  /** What goes wrong, in a sentence. */
  what: string;
  /** The rules that a divergence may name for the bug to count as found. */
  breaks: readonly RuleId[];
  edits: readonly Edit[];
  /** What the queue is asked instead of what the suite asks. */
  op?: (op: Op) => Op;
  /** What the queue answers instead. */
  reply?: (reply: Reply) => Reply;
}>;

/** A bug put in, and how many times each of its edits was applied. */
export type Infection = Readonly<{ alteration: Alteration; applied: readonly number[] }>;

/** The alteration that puts a bug into the reference. An edit whose text is not there once changes nothing. */
export const alterationOf = (bug: Bug): Alteration => infect(bug).alteration;

/** Like `alterationOf`, with a count, in the order of `edits`, that goes on while the alteration is used. */
export function infect(bug: Bug): Infection {
  const applied = bug.edits.map(() => 0);
  const statement = (sql: string): string =>
    bug.edits.reduce((text, { find, replace }, i) => {
      if (occurrences(text, find) !== 1) return text;
      applied[i] = (applied[i] ?? 0) + 1;
      return text.split(find).join(replace);
    }, sql);
  const alteration = {
    statement,
    op: bug.op ?? ((op: Op) => op),
    reply: bug.reply ?? ((reply: Reply) => reply),
  };
  return { alteration, applied };
}

/** The first edit that does not find its text once in its own statement and nowhere else; null when all do. */
export function staleEdit(bug: Bug, statements: ReadonlyMap<StatementLabel, string>): Edit | null {
  const isStale = ({ statement, find }: Edit): boolean =>
    [...statements].some(
      ([label, sql]) => occurrences(sql, find) !== (label === statement ? 1 : 0),
    ) || !statements.has(statement);
  return bug.edits.find(isStale) ?? null;
}

const occurrences = (text: string, find: string): number => text.split(find).length - 1;
