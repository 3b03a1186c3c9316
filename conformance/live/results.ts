import { membersOf } from "../../spec/model/jsonb.ts";
import { isCancelRequested } from "../../spec/model/settle.ts";
import { EMPTY, type Micros } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Attempt, Outcome } from "./attempts.ts";
import { type ClientStory, type LiveFinding, nameOf } from "./evidence.ts";
import type { Terms } from "./operation.ts";
import type { Ending } from "./script.ts";

/** What an attempt shows: a broken rule, what cannot be decided and why, or nothing. */
export type Opinion = Readonly<{ finding: LiveFinding }> | Readonly<{ unclear: string }> | null;

/** What the other attempts of a client tell of it. */
export type Context = Readonly<{
  terms: Terms;
  story: ClientStory | undefined;
  /** All attempts of the same client. */
  siblings: readonly Attempt[];
  /** All attempts of the same job. */
  ofJob: readonly Attempt[];
}>;

const SECOND: Micros = 1_000_000;
/** So long after its handler's word a result may be on its way, and so much later ones may overtake it: connections break. */
const UNDERWAY: Micros = SECOND;
/** A cut that comes so near to a fetch may have taken its answer. */
const NEAR: Micros = 2 * SECOND;

/** Whether an attempt ended as its script says, or else for a reason that is on record. */
export function judgeResult(attempt: Attempt, context: Context): Opinion {
  const { began, ended, end } = attempt;
  const twice = new Set(began.map(({ run }) => run));
  if (twice.size > 1) {
    const clients = [...new Set(began.map(({ client }) => nameOf(client)))].join(" and ");
    const because = `${clients} ran the same attempt of #${attempt.row.id}.`;
    const at = began.find(({ run }) => run !== began[0]?.run)?.at ?? 0;
    const said = { must: "run once", is: `run ${twice.size} times`, because, at };
    return finding({ ...attempt, end: null }, "FET-5", said);
  }
  if (ended?.how === "complete_tx" && end?.change.tx !== ended.tx) {
    return finding(attempt, "FIN-1", {
      must: "completed",
      is: end?.change.to?.state ?? "running",
      because: "What its handler wrote in the transaction of its completion was committed.",
    });
  }
  if (end === null) return null;
  if (end.outcome === "rescue") return judgeRescue(attempt, end.change.at, context);
  if (end.outcome === "gone") return null;
  if (end.outcome === "interrupt") return judgeInterrupt(attempt, end.change.at, context);
  return judgeOutcome(attempt, end.outcome, end.change.at, context);
}

function judgeOutcome(
  attempt: Attempt,
  outcome: Outcome,
  at: Micros,
  { ofJob, terms }: Context,
): Opinion {
  const { ended, end, row } = attempt;
  if (ended === null || ended.at > at) {
    const late = ofJob.find(
      (other) =>
        other !== attempt &&
        other.ended !== null &&
        other.ended.at <= at &&
        other.attemptedAt < attempt.attemptedAt,
    );
    const because =
      late === undefined
        ? `No handler had said by then how this attempt of #${row.id} ends.`
        : `The handler of attempt ${late.row.attempt}, which had been rescued, ended just before; that of this one had not.`;
    return finding(attempt, "FIN-16", {
      must: "running",
      is: end?.change.to?.state ?? "gone",
      because,
    });
  }
  const mayBe = allowed(
    ended.how,
    end?.change.from ?? row,
    at - attempt.attemptedAt >= terms.timeout,
  );
  if (!mayBe.includes(outcome)) return owed(attempt, ended.how, at, terms);
  return outcome === "complete" ? judgeOutput(attempt) : null;
}

/** The outcomes that the word of a handler may come to: a cancellation and a timeout also show where it ended by an error of its own. */
function allowed(how: string | null, row: Attempt["row"], isOvertime: boolean): readonly Outcome[] {
  const cancel: readonly Outcome[] = isCancelRequested(row) ? ["cancel"] : [];
  if (how === "signal") return [...cancel, ...(isOvertime ? (["error"] as const) : [])];
  const outcome = OUTCOMES[how as Ending];
  if (outcome === null) return [];
  // On the last attempt nothing tells the two apart.
  if (outcome === "discard" && row.attempt >= row.maxAttempts) return [outcome, "error"];
  return outcome === "error" || outcome === "snooze" ? [outcome, ...cancel] : [outcome];
}

const OUTCOMES: Readonly<Record<Ending, Exclude<Outcome, "interrupt" | "rescue" | "gone"> | null>> =
  {
    complete: "complete",
    complete_tx: "complete",
    error: "error",
    panic: "error",
    snooze: "snooze",
    cancel: "cancel",
    discard: "discard",
    hang: null,
  };

