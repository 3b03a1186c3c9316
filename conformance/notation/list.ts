import type { DeleteManyOp, JobFilter, ListOp, ListOrder } from "../../spec/model/op.ts";
import { JOB_STATES, type JobState, type Micros } from "../../spec/model/state.ts";
import { isLabel, type Scanner } from "./scanner.ts";
import { printNumber } from "./time.ts";
import { parseNames, printJson, printName, printNames } from "./words.ts";

const ORDERS: readonly ListOrder[] = ["id", "scheduled_at", "finalized_at", "time"];

/** `print`: what stands after the word, null if the option is not set; a list without items is an option without words. */
type Option<T> = Readonly<{
  print: (op: T) => string | null;
  parse: (scanner: Scanner) => Partial<T>;
}>;
type Options<T> = Readonly<Record<string, Option<T>>>;

const numbers = (items: readonly number[] | undefined, sign = ""): string | null =>
  items === undefined ? null : items.map((item) => ` ${sign}${printNumber(item)}`).join("");
const names = (items: readonly string[] | undefined): string | null =>
  items === undefined ? null : printNames(items);

function takeAll<T>(take: () => T | null): T[] {
  const items: T[] = [];
  for (let item = take(); item !== null; item = take()) items.push(item);
  return items;
}

const LABEL = /^#[1-9]\d*$/;
const takeLabel = (scanner: Scanner): number | null =>
  scanner.takeAs("a job such as #1", (word) => (LABEL.test(word) ? Number(word.slice(1)) : null));

const FILTER: Options<JobFilter> = {
  jobs: {
    print: ({ ids }) => numbers(ids, "#"),
    parse: (scanner) => ({ ids: takeAll(() => takeLabel(scanner)) }),
  },
  kinds: {
    print: ({ kinds }) => names(kinds),
    parse: (scanner) => ({ kinds: parseNames(scanner) }),
  },
  priorities: {
    print: ({ priorities }) => numbers(priorities),
    parse: (scanner) => ({ priorities: takeAll(() => scanner.takeNumber()) }),
  },
  queues: {
    print: ({ queues }) => names(queues),
    parse: (scanner) => ({ queues: parseNames(scanner) }),
  },
  states: {
    print: ({ states }) => names(states),
    parse: (scanner) => ({ states: takeAll(() => scanner.takeOne<JobState>(JOB_STATES)) }),
  },
};

const flag = (isSet: boolean | undefined): string | null => (isSet === true ? "" : null);

const LIMIT: Option<Readonly<{ limit?: number }>> = {
  print: ({ limit }) => (limit === undefined ? null : ` ${printNumber(limit)}`),
  parse: (scanner) => ({ limit: scanner.number() }),
};

const DELETE_MANY: Options<DeleteManyOp> = {
  all: { print: ({ all }) => flag(all), parse: () => ({ all: true }) },
  ...(FILTER as Options<DeleteManyOp>),
  limit: LIMIT,
};

const LIST: Options<ListOp> = {
  ...(FILTER as Options<ListOp>),
  all_tags: {
    print: ({ tagsAll }) => names(tagsAll),
    parse: (scanner) => ({ tagsAll: parseNames(scanner) }),
  },
  any_tags: {
    print: ({ tagsAny }) => names(tagsAny),
    parse: (scanner) => ({ tagsAny: parseNames(scanner) }),
  },
  containing: {
    print: ({ metadata }) => (metadata === undefined ? null : ` ${printJson(metadata)}`),
    parse: (scanner) => ({ metadata: scanner.json() }),
  },
  by: {
    print: ({ orderBy }) => (orderBy === undefined ? null : ` ${printName(orderBy)}`),
    parse: (scanner) => ({ orderBy: scanner.oneOf("an order", ORDERS) }),
  },
  desc: { print: ({ descending }) => flag(descending), parse: () => ({ descending: true }) },
  limit: LIMIT,
  after: {
    print: ({ after }) => {
      if (after === undefined) return null;
      return "job" in after ? ` #${after.job}` : ` cursor of ${after.cursorOf}`;
    },
    parse: (scanner) => {
      if (!scanner.take("cursor")) return { after: { job: scanner.label() } };
      scanner.expect("of");
      return { after: { cursorOf: scanner.oneOf("an order", ORDERS) } };
    },
  },
};

function print<T extends JobFilter>(options: Options<T>, op: T): string | null {
  if (!(op.ids ?? []).every(isLabel)) return null;
  const words = Object.entries(options).flatMap(([word, option]) => {
    const printed = option.print(op);
    return printed === null ? [] : [` ${word}${printed}`];
  });
  return words.join(",");
}

function parse<T>(options: Options<T>, scanner: Scanner): Partial<T> {
  const unread = new Set(Object.keys(options));
  let said: Partial<T> = {};
  let word = scanner.takeOne([...unread]);
  while (word !== null) {
    unread.delete(word);
    said = { ...said, ...options[word]?.parse(scanner) };
    word = scanner.take(",") ? scanner.oneOf("an option", [...unread]) : null;
  }
  return said;
}

/** ` all, limit 2` or ` jobs #1 #2, queues other`; null if there are no words for a label or for what is said not to be. */
export const printDeleteMany = (op: DeleteManyOp): string | null =>
  op.all === false ? null : print(DELETE_MANY, op);

/** Reads what `printDeleteMany` prints. */
export const parseDeleteMany = (scanner: Scanner, now: Micros): DeleteManyOp => ({
  ...parse(DELETE_MANY, scanner),
  op: "delete_many",
  now,
});

/** ` states running available, by time, desc, limit 2, after #1`; null as for `printDeleteMany`. */
export function printList(op: ListOp): string | null {
  const { after } = op;
  const isNamed = after === undefined || !("job" in after) || isLabel(after.job);
  return op.descending === false || !isNamed ? null : print(LIST, op);
}

/** Reads what `printList` prints. */
export const parseList = (scanner: Scanner, now: Micros): ListOp => ({
  ...parse(LIST, scanner),
  op: "list",
  now,
});
