import { LEASE } from "../../spec/model/leader.ts";
import type {
  ElectOp,
  LeaderOp,
  QueueGetOp,
  QueueListOp,
  QueueOp,
  QueuePauseOp,
  QueueResumeOp,
  QueueTouchOp,
  QueueUpdateOp,
  ReelectOp,
  ResignOp,
} from "../../spec/model/op.ts";
import { isLabel, type Scanner } from "./scanner.ts";
import type { Step } from "./steps.ts";
import { printMicros, printNumber } from "./time.ts";
import { printJson, printName } from "./words.ts";

const ALL = "*";

/** `*` needs no quotes here. */
const printQueue = (name: string): string => (name === ALL ? ALL : printName(name));
const parseQueue = (scanner: Scanner): string => (scanner.take(ALL) ? ALL : scanner.name());

type NamedOp = QueueTouchOp | QueuePauseOp | QueueResumeOp | QueueGetOp;

const ofQueue = <O extends NamedOp>(make: (now: number, queue: string) => O): Step<O> => ({
  print: ({ queue }) => ` ${printQueue(queue)}`,
  parse: (scanner, now) => make(now, parseQueue(scanner)),
});

const update: Step<QueueUpdateOp> = {
  print: ({ queue, metadata }) =>
    ` ${printQueue(queue)}${metadata === undefined ? "" : ` ${printJson(metadata)}`}`,
  parse(scanner, now) {
    const op = { op: "queue_update", now, queue: parseQueue(scanner) } as const;
    return scanner.peek() === "" ? op : { ...op, metadata: scanner.json() };
  },
};

const list: Step<QueueListOp> = {
  print: ({ limit }) => ` ${printNumber(limit)}`,
  parse: (scanner, now) => ({ op: "queue_list", now, limit: scanner.number() }),
};

const printLease = (lease: number): string => (lease === LEASE ? "" : ` for ${printMicros(lease)}`);
const parseLease = (scanner: Scanner): number => (scanner.take("for") ? scanner.micros() : LEASE);

/** Terms count from 1; null where one cannot be counted so. */
function printTerm(term: number | undefined): string | null {
  if (term === undefined) return "";
  return Number.isInteger(term) && isLabel(term + 1) ? ` of term ${term + 1}` : null;
}

function parseTerm(scanner: Scanner): { term?: number } {
  if (!scanner.take("of")) return {};
  scanner.expect("term");
  const column = scanner.column;
  const count = scanner.number();
  if (isLabel(count)) return { term: count - 1 };
  throw scanner.error(`a term must be counted from 1, but is ${count}`, column);
}

const elect: Step<ElectOp> = {
  print: ({ client, lease }) => ` ${printName(client)}${printLease(lease)}`,
  parse: (scanner, now) => ({
    op: "elect",
    now,
    client: scanner.name(),
    lease: parseLease(scanner),
  }),
};

const reelect: Step<ReelectOp> = {
  print({ client, lease, term }) {
    const of = printTerm(term);
    return of === null ? null : ` ${printName(client)}${of}${printLease(lease)}`;
  },
  parse(scanner, now) {
    const client = scanner.name();
    const term = parseTerm(scanner);
    return { op: "reelect", now, client, lease: parseLease(scanner), ...term };
  },
};

const resign: Step<ResignOp> = {
  print({ client, term }) {
    const of = printTerm(term);
    return of === null ? null : ` ${printName(client)}${of}`;
  },
  parse: (scanner, now) => ({ op: "resign", now, client: scanner.name(), ...parseTerm(scanner) }),
};

/** The words of the operations on queues and on the leader. */
export const SERVICE_STEPS: Readonly<{
  [N in (QueueOp | LeaderOp)["op"]]: Step<Extract<QueueOp | LeaderOp, { op: N }>>;
}> = {
  queue_touch: ofQueue((now, queue) => ({ op: "queue_touch", now, queue })),
  queue_pause: ofQueue((now, queue) => ({ op: "queue_pause", now, queue })),
  queue_resume: ofQueue((now, queue) => ({ op: "queue_resume", now, queue })),
  queue_update: update,
  queue_get: ofQueue((now, queue) => ({ op: "queue_get", now, queue })),
  queue_list: list,
  elect,
  reelect,
  resign,
  request_resign: { print: () => "", parse: (_, now) => ({ op: "request_resign", now }) },
};
