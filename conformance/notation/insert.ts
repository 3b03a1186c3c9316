import type { InsertJob, InsertOp } from "../../spec/model/op.ts";
import { isLabel, type Scanner } from "./scanner.ts";
import { printMicros, printNumber } from "./time.ts";
import { keyOfArgs, parseUnique, printUnique } from "./unique.ts";
import { parseNames, printJson, printName, printNames } from "./words.ts";

/** An option's words if it is set. */
type PrintOption = (job: Omit<InsertJob, "id">) => string | undefined;

type Option = Readonly<{ print: PrintOption; parse(scanner: Scanner): Partial<InsertJob> }>;

/** The options of a job besides its uniqueness, in the order in which they are printed. */
const OPTIONS: Readonly<Record<string, Option>> = {
  due: {
    print: ({ scheduledAt }) =>
      scheduledAt !== undefined ? ` ${printMicros(scheduledAt)}` : undefined,
    parse: (scanner) => ({ scheduledAt: scanner.micros() }),
  },
  priority: {
    print: ({ priority }) => (priority !== undefined ? ` ${printNumber(priority)}` : undefined),
    parse: (scanner) => ({ priority: scanner.number() }),
  },
  queue: {
    print: ({ queue }) => (queue !== undefined ? ` ${printName(queue)}` : undefined),
    parse: (scanner) => ({ queue: scanner.name() }),
  },
  max: {
    print: ({ maxAttempts }) =>
      maxAttempts !== undefined ? ` ${printNumber(maxAttempts)}` : undefined,
    parse: (scanner) => ({ maxAttempts: scanner.number() }),
  },
  pending: {
    print: ({ pending }) => (pending ? "" : undefined),
    parse: () => ({ pending: true }),
  },
  kind: {
    print: ({ kind }) => (kind !== undefined ? ` ${printName(kind)}` : undefined),
    parse: (scanner) => ({ kind: scanner.name() }),
  },
  args: {
    print: ({ args }) => (args !== undefined ? ` ${printJson(args)}` : undefined),
    parse: (scanner) => ({ args: scanner.json() }),
  },
  metadata: {
    print: ({ metadata }) => (metadata !== undefined ? ` ${printJson(metadata)}` : undefined),
    parse: (scanner) => ({ metadata: scanner.json() }),
  },
  tags: {
    print: ({ tags }) => (tags !== undefined ? printNames(tags) : undefined),
    parse: (scanner) => ({ tags: parseNames(scanner) }),
  },
};

/** The jobs of an insert, `#1 unique A; #2 unique A, due 30s`; null if there are no words for one of them. */
export function printInsert({ jobs }: InsertOp): string | null {
  const inOrder = jobs.every(({ id }, i) => isLabel(id) && id > (jobs[i - 1]?.id ?? 0));
  const printed = jobs.map(printJob);
  return inOrder && jobs.length > 0 && !printed.includes(null) ? ` ${printed.join("; ")}` : null;
}

/** Reads the jobs of an insert; their labels must rise. */
export function parseInsert(scanner: Scanner, now: number): InsertOp {
  const jobs: InsertJob[] = [];
  do {
    const column = scanner.column;
    const job = parseJob(scanner);
    const last = jobs.at(-1)?.id ?? 0;
    if (job.id <= last) {
      throw scanner.error(`labels must rise, but #${job.id} comes after #${last}`, column);
    }
    jobs.push(job);
  } while (scanner.take(";"));
  return { op: "insert", now, jobs };
}

function printJob(job: InsertJob): string | null {
  const options = printOptions(job);
  return options === null ? null : `#${job.id}${options.join(",")}`;
}

type Options = Omit<InsertJob, "id">;

/** Each option of a job, uniqueness first; null if there are no words for one. */
export function printOptions(job: Options): readonly string[] | null {
  if (job.pending === false) return null;
  const options: string[] = [];
  const key = job.unique === undefined ? null : keyOfArgs(job.args);
  if (job.unique !== undefined) {
    const unique = printUnique(job.unique, key);
    if (unique === null) return null;
    options.push(` unique${unique}`);
  }
  for (const [word, option] of Object.entries(OPTIONS)) {
    const printed = word === "args" && key !== null ? undefined : option.print(job);
    if (printed !== undefined) options.push(` ${word}${printed}`);
  }
  return options;
}

function parseJob(scanner: Scanner): InsertJob {
  const id = scanner.label();
  return { id, ...parseOptions(scanner, [], scanner.take(",")) };
}

/** Reads the options of a job but those in `not`, each at most once. `isOwed`: there must be one. */
export function parseOptions(scanner: Scanner, not: readonly string[], isOwed: boolean): Options {
  let job: Options = {};
  const words = ["unique", ...Object.keys(OPTIONS)];
  const unread = new Set(words.filter((word) => !not.includes(word)));
  let next = isOwed ? scanner.oneOf("an option", [...unread]) : takeOption();
  while (next !== null) {
    unread.delete(next);
    const column = scanner.column;
    const said = next === "unique" ? parseUnique(scanner) : (OPTIONS[next]?.parse(scanner) ?? {});
    if (said.args !== undefined && job.args !== undefined) {
      throw scanner.error("args must be said once, but are a key and args", column);
    }
    job = { ...job, ...said };
    next = scanner.take(",") ? scanner.oneOf("an option", [...unread]) : null;
  }
  return job;

  function takeOption(): string | null {
    return scanner.takeOne([...unread]);
  }
}
