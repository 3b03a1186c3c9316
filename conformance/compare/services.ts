import type { Effect, Step } from "../../spec/model/effect.ts";
import { jsonb } from "../../spec/model/jsonb.ts";
import type { Leader, Notification, Queue } from "../../spec/model/state.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { type Column, type Difference, type Observed, owed } from "./difference.ts";

/** Rows of `river_queue` and `river_leader` that are otherwise than the rules say. */
export function compareServices(expected: Step, observed: Observed): Difference[] {
  const { state, effects, answer } = expected;
  const refusal = answer.op === "refused" ? answer.rule : undefined;
  const names = new Set([...state.queues.keys(), ...observed.queues.keys()]);
  const queues = [...names].flatMap((name) => {
    const own = effects.filter((each) => each.queue?.name === name);
    // What a rule does to a queue is all that it does to it.
    const ruleOf = (column: string | null) =>
      own.findLast(({ queue }) => column !== null && column in (queue?.set ?? {})) ?? own.at(-1);
    const pair = { want: state.queues.get(name) ?? null, got: observed.queues.get(name) ?? null };
    return compareRow(
      effects,
      pair,
      QUEUE_COLUMNS,
      (column) => ruleOf(column)?.rule ?? refusal,
    ).map((each) => ({ ...each, on: `queue ${name}` }));
  });
  const decided = effects.findLast((each) => each.leader !== undefined);
  const leader = { want: state.leader, got: observed.leader };
  return [
    ...queues,
    ...compareRow(effects, leader, LEADER_COLUMNS, () => decided?.rule ?? refusal).map((each) => ({
      ...each,
      on: "leader",
    })),
  ];
}

const QUEUE_COLUMNS: readonly (keyof Queue)[] = [
  "name",
  "pausedAt",
  "metadata",
  "updatedAt",
  "createdAt",
];
const LEADER_COLUMNS: readonly (keyof Leader)[] = ["leaderId", "electedAt", "expiresAt"];

/** A row that is there on one side only, or its columns that differ. */
function compareRow<Row extends object>(
  effects: readonly Effect[],
  { want, got }: Readonly<{ want: Row | null; got: Row | null }>,
  columns: readonly (keyof Row & Column)[],
  ruleOf: (column: Column | null) => RuleId | undefined,
): Difference[] {
  const differs = (column: Column | null, expected: unknown, seen: unknown) =>
    owed(effects, ruleOf(column) ?? "INV-12", null, column, expected, seen);
  if (want === null || got === null) {
    if (want === got) return [];
    return [differs(null, want === null ? "no row" : "a row", got === null ? "no row" : "a row")];
  }
  return columns
    .filter((column) => want[column] !== got[column])
    .map((column) => differs(column, want[column], got[column]));
}

/** INV-9: rows of queues and of the leader that an answer carries are as the database has them. To show queues is nothing else. */
export function compareServiceTruth({ reply, queues, leader }: Observed): Difference[] {
  const rule = reply.op === "queue_get" ? "PAU-14" : reply.op === "queue_list" ? "PAU-15" : "INV-9";
  const said = "queues" in reply ? reply.queues : "queue" in reply ? [reply.queue] : [];
  return [
    ...said.flatMap((row) =>
      untrue(rule, queues.get(row.name) ?? null, row, QUEUE_COLUMNS, `queue ${row.name}`),
    ),
    ...("leader" in reply && reply.leader !== null
      ? untrue(rule, leader, reply.leader, LEADER_COLUMNS, "leader")
      : []),
  ];
}

/** A row that is not there at all is another rule's. */
const untrue = <Row extends object>(
  rule: RuleId,
  stored: Row | null,
  said: Row,
  columns: readonly (keyof Row & Column)[],
  on: string,
): Difference[] =>
  columns
    .filter((column) => stored !== null && stored[column] !== said[column])
    .map((column) => ({
      rule,
      job: null,
      on,
      column,
      expected: stored?.[column],
      got: said[column],
      because: "The answer says otherwise than the table.",
    }));

/** What listeners were told and need not have been, or were not told; nothing where nobody listens. */
export function compareNotifications(expected: Step, observed: Observed): Difference[] {
  const { notifications } = observed;
  if (notifications === null) return [];
  const left = notifications.map(textOf);
  const refusal = expected.answer.op === "refused" ? expected.answer.rule : undefined;
  const differs = (rule: RuleId, want: string, got: string): Difference => ({
    ...owed(expected.effects, rule, null, null, want, got),
    on: "notification",
  });
  const missing = expected.effects.flatMap(({ notify, rule }) => {
    if (notify === undefined) return [];
    const at = left.indexOf(textOf(notify));
    if (at >= 0) left.splice(at, 1);
    return at >= 0 || notify.optional ? [] : [differs(rule, textOf(notify), "nothing")];
  });
  const surplus = left.map((text) => {
    const channel = text.split(" ")[0];
    const owner = expected.effects.find((each) => each.notify?.channel === channel);
    return differs(owner?.rule ?? refusal ?? "INV-12", "nothing", text);
  });
  return [...missing, ...surplus];
}

const textOf = ({ channel, payload }: Notification): string =>
  `${channel} ${jsonb(payload) ?? payload}`;
