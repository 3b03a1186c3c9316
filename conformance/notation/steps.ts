import type {
  CancelOp,
  DeleteOp,
  FetchOp,
  GetOp,
  Op,
  OpName,
  RetryOp,
  ScheduleOp,
  UpdateOp,
} from "../../spec/model/op.ts";
import type { Micros } from "../../spec/model/state.ts";
import { parseFinish, printFinish } from "./finish.ts";
import { parseInsert, printInsert } from "./insert.ts";
import { parseDeleteMany, parseList, printDeleteMany, printList } from "./list.ts";
import {
  parseClean,
  parseCleanQueues,
  parseRescue,
  printClean,
  printCleanQueues,
  printRescue,
} from "./maintenance.ts";
import { parseEnqueue, printEnqueue } from "./periodic.ts";
import { isLabel, type Scanner } from "./scanner.ts";
import { SERVICE_STEPS } from "./services.ts";
import { printMicros, printNumber } from "./time.ts";
import { printJson, printName } from "./words.ts";

/** How an operation is written: what stands after its name. `print` gives null if there are no words for it. */
export type Step<O extends Op> = Readonly<{
  print(op: O): string | null;
  parse(scanner: Scanner, now: Micros): O;
}>;

const CLIENT = "c1";
const QUEUE = "default";
const SCHEDULE_LIMIT = 10_000;

const fetch: Step<FetchOp> = {
  print({ limit, client, queue }) {
    const by = client === CLIENT ? "" : ` by ${printName(client)}`;
    const from = queue === QUEUE ? "" : ` from ${printName(queue)}`;
    return ` ${printNumber(limit)}${by}${from}`;
  },
  parse(scanner, now) {
    const limit = scanner.number();
    const client = scanner.take("by") ? scanner.name() : CLIENT;
    const queue = scanner.take("from") ? scanner.name() : QUEUE;
    return { op: "fetch", now, queue, limit, client };
  },
};

const schedule: Step<ScheduleOp> = {
  print({ now, horizon, limit }) {
    const count = limit === SCHEDULE_LIMIT ? "" : ` ${printNumber(limit)}`;
    return `${count}${horizon === now ? "" : ` up to ${printMicros(horizon)}`}`;
  },
  parse(scanner, now) {
    const limit = scanner.takeNumber() ?? SCHEDULE_LIMIT;
    if (!scanner.take("up")) return { op: "schedule", now, horizon: now, limit };
    scanner.expect("to");
    return { op: "schedule", now, horizon: scanner.micros(), limit };
  },
};

const ofJob = <O extends CancelOp | RetryOp | GetOp | DeleteOp>(op: O["op"]): Step<O> => ({
  print: ({ job }) => (isLabel(job) ? ` #${job}` : null),
  parse: (scanner, now) => ({ op, now, job: scanner.label() }) as O,
});

const update: Step<UpdateOp> = {
  print: ({ job, output }) => (isLabel(job) ? ` #${job} ${printJson(output)}` : null),
  parse: (scanner, now) => ({ op: "update", now, job: scanner.label(), output: scanner.json() }),
};

/** Every operation's words. A new operation is one entry here. */
export const STEPS: Readonly<{ [N in OpName]: Step<Extract<Op, { op: N }>> }> = {
  insert: { print: printInsert, parse: parseInsert },
  fetch,
  finish: { print: printFinish, parse: parseFinish },
  schedule,
  cancel: ofJob<CancelOp>("cancel"),
  retry: ofJob<RetryOp>("retry"),
  get: ofJob<GetOp>("get"),
  delete: ofJob<DeleteOp>("delete"),
  update,
  delete_many: { print: printDeleteMany, parse: parseDeleteMany },
  list: { print: printList, parse: parseList },
  rescue: { print: printRescue, parse: parseRescue },
  clean: { print: printClean, parse: parseClean },
  clean_queues: { print: printCleanQueues, parse: parseCleanQueues },
  enqueue_periodic: { print: printEnqueue, parse: parseEnqueue },
  ...SERVICE_STEPS,
};
