import type { Job, Micros } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { type Attempt, attemptsOf, byFetch, lastActionOf, type RunsByFetch } from "./attempts.ts";
import { type Evidence, type LiveFinding, nameOf } from "./evidence.ts";
import { operationOf } from "./operation.ts";
import type { Change } from "./recorder.ts";
import { type Context, judgeResult, judgeStop, type Opinion } from "./results.ts";
import { Holdings, type Judged, judgeInsert, judgeUpdate } from "./transitions.ts";

/** What the evidence amounts to. */
export type LiveVerdict = Readonly<{
  /** In the order of the record; what only shows at the end comes last. */
  findings: readonly LiveFinding[];
  /** What cannot be decided, and why. */
  unclear: readonly string[];
  /** How often each rule had something to say. */
  fired: ReadonlyMap<RuleId, number>;
  attempts: readonly Attempt[];
}>;

/** So long after a pause its notification has come; a client that shows itself at work by then has heard it. */
const HEARD: Micros = 1_000_000;

/** Judges a run by what is on record of it. A change counts as legal if it was so at some instant between its statement's snapshot and its commit. */
export function judgeLive(evidence: Evidence): LiveVerdict {
  const chains = chainsOf(evidence.changes);
  const runs = byFetch(evidence.runs);
  const attempts = [...chains].flatMap(([job, chain]) =>
    attemptsOf(chain, scriptOf(evidence, job), runs, evidence.terms),
  );
  const judged = judgeChanges(evidence);
  const opinions = judgeAttempts(attempts, evidence);
  const findings = [
    ...judged.flatMap(({ finding }) => (finding === null ? [] : [finding])),
    ...brokenChains(chains, evidence),
    ...clashes(evidence),
    ...opinions.flatMap((each) => (each !== null && "finding" in each ? [each.finding] : [])),
    ...unmatchedRuns(runs, attempts),
    ...pausedFetches(attempts, evidence),
  ];
  const last = Number.POSITIVE_INFINITY;
  return {
    findings: findings.sort((a, b) => (a.seq ?? last) - (b.seq ?? last)),
    unclear: [
      ...opinions.flatMap((each) => (each !== null && "unclear" in each ? [each.unclear] : [])),
      ...unfinished(evidence.rows),
    ],
    fired: countFired(judged),
    attempts,
  };
}

const scriptOf = ({ inserted }: Evidence, job: number) =>
  inserted.get(job) ?? { attempts: [["complete"]] };

function chainsOf(changes: readonly Change[]): ReadonlyMap<number, readonly Change[]> {
  const chains = new Map<number, Change[]>();
  for (const change of changes) {
    if (change.job === null) continue;
    const chain = chains.get(change.job);
    if (chain === undefined) chains.set(change.job, [change]);
    else chain.push(change);
  }
  return chains;
}

/** Each change by itself, as the model has it. */
function judgeChanges(evidence: Evidence): readonly Judged[] {
  const { changes, terms, cancelled } = evidence;
  const holdings = new Holdings(changes);
  const ends = new Map(changes.map(({ tx, seq }) => [tx, seq]));
  return changes.map((change) => {
    const { job, from, to, seq } = change;
    if (job === null) return lost("The whole table was emptied.", change);
    if (from === null) {
      return to === null ? NOTHING : judgeInsert({ ...change, to });
    }
    const op = operationOf(change, lastActionOf(from, scriptOf(evidence, job)), terms);
    if (op === null) return NOTHING;
    if (op.op === "cancel" && !cancelled.has(job)) return unasked(change);
    const own = { ...change, from };
    // A job that is alone with its key when it is promoted, or fetched, needs no look at others.
    const isBlocked = op.op === "schedule" && to?.state === "discarded";
    const rivals = isBlocked
      ? holdings.around(own, ends.get(change.tx) ?? seq)
      : op.op === "schedule" || op.op === "fetch"
        ? []
        : holdings.now(own);
    return judgeUpdate(own, op, rivals, terms);
  });
}

const NOTHING: Judged = { finding: null, fired: new Set() };

function lost(because: string, { job, seq, from }: Change): Judged {
  const about = { job, seq, kind: "delete", column: "row", must: "there", is: "gone", breaks: [] };
  const is = from === null ? about : { ...about, must: from.state };
  return { finding: { ...is, rule: "INV-10", because }, fired: new Set(["INV-10"]) };
}

function unasked({ job, seq, to }: Change): Judged {
  const because = `Nobody asked that #${job} be cancelled.`;
  const about = { job, seq, kind: "cancel", column: "state", breaks: [] };
  const is = to?.state ?? "gone";
  return {
    finding: { ...about, rule: "INV-12", must: "unchanged", is, because },
    fired: new Set(),
  };
}

function countFired(judged: readonly Judged[]): ReadonlyMap<RuleId, number> {
  const fired = new Map<RuleId, number>();
  for (const each of judged)
    for (const rule of each.fired) fired.set(rule, (fired.get(rule) ?? 0) + 1);
  return fired;
}

