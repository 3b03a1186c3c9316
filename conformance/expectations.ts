import type { Effect, Step } from "../spec/model/effect.ts";
import { jsonb } from "../spec/model/jsonb.ts";
import { holds } from "../spec/model/key.ts";
import type { Op } from "../spec/model/op.ts";
import type {
  AttemptError,
  Job,
  JobColumn,
  Leader,
  Notification,
  Queue,
} from "../spec/model/state.ts";
import type { RefusalCode } from "./adapter.ts";
import type { Observed } from "./compare/difference.ts";
import { columnName, printValue } from "./notation/column.ts";
import { type Expectation, printPages } from "./notation/expectation.ts";
import { parseMicros } from "./notation/time.ts";
import { keyOfArgs } from "./notation/unique.ts";
import { checkService } from "./service-expectations.ts";

/** What a call said, with jobs under their labels; `database` when an error of the database escaped. */
type Said =
  | Readonly<{ kind: "refused"; code: RefusalCode }>
  | Readonly<{ kind: "database"; sqlstate: string }>
  | Readonly<{
      kind: "inserted";
      jobs: readonly Readonly<{ of: number | null; duplicate: boolean }>[];
    }>
  | Readonly<{ kind: "listed"; pages: readonly (readonly (number | null)[])[] }>
  | Readonly<{ kind: "done" }>;

/** How things are after a step, as the model has it or as it was observed; rows under their labels. */
export type Aftermath = Readonly<{
  op: Op;
  jobs: ReadonlyMap<number, Job>;
  queues: ReadonlyMap<string, Queue>;
  leader: Leader | null;
  said: Said;
  /** The rules that did it; null where only rows are known, and then no expectation of a rule can fail. */
  effects: readonly Effect[] | null;
  /** What listeners must have been told, or were; null where nobody listened. */
  notifications: readonly Notification[] | null;
}>;

/** What the rules make of a step. */
export function aftermathOf(op: Op, { state, answer, effects }: Step): Aftermath {
  const said: Said =
    answer.op === "refused"
      ? { kind: "refused", code: answer.code }
      : answer.op === "insert"
        ? {
            kind: "inserted",
            jobs: answer.jobs.map(({ id, duplicate }) => ({ of: id, duplicate })),
          }
        : answer.op === "list"
          ? { kind: "listed", pages: answer.pages }
          : { kind: "done" };
  const notifications = effects.flatMap(({ notify }) =>
    notify === undefined || notify.optional ? [] : [notify],
  );
  const { jobs, queues, leader } = state;
  return { op, jobs, queues, leader, said, effects, notifications };
}

/** What an implementation made of a step. */
export function aftermathSeen(op: Op, observed: Observed): Aftermath {
  const { jobs, queues, leader, notifications, reply } = observed;
  const labels = new Map([...jobs].map(([label, job]) => [job.id, label]));
  const said: Said =
    reply.op === "refused"
      ? { kind: "refused", code: reply.code }
      : reply.op === "database"
        ? { kind: "database", sqlstate: reply.sqlstate }
        : reply.op === "insert"
          ? {
              kind: "inserted",
              jobs: reply.jobs.map(({ job, duplicate }) => ({
                of: labels.get(job.id) ?? null,
                duplicate,
              })),
            }
          : reply.op === "list"
            ? {
                kind: "listed",
                pages: reply.pages.map((page) => page.map(({ id }) => labels.get(id) ?? null)),
              }
            : { kind: "done" };
  return { op, jobs, queues, leader, said, effects: null, notifications };
}

/** A sentence for each expectation that does not hold, such as "#1 must be discarded, but is available."; a step that is expected to be nothing but refused must be, and no other may be. */
export function checkExpectations(
  expect: readonly Expectation[],
  after: Aftermath,
): readonly string[] {
  const isMet = expect.some((each) => each.kind === "refused");
  const surprise = isMet ? null : unexpectedEnd(after.said);
  const failures = expect.map((each) => check(each, after) ?? checkRule(each, after));
  return [surprise, ...failures].filter((each) => each !== null);
}

function unexpectedEnd(said: Said): string | null {
  if (said.kind !== "refused" && said.kind !== "database") return null;
  return `The call must be answered, but is ${showSaid(said)}.`;
}

