import type { RuleId } from "../rules.generated.ts";
import { applyEffects, type Effect, refuse, type Step } from "./effect.ts";
import { isStorable, ofMembers, quote } from "./jsonb.ts";
import type { ElectOp, ReelectOp, ResignOp } from "./op.ts";
import type { Leader, Micros, Notification, State } from "./state.ts";

/** How long River's clients lead at a time. */
export const LEASE: Micros = 15_000_000;

function decided(rule: RuleId, leader: Leader | null, because: string): Effect {
  return { rule, job: null, set: {}, because, leader };
}

/** A client wants to lead. */
export function elect(state: State, op: ElectOp): Step {
  const { now, client, lease } = op;
  const refusal = refusalOf(client, lease);
  if (refusal !== null) return refuse(state, "LDR-10", refusal);
  const { leader } = state;
  if (leader !== null && leader.expiresAt >= now) {
    return answered(state, op.op, false, decided("LDR-2", leader, `${leader.leaderId} leads.`));
  }
  const elected: Leader = { leaderId: client, electedAt: now, expiresAt: now + lease };
  const why = leader === null ? "Nobody leads." : `The lease of ${leader.leaderId} has run out.`;
  const terms = new Map(state.terms).set(client, [...(state.terms.get(client) ?? []), now]);
  return answered({ ...state, terms }, op.op, true, decided("LDR-1", elected, why));
}

/** A leader wants to go on. */
export function reelect(state: State, op: ReelectOp): Step {
  const { now, client, lease } = op;
  const refusal = refusalOf(client, lease);
  if (refusal !== null) return refuse(state, "LDR-10", refusal);
  const own = inTerm(state, op);
  if (own === null) {
    return answered(state, op.op, false, decided("LDR-4", state.leader, notIts(state, client)));
  }
  if (own.expiresAt < now) {
    const because = `The lease of ${own.leaderId} has run out.`;
    return answered(state, op.op, false, decided("LDR-5", own, because));
  }
  const longer = { ...own, expiresAt: now + lease };
  const because = `${own.leaderId} leads in this term.`;
  return answered(state, op.op, true, decided("LDR-3", longer, because));
}

const answered = (
  state: State,
  op: "elect" | "reelect",
  elected: boolean,
  effect: Effect,
): Step => ({
  state: applyEffects(state, [effect]),
  answer: { op, elected },
  effects: [effect],
});

/** A leader gives up its term. */
export function resign(state: State, op: ResignOp): Step {
  const own = inTerm(state, op);
  const answer = { op: "resign", resigned: own !== null } as const;
  if (own === null) {
    const effect = decided("LDR-7", state.leader, notIts(state, op.client));
    return { state, answer, effects: [effect] };
  }
  const because = `${own.leaderId} leads in this term.`;
  const notify = told([
    ["action", quote("resigned")],
    ["leader_id", quote(own.leaderId)],
  ]);
  const effects = [
    decided("LDR-6", null, because),
    { rule: "LDR-8", job: null, set: {}, because, notify } as const,
  ];
  return { state: applyEffects(state, effects), answer, effects };
}

/** Somebody wants another leader. */
export function requestResign(state: State): Step {
  const notify = told([
    ["action", quote("request_resign")],
    ["leader_id", quote("")],
  ]);
  const because = "The leader itself must resign.";
  const effects = [{ ...decided("LDR-9", state.leader, because), notify }];
  return { state, answer: { op: "request_resign" }, effects };
}

const told = (members: readonly (readonly [string, string])[]): Notification => ({
  channel: "leadership",
  payload: ofMembers(members),
});

/** The leader, if it is this client in this term. */
function inTerm(
  { leader, terms }: State,
  { client, term }: Readonly<{ client: string; term?: number }>,
): Leader | null {
  const known = terms.get(client) ?? [];
  const electedAt = term === undefined ? known.at(-1) : known[term];
  return leader?.leaderId === client && leader.electedAt === electedAt ? leader : null;
}

const notIts = ({ leader }: State, client: string): string =>
  leader === null
    ? "Nobody leads."
    : leader.leaderId === client
      ? `${client} leads, but in another term.`
      : `${leader.leaderId} leads.`;

function refusalOf(client: string, lease: Micros): string | null {
  const { length } = [...client];
  if (length < 1 || length > 127 || !isStorable(client))
    return `The name has ${length} characters.`;
  return lease > 0 ? null : `The lease is ${lease} microseconds.`;
}
