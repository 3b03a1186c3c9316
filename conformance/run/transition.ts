import type { Law, Step } from "../../spec/model/effect.ts";
import { holdersOf } from "../../spec/model/key.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Job, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { kindOf } from "../compare/difference.ts";

/**
 * The abstract transitions of a step: operation × state × mask × who holds the key × attempts left × what became of the job and by which
 * rules. What leaves a job in its state counts once per operation, state and rules.
 */
export function transitionsOf(before: State, expected: Step, op: Op): ReadonlySet<string> {
  const rules = new Map<number | null, Set<RuleId>>();
  for (const { job, rule } of expected.effects) {
    const own = rules.get(job);
    if (own === undefined) rules.set(job, new Set([rule]));
    else own.add(rule);
  }
  const found = new Set<string>();
  for (const [id, by] of rules) {
    const from = id === null ? undefined : before.jobs.get(id);
    const to = id === null ? undefined : expected.state.jobs.get(id);
    const what =
      from === undefined
        ? describeServices(before, expected, op)
        : from.state === to?.state
          ? from.state
          : describe(before, from);
    found.add([kindOf(op), what, to?.state ?? "–", [...by].join(" ")].join(" | "));
  }
  return found;
}

/** What a queue or the leader was before it was changed; `new` where neither is. */
function describeServices({ queues, leader }: State, { effects }: Step, { now }: Op): string {
  const found = new Set<string>();
  for (const effect of effects) {
    if (effect.queue !== undefined) {
      const row = queues.get(effect.queue.name);
      found.add(row === undefined ? "no queue" : row.pausedAt === null ? "open" : "paused");
    }
    if (effect.leader !== undefined) {
      found.add(leader === null ? "no leader" : leader.expiresAt < now ? "expired" : "leading");
    }
  }
  return found.size === 0 ? "new" : [...found].sort().join(" ");
}

function describe(before: State, job: Job): string {
  const left = Math.min(job.maxAttempts - job.attempt, 2);
  const holders = job.uniqueKey === null ? [] : holdersOf(before, job.uniqueKey);
  const holder =
    job.uniqueKey === null
      ? "–"
      : holders.length === 0
        ? "nobody"
        : holders.some((each) => each.id === job.id)
          ? "itself"
          : "another";
  return [job.state, job.uniqueStates ?? "–", holder, left].join(" ");
}

/** What a sequence reaches, as the model has it: abstract transitions, and rules that fire. */
export function traitsOf(
  ops: readonly Op[],
  law: Law,
): Readonly<{ transitions: ReadonlySet<string>; rules: ReadonlySet<RuleId> }> {
  const transitions = new Set<string>();
  const rules = new Set<RuleId>();
  let state = EMPTY;
  for (const op of ops) {
    const next = step(state, op, law);
    for (const transition of transitionsOf(state, next, op)) transitions.add(transition);
    for (const { rule } of next.effects) rules.add(rule);
    state = next.state;
  }
  return { transitions, rules };
}
