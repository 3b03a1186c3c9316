import { asked, leftOver } from "./isolation.ts";
import { isPastRetention } from "./model/clean.ts";
import { misfit } from "./model/filter.ts";
import { holdersOf, holds } from "./model/key.ts";
import type { Op } from "./model/op.ts";
import { isCancelRequested } from "./model/settle.ts";
import type { Job, JobState, Micros, State } from "./model/state.ts";
import { isFinal, listJobs } from "./model/words.ts";
import type { RuleId } from "./rules.generated.ts";

/** An invariant that a state or a transition breaks. `job` is the one it shows on; null for a key's. */
export type Violation = Readonly<{ rule: RuleId; job: number | null; because: string }>;

type Transition = Readonly<{ before: State; after: State; op: Op }>;
type Pair = Readonly<{ from: Job; to: Job }>;

/** What one operation added in violations of invariants; what was broken before it is not counted again. Also which invariants had something to say. */
export function checkInvariants(
  before: State,
  after: State,
  op: Op,
): { violations: readonly Violation[]; fired: ReadonlySet<RuleId> } {
  const transition = { before, after, op };
  const fired = new Set<RuleId>();
  const violations = CHECKS.flatMap(({ rule, subjects, check }) => {
    const found = subjects(transition);
    if (found.length > 0) fired.add(rule);
    return found.flatMap((subject) => {
      const because = check(subject, transition);
      return because === null ? [] : [{ rule, job: subject.job, because }];
    });
  });
  return { violations, fired };
}

type Subject = Readonly<{ job: number | null; key?: string; pair?: Pair; row?: Job }>;
type Check = Readonly<{
  rule: RuleId;
  /** What it speaks of in this transition; none, and it has not fired. */
  subjects: (transition: Transition) => readonly Subject[];
  /** Null where it holds. */
  check: (subject: Subject, transition: Transition) => string | null;
}>;

const pairsOf = ({ before, after }: Transition): Subject[] =>
  [...before.jobs.values()].flatMap((from) => {
    const to = after.jobs.get(from.id);
    return to === undefined ? [] : [{ job: from.id, pair: { from, to } }];
  });

const rowsOf = ({ after }: Transition): Subject[] =>
  [...after.jobs.values()].map((row) => ({ job: row.id, row }));

const keysOf = ({ after }: Transition): Subject[] => {
  const keys = new Set<string>();
  for (const job of after.jobs.values())
    if (job.uniqueKey !== null && holds(job)) keys.add(job.uniqueKey);
  return [...keys].map((key) => ({ job: null, key }));
};

/** INV-1 */
const isSafe: Check = {
  rule: "INV-1",
  subjects: keysOf,
  check: ({ key = "" }, { before, after }) => {
    const holders = holdersOf(after, key);
    if (holders.length <= Math.max(1, holdersOf(before, key).length)) return null;
    return `${holders.map((job) => `#${job.id}`).join(" and ")} hold key ${key}.`;
  },
};

const isWaiting = (state: JobState | undefined): boolean =>
  state === "scheduled" || state === "retryable";

/** INV-2 */
const isLive: Check = {
  rule: "INV-2",
  subjects: ({ before, op }) => {
    if (op.op !== "schedule") return [];
    const due = [...before.jobs.values()].filter(
      (job) => job.uniqueStates !== null && isWaiting(job.state) && job.scheduledAt <= op.horizon,
    );
    const keys = new Set(due.flatMap((job) => (job.uniqueKey === null ? [] : [job.uniqueKey])));
    return [...keys].map((key) => ({ job: null, key }));
  },
  check: ({ key = "" }, { before, after }) => {
    const lost = [...after.jobs.values()].filter(
      (job) =>
        job.uniqueKey === key &&
        job.state === "discarded" &&
        before.jobs.get(job.id)?.state !== "discarded",
    );
    // Masks from before River 0.13 may lack available: whoever was promoted has won the key without holding it.
    const isWon = [...after.jobs.values()].some(
      (job) =>
        job.uniqueKey === key &&
        job.state === "available" &&
        isWaiting(before.jobs.get(job.id)?.state),
    );
    if (lost.length === 0 || isWon || holdersOf(after, key).length > 0) return null;
    return `#${lost[0]?.id} was discarded, and nobody holds key ${key}.`;
  },
};

/** INV-3 */
const isTerminal: Check = {
  rule: "INV-3",
  subjects: (transition) =>
    pairsOf(transition).filter(({ pair }) => pair !== undefined && isFinal(pair.from.state)),
  check: ({ pair }, { op }) => {
    if (pair === undefined || (op.op === "retry" && op.job === pair.from.id)) return null;
    const { metadata: _before, ...from } = pair.from;
    const { metadata: _after, ...to } = pair.to;
    if (JSON.stringify(from) === JSON.stringify(to)) return null;
    return `#${from.id} was ${from.state}, and changed.`;
  },
};

const isOddlyDated = (row: Job): boolean => isFinal(row.state) !== (row.finalizedAt !== null);

/** INV-4 */
const isDated: Check = {
  rule: "INV-4",
  subjects: rowsOf,
  check: ({ row }, { before, op }) => {
    if (row === undefined) return null;
    const was = before.jobs.get(row.id);
    if (isOddlyDated(row) && !(was !== undefined && isOddlyDated(was))) {
      const dated = row.finalizedAt === null ? "has no finalized_at" : "has a finalized_at";
      return `#${row.id} is ${row.state} and ${dated}.`;
    }
    const isNew = was?.finalizedAt !== row.finalizedAt;
    const isLate = row.finalizedAt !== null && row.finalizedAt > op.now;
    return isNew && isLate ? `#${row.id} was finalized later than now.` : null;
  },
};