function judgeAttempts(attempts: readonly Attempt[], evidence: Evidence): readonly Opinion[] {
  const { terms, clients } = evidence;
  const ofClient = groupBy(attempts, ({ client }) => client);
  const ofJob = groupBy(attempts, ({ row }) => row.id);
  return attempts.map((attempt) => {
    const context: Context = {
      terms,
      story: clients.find(({ client }) => client === attempt.client),
      siblings: ofClient.get(attempt.client) ?? [],
      ofJob: ofJob.get(attempt.row.id) ?? [],
    };
    return judgeResult(attempt, context) ?? judgeStop(attempt, context);
  });
}

function groupBy<K, T>(all: readonly T[], keyOf: (each: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}

/** What was on record of a job before a change must be what the change found, and at the end what is there. */
function brokenChains(
  chains: ReadonlyMap<number, readonly Change[]>,
  { rows, inserted }: Evidence,
): readonly LiveFinding[] {
  const now = new Map(rows.map((row) => [row.id, row]));
  const missing = [...inserted.keys()].filter((job) => !chains.has(job));
  return [
    ...[...chains].flatMap(([job, chain]) => {
      const breaks = chain.flatMap(({ from, seq }, i) => {
        const was = chain[i - 1]?.to ?? null;
        return isSame(was, from) ? [] : [tampered(job, seq, was, from)];
      });
      const last = chain.at(-1)?.to ?? null;
      const is = now.get(job) ?? null;
      return isSame(last, is) ? breaks : [...breaks, tampered(job, null, last, is)];
    }),
    ...missing.map((job) => untrue(job)),
  ];
}

const isSame = (a: Job | null, b: Job | null): boolean => JSON.stringify(a) === JSON.stringify(b);

const tampered = (
  job: number,
  seq: number | null,
  was: Job | null,
  is: Job | null,
): LiveFinding => ({
  rule: is === null ? "INV-10" : "INV-12",
  job,
  seq,
  kind: "unseen",
  column: "row",
  must: was?.state ?? "no row",
  is: is?.state ?? "no row",
  because: `#${job} changed while nobody recorded it.`,
  breaks: [],
});

const untrue = (job: number): LiveFinding => ({
  rule: "INV-9",
  job,
  seq: null,
  kind: "insert",
  column: "row",
  must: "a row",
  is: "no row",
  because: `An insert said that it had inserted #${job}.`,
  breaks: [],
});

function clashes({ changes }: Evidence): readonly LiveFinding[] {
  return [...new Holdings(changes).clashes()].map(({ key, seq, jobs: [holder, job] }) => ({
    rule: "INV-1",
    job,
    seq,
    kind: "key",
    column: "uniqueKey",
    must: `held by #${holder} alone`,
    is: `held by #${holder} and #${job}`,
    because: `#${holder} had not given up key ${key} when #${job} took it.`,
    breaks: [],
  }));
}

/** A handler is handed what was fetched, as it was fetched. */
function unmatchedRuns(runs: RunsByFetch, attempts: readonly Attempt[]): readonly LiveFinding[] {
  const known = new Set(attempts.flatMap(({ began, ended }) => [...began, ended]));
  const stray = [...runs.values()].flat().filter((run) => !known.has(run) && run.event === "began");
  return stray.map(({ job, attempt, client, at }) => ({
    at,
    rule: "INV-9",
    job,
    seq: null,
    kind: "fetch",
    column: "attempt",
    must: "a fetch on record",
    is: `a run of attempt ${attempt}`,
    because: `${nameOf(client)} ran attempt ${attempt} of #${job}, which nobody had fetched so.`,
    breaks: [],
  }));
}

function pausedFetches(
  attempts: readonly Attempt[],
  { pauses, runs, clients }: Evidence,
): readonly LiveFinding[] {
  return pauses.flatMap(({ queue, from, until }) => {
    // A process that stood still has heard nothing, nor has one whose connection was cut.
    const hasHeard = ({ client, attemptedAt }: Attempt) =>
      runs.some(
        (run) => run.client === client && run.at > from + HEARD && run.at < attemptedAt - HEARD / 2,
      ) &&
      clients.every((each) => each.client !== client || each.cuts.every((at) => at < from - HEARD));
    const isPaused = ({ row, attemptedAt }: Attempt) =>
      row.queue === queue && attemptedAt > from && attemptedAt < until;
    const wrong = attempts.filter((attempt) => isPaused(attempt) && hasHeard(attempt));
    return wrong.map(({ row, client }) => ({
      rule: "PAU-10" as const,
      job: row.id,
      seq: null,
      kind: "fetch",
      column: "state",
      must: "available",
      is: "running",
      because: `Queue ${queue} was paused, and ${nameOf(client)} goes on to fetch from it.`,
      breaks: [],
    }));
  });
}

function unfinished(rows: readonly Job[]): readonly string[] {
  const left = rows.filter(({ state }) => !isFinal(state));
  if (left.length === 0) return [];
  const [first] = left;
  return [
    `${left.length} of ${rows.length} jobs were not final in time, such as #${first?.id}: ${first?.state}`,
  ];
}
