import { checkInvariants } from "../../spec/invariants.ts";
import { holds } from "../../spec/model/key.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Job, type Micros, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { compareJobs } from "../compare/compare.ts";
import { type Difference, kindOf } from "../compare/difference.ts";
import type { LiveFinding } from "./evidence.ts";
import type { Terms } from "./operation.ts";
import type { Change } from "./recorder.ts";

/** A change that was judged, with the rules that had something to say of it. */
export type Judged = Readonly<{ finding: LiveFinding | null; fired: ReadonlySet<RuleId> }>;

/** Whether one change is what the model makes of the operation, for one job among the holders of its key. */
export function judgeUpdate(
  change: Change & Readonly<{ from: Job }>,
  op: Op,
  rivals: readonly Job[],
  { law }: Terms,
): Judged {
  const { from, to, seq } = change;
  const before = stateOf([from, ...rivals], from);
  const after = stateOf([...(to === null ? [] : [to]), ...rivals], from);
  const expected = step(before, op, law);
  const differences = compareJobs(before, expected, after.jobs).filter(
    ({ job }) => job === from.id,
  );
  const { violations, fired } = checkInvariants(before, after, op);
  const own = expected.effects.filter(({ job }) => job === from.id).map(({ rule }) => rule);
  const breaks = violations.map(({ rule }) => rule);
  const [first] = differences;
  const [violation] = violations;
  const rules = new Set([...own, ...fired]);
  if (first === undefined && violation === undefined) return { finding: null, fired: rules };
  const rule = nameOf(first, op, breaks);
  const finding: LiveFinding = {
    rule,
    job: from.id,
    seq,
    kind: kindOf(op),
    column: first?.column ?? "state",
    must: show(first?.expected ?? from.state),
    is: show(first?.got ?? to?.state ?? "gone"),
    because: first === undefined ? (violation?.because ?? "") : whyOf(first, op, from),
    breaks: [...new Set(breaks)].filter((each) => each !== rule),
  };
  return { finding, fired: rules };
}

/** Whether a row that is new is one that an insert may leave. */
export function judgeInsert({ to, seq, at }: Change & Readonly<{ to: Job }>): Judged {
  const op: Op = { op: "insert", now: Math.max(at, to.finalizedAt ?? at), jobs: [] };
  const { violations, fired } = checkInvariants(EMPTY, stateOf([to], to), op);
  const isNew = to.attempt === 0 && ["available", "scheduled", "pending"].includes(to.state);
  const [violation] = violations;
  const about = { job: to.id, seq, kind: "insert", column: "state", is: to.state, breaks: [] };
  if (violation !== undefined) {
    const { rule, because } = violation;
    return { finding: { ...about, rule, must: "a new job's", because }, fired };
  }
  const because = `#${to.id} was inserted ${to.state}, with attempt ${to.attempt}.`;
  const finding = { ...about, rule: "INS-5" as const, must: "a new job's", because };
  return { finding: isNew ? null : finding, fired };
}

/** Nobody but these rows is looked at. What was fetched last is what an outcome is for. */
function stateOf(jobs: readonly Job[], { id, attempt, attemptedAt }: Job): State {
  const held = attemptedAt === null ? [] : [{ attempt, attemptedAt }];
  return {
    ...EMPTY,
    jobs: new Map(jobs.map((job) => [job.id, job])),
    fetches: new Map([[id, held]]),
  };
}

/** Where no rule asks for the change, it is named by what it took without right, else by the invariant that it breaks. */
function nameOf(first: Difference | undefined, op: Op, breaks: readonly RuleId[]): RuleId {
  if (first !== undefined && first.rule !== "INV-12") return first.rule;
  if (first !== undefined && op.op === "fetch") return "FET-1";
  return breaks[0] ?? "INV-12";
}

function whyOf({ because, rule }: Difference, op: Op, from: Job): string {
  if (rule === "INV-12" && op.op === "fetch" && from.state !== "available")
    return `#${from.id} was ${from.state} already when it was fetched.`;
  return because;
}

const show = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "none");

type Holding = { readonly row: Job; readonly seq: number; until: Change | null };

/** Who has held each key, and until when. */
export class Holdings {
  readonly #all = new Map<string, Holding[]>();

  constructor(changes: readonly Change[]) {
    for (const change of changes) this.#note(change);
  }

  /** The others that hold the job's key just before a change. */
  now({ from, seq }: Change & Readonly<{ from: Job }>): readonly Job[] {
    return this.#others(from, (held) => held.seq < seq && (held.until?.seq ?? seq) >= seq);
  }

  /**
   * The others that held it at some instant between a change's snapshot, which is as old as its statement, and the end of its transaction: a
   * holder that gave up meanwhile was still there for it.
   */
  around({ from, seq, at }: Change & Readonly<{ from: Job }>, end: number): readonly Job[] {
    const isPast = ({ until }: Holding) =>
      until !== null && until.seq < seq && until.at < at - COMMIT;
    return this.#others(from, (held) => held.seq <= end && !isPast(held)).slice(-1);
  }

  /** Each time that somebody took a key while another had it. */
  *clashes(): Generator<Readonly<{ key: string; seq: number; jobs: readonly [number, number] }>> {
    for (const [key, holdings] of this.#all) {
      for (const [i, { row, seq }] of holdings.entries()) {
        const other = holdings
          .slice(0, i)
          .find((held) => held.row.id !== row.id && (held.until?.seq ?? seq + 1) > seq);
        if (other !== undefined) yield { key, seq, jobs: [other.row.id, row.id] };
      }
    }
  }

  #others({ id, uniqueKey }: Job, fits: (held: Holding) => boolean): readonly Job[] {
    const all = uniqueKey === null ? [] : (this.#all.get(uniqueKey) ?? []);
    return all.filter((held) => held.row.id !== id && fits(held)).map(({ row }) => row);
  }

  #note(change: Change): void {
    const { from, to, seq } = change;
    if (from?.uniqueKey != null) {
      const open = this.#all
        .get(from.uniqueKey)
        ?.find(({ row, until }) => row.id === from.id && until === null);
      if (open !== undefined) open.until = change;
    }
    if (to?.uniqueKey == null || !holds(to)) return;
    const holding: Holding = { row: to, seq, until: null };
    const known = this.#all.get(to.uniqueKey);
    if (known === undefined) this.#all.set(to.uniqueKey, [holding]);
    else known.push(holding);
  }
}

/** How long after its last change a transaction may take to commit. */
const COMMIT: Micros = 1_000_000;