function judgeOutput(attempt: Attempt): Opinion {
  const { actions, end } = attempt;
  const output = actions.findLast((action) => action.do === "output");
  if (output?.do !== "output") return null;
  const is = membersOf(end?.change.to?.metadata ?? "{}")?.get("output") ?? "none";
  if (
    JSON.stringify(JSON.parse(output.json)) ===
    JSON.stringify(JSON.parse(is === "none" ? "null" : is))
  )
    return null;
  const because = "The handler recorded it before it ended.";
  return finding(attempt, "FIN-14", { must: `output ${output.json}`, is, because });
}

/** Given back: only by a client that was stopped, or that was never told of the fetch. */
function judgeInterrupt(attempt: Attempt, at: Micros, { story, terms }: Context): Opinion {
  if (attempt.began.length === 0) return null;
  const stop = story?.stop ?? null;
  if (stop?.hard && at >= stop.from - SECOND) return null;
  return owed(attempt, attempt.ending, at, terms);
}

/** The rescue itself was judged as a change; here it is whether there was anything to rescue. */
function judgeRescue(attempt: Attempt, at: Micros, context: Context): Opinion {
  const { began, ended, row, client, attemptedAt } = attempt;
  const { story, siblings, terms } = context;
  const isGone =
    story === undefined ||
    (story.killedAt !== null && story.killedAt <= at) ||
    (story.stop !== null && story.stop.from <= at);
  // Its client was no more, its handler was still at it, or the result was on its way.
  if (isGone || (began.length > 0 && (ended === null || ended.at > at - UNDERWAY))) return null;
  if (ended === null) {
    if (story.cuts.some((cut) => Math.abs(cut - attemptedAt) < NEAR)) return null;
    const later = siblings.some(
      (other) =>
        other.began.length > 0 &&
        other.attemptedAt > attemptedAt + UNDERWAY &&
        other.attemptedAt < at,
    );
    if (later) return owed(attempt, attempt.ending, at, terms);
    return {
      unclear: `#${row.id} was fetched by ${nameOf(client)} and never begun, nor was anything that it fetched later`,
    };
  }
  const isOvertaken = siblings.some(
    (other) =>
      other.ended !== null &&
      other.ended.at > ended.at + UNDERWAY &&
      other.end !== null &&
      other.end.outcome !== "rescue" &&
      other.end.change.at < at,
  );
  if (isOvertaken) return owed(attempt, ended.how, at, terms);
  return {
    unclear: `the result of #${row.id} was never written, nor was any later one of ${nameOf(client)}`,
  };
}

/** What the rules say of the outcome that was owed. */
function owed(attempt: Attempt, how: string | null, now: Micros, { law }: Terms): Opinion {
  const { row, end, client } = attempt;
  const kind = OUTCOMES[how as Ending] ?? (how === "signal" ? "error" : "complete");
  const message = { message: "scripted" };
  const outcome =
    kind === "complete"
      ? ({ kind } as const)
      : kind === "snooze"
        ? ({ kind, for: snoozeOf(attempt) } as const)
        : kind === "error"
          ? ({ kind, ...message, retryAt: null } as const)
          : ({ kind, ...message } as const);
  const running = end?.change.from ?? row;
  const held = { attempt: row.attempt, attemptedAt: attempt.attemptedAt };
  const state = {
    ...EMPTY,
    jobs: new Map([[row.id, running]]),
    fetches: new Map([[row.id, [held]]]),
  };
  const expected = step(state, { op: "finish", now, job: row.id, outcome }, law);
  const effect = expected.effects.find(({ set }) => set.state !== undefined);
  const said = how === "signal" ? "its signal" : how === null ? "nothing" : how;
  return finding(attempt, effect?.rule ?? "FIN-1", {
    must: expected.state.jobs.get(row.id)?.state ?? "completed",
    is: end?.change.to?.state ?? "running",
    because: `Its handler said ${said}, and ${nameOf(client)} went on to work.`,
    kind: `finish ${kind}`,
  });
}

const snoozeOf = ({ actions }: Attempt): Micros => {
  const last = actions.at(-1);
  return last?.do === "snooze" ? last.ms * 1000 : 0;
};

type Said = Pick<LiveFinding, "must" | "is" | "because" | "at"> & Readonly<{ kind?: string }>;

function finding({ row, end }: Attempt, rule: RuleId, said: Said): Opinion {
  const kind = end === null ? "running" : `finish ${end.outcome}`;
  const seq = end?.change.seq ?? null;
  return { finding: { kind, ...said, rule, job: row.id, seq, column: "state", breaks: [] } };
}

/** Whether what a client had under way was settled when it said that it had stopped. */
export function judgeStop(attempt: Attempt, { story, terms }: Context): Opinion {
  const until = story?.stop?.until ?? null;
  if (until === null || attempt.attemptedAt > until) return null;
  const end = attempt.end?.change.at ?? null;
  if (end !== null && end <= until + SECOND) return null;
  return owed(attempt, story?.stop?.hard ? "complete" : attempt.ending, until, terms);
}