/** What INV-5 allows: the changes of `attempt` that an operation may make to a job. */
function mayCount(op: Op, pair: Pair): boolean {
  const change = pair.to.attempt - pair.from.attempt;
  if (op.op === "fetch")
    return change === (pair.to.state === "running" && pair.from.state !== "running" ? 1 : 0);
  if (op.op !== "finish" || op.job !== pair.from.id || pair.from.state !== "running")
    return change === 0;
  const givesBack = op.outcome.kind === "snooze" || op.outcome.kind === "interrupt";
  return change === 0 || (givesBack && change === -1);
}

/** INV-5 */
const isCounted: Check = {
  rule: "INV-5",
  subjects: pairsOf,
  check: ({ pair }, { op }) => {
    if (pair === undefined) return null;
    const { from, to } = pair;
    if (!mayCount(op, pair))
      return `The attempt of #${to.id} went from ${from.attempt} to ${to.attempt}.`;
    const isOver = to.attempt > to.maxAttempts && from.attempt <= from.maxAttempts;
    return isOver ? `#${to.id} has attempt ${to.attempt} of ${to.maxAttempts}.` : null;
  },
};

/** Whether an attempt that `op` ends is one of those that INV-6 counts. */
function hasFailed(op: Op, { to }: Pair): boolean {
  if (op.op === "rescue") return true;
  if (op.op !== "finish" || op.job !== to.id) return false;
  const { kind } = op.outcome;
  return kind === "error" || kind === "discard" || kind === "cancel";
}

/** INV-6 */
const isRecorded: Check = {
  rule: "INV-6",
  subjects: pairsOf,
  check: ({ pair }, { op }) => {
    if (pair === undefined) return null;
    const added = pair.to.errors.length - pair.from.errors.length;
    const ended = pair.from.state === "running" && pair.to.state !== "running";
    return added === (ended && hasFailed(op, pair) ? 1 : 0)
      ? null
      : `#${pair.to.id} has ${added} errors more.`;
  },
};

/** INV-7 */
const isOnTime: Check = {
  rule: "INV-7",
  subjects: (transition) =>
    pairsOf(transition).filter(
      ({ pair }) => pair?.to.state === "running" && pair.from.state !== "running",
    ),
  check: ({ pair }, { op }) => {
    const at: Micros = pair?.to.scheduledAt ?? op.now;
    return at <= op.now ? null : `#${pair?.to.id} runs before its time.`;
  },
};

const isAsked = (job: Job): boolean => job.state === "running" && isCancelRequested(job);

/** INV-8: whoever was asked to end is final, or still in the same attempt and not forgotten. What is final stays so by INV-3. */
const isEnding: Check = {
  rule: "INV-8",
  subjects: (transition) =>
    pairsOf(transition).filter(
      ({ pair }) =>
        pair !== undefined &&
        (isAsked(pair.from) || (isCancelOf(transition.op, pair) && !isFinal(pair.from.state))),
    ),
  check: ({ pair }) => {
    if (pair === undefined || isFinal(pair.to.state)) return null;
    if (isAsked(pair.to) && pair.to.attempt === pair.from.attempt) return null;
    return `#${pair.to.id} was to end, but may start again.`;
  },
};

const isCancelOf = (op: Op, { from }: Pair): boolean => op.op === "cancel" && op.job === from.id;

/** INV-10 */
const isKept: Check = {
  rule: "INV-10",
  subjects: ({ before }) => [...before.jobs.keys()].map((job) => ({ job })),
  check: ({ job }, { before, after, op }) => {
    if (job === null || after.jobs.has(job)) return null;
    return mayRemove(op, before.jobs.get(job)) ? null : `#${job} is no longer there.`;
  },
};

/** INV-11 */
const isIsolated: Check = {
  rule: "INV-11",
  subjects: ({ before, op }) => (asked(before, op).length > 0 ? [{ job: null }] : []),
  check: (_, { before, after, op }) => {
    const left = leftOver(before, after, op);
    return left.length === 0 ? null : `${listJobs(left)} must have been dealt with.`;
  },
};

/** What INV-10 allows: the operations that may take a job away. */
function mayRemove(op: Op, job: Job | undefined): boolean {
  if (op.op === "clean") return job !== undefined && isPastRetention(job, op);
  if (job === undefined || job.state === "running") return false;
  return op.op === "delete_many"
    ? misfit(op, job) === null
    : op.op === "delete" && op.job === job.id;
}

/** INV-15 */
const isInTerm: Check = {
  rule: "INV-15",
  subjects: ({ before }) => (before.leader === null ? [] : [{ job: null }]),
  check: (_, { before, after, op }) => {
    const { leader } = before;
    const isSame =
      leader?.leaderId === after.leader?.leaderId && leader?.electedAt === after.leader?.electedAt;
    if (leader === null || isSame || leader.expiresAt < op.now) return null;
    if (op.op === "resign" && op.client === leader.leaderId && after.leader === null) return null;
    return `${leader.leaderId} led until its lease would run out, and does not lead any more.`;
  },
};

const CHECKS: readonly Check[] = [
  isSafe,
  isLive,
  isTerminal,
  isDated,
  isCounted,
  isRecorded,
  isOnTime,
  isEnding,
  isKept,
  isIsolated,
  isInTerm,
];