function check(expected: Expectation, after: Aftermath): string | null {
  switch (expected.kind) {
    case "refused": {
      const { said } = after;
      if (said.kind === "refused" && said.code === expected.code) return null;
      return `The call must be refused ${expected.code}, but is ${showSaid(said)}.`;
    }
    case "gone":
      return after.jobs.has(expected.job) ? `#${expected.job} must be gone, but is there.` : null;
    case "lists": {
      const want = printPages(expected.pages);
      const got = after.said.kind === "listed" ? printPages(after.said.pages) : "no list";
      return want === got ? null : `The list must be ${want}, but is ${got}.`;
    }
    case "key":
      return checkHolder(expected.key, expected.holder, after);
    case "duplicate":
      return checkDuplicate(expected.job, expected.of, after);
    case "queue":
    case "queue column":
    case "leader":
    case "leader column":
      return checkService(expected, after);
    case "state": {
      const job = after.jobs.get(expected.job);
      if (job === undefined) return absent(expected.job);
      return job.state === expected.state
        ? null
        : `#${expected.job} must be ${expected.state}, but is ${job.state}.`;
    }
    case "told":
      return checkTold(expected.notification, after.notifications);
    case "column":
      return checkColumn(expected.job, expected.column, expected.value, after);
  }
}

function checkRule({ rule, ...expected }: Expectation, { effects }: Aftermath): string | null {
  if (rule === undefined || effects === null) return null;
  const job = "job" in expected ? expected.job : null;
  const own = effects.filter((each) => each.job === job || job === null);
  if (own.some((each) => each.rule === rule)) return null;
  const found = [...new Set(own.map((each) => each.rule))].join(", ") || "none";
  return `The rule of ${job === null ? "the step" : `#${job}`} must be ${rule}, but is ${found}.`;
}

function checkHolder(key: string, holder: number | null, { jobs }: Aftermath): string | null {
  // The key A stands for the args {"key":"A"}, which JSONB prints with a blank.
  const holders = [...jobs]
    .filter(([, job]) => keyOfArgs(job.args.replace(": ", ":")) === key && holds(job))
    .map(([label]) => label);
  if (holder === null ? holders.length === 0 : holders.length === 1 && holders[0] === holder)
    return null;
  const want = holder === null ? "free" : `held by #${holder}`;
  const got =
    holders.length === 0 ? "free" : `held by ${holders.map((each) => `#${each}`).join(" and ")}`;
  return `Key ${key} must be ${want}, but is ${got}.`;
}

function checkTold(
  want: Notification | null,
  notifications: Aftermath["notifications"],
): string | null {
  if (notifications === null) return null;
  const said = notifications.map(showTold);
  if (want === null ? said.length === 0 : said.includes(showTold(want))) return null;
  const wanted = want === null ? "nothing" : showTold(want);
  return `Listeners must be told ${wanted}, but are told ${said.join(" and ") || "nothing"}.`;
}

const showTold = ({ channel, payload }: Notification): string =>
  `${channel} ${jsonb(payload) ?? payload}`;

function checkDuplicate(label: number, of: number, { op, said }: Aftermath): string | null {
  const want = `#${label} must be a duplicate of #${of}`;
  const place = op.op === "insert" ? op.jobs.findIndex((job) => job.id === label) : -1;
  if (place < 0) return `${want}, but this step does not insert it.`;
  if (said.kind !== "inserted") return `${want}, but the call is ${showSaid(said)}.`;
  const got = said.jobs[place];
  if (got?.duplicate === true && got.of === of) return null;
  const found = got === undefined ? "nothing" : got.of === null ? "a job unknown" : `#${got.of}`;
  return `${want}, but ${got?.duplicate === true ? `is one of ${found}` : "is a job of its own"}.`;
}

function checkColumn(
  label: number,
  column: JobColumn,
  want: Job[JobColumn],
  { jobs }: Aftermath,
): string | null {
  const job = jobs.get(label);
  if (job === undefined) return absent(label);
  const [wanted, got] = [canonical(column, want), column === "id" ? label : job[column]];
  if (JSON.stringify(wanted) === JSON.stringify(got)) return null;
  const name = columnName(column);
  return `${name} of #${label} must be ${printValue(column, wanted) || "empty"}, but is ${printValue(column, got) || "empty"}.`;
}

/** Stories write JSON as they like, and the times of errors with their units. */
function canonical(column: JobColumn, value: Job[JobColumn]): Job[JobColumn] {
  if (column === "args" || column === "metadata") return jsonb(String(value)) ?? value;
  if (column !== "errors" || !Array.isArray(value)) return value;
  return (value as readonly AttemptError[]).map((error) => {
    if ("other" in error) return error;
    const at: unknown = error.at;
    const time = typeof at === "string" ? (parseMicros(at) ?? error.at) : error.at;
    return { at: time, attempt: error.attempt, error: error.error, trace: error.trace };
  });
}

const absent = (label: number): string => `#${label} must be there, but is not.`;

function showSaid(said: Said): string {
  if (said.kind === "refused") return `refused ${said.code}`;
  return said.kind === "database" ? `a database error ${said.sqlstate}` : "accepted";
}
