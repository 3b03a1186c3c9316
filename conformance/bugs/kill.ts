import { NEWEST } from "../../spec/model/edition.ts";
import type { Law } from "../../spec/model/effect.ts";
import type { InsertJob, Op } from "../../spec/model/op.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import { lawOf } from "../law.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { type Divergence, runAtOnce, runSequence } from "../run/sequence.ts";
import { type Shrunk, shrink } from "../run/shrink.ts";
import { ofJobs } from "../walk/shrink.ts";
import { scopeOf } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";
import { type Bug, infect, staleEdit } from "./bug.ts";
import { referenceStatements, sends } from "./statements.ts";

/** What came of hunting one seeded bug. */
export type Verdict = Readonly<{
  bug: Bug;
  /**
   * `killed`: found, and named by a rule that it breaks; `wrong rule`: only other rules were named; `survived`: no difference; `stale
   * edit`: it never got into the reference; `broken`: it makes a statement that Postgres does not take.
   */
  verdict: "killed" | "survived" | "wrong rule" | "stale edit" | "broken";
  /** The rule that found it, or (where that is wrong) the first that was named instead; else null. */
  rule: RuleId | null;
  /** Which sequence found it, from 1; for other verdicts, how many were tried. */
  sequence: number;
  /** From the start to the finding, without shrinking; for other verdicts, in all. */
  seconds: number;
  /** The steps that show it, from an empty queue; empty unless killed. */
  ops: readonly Op[];
  /** The text that is stale, the database's message, or the rules that were named instead; else null. */
  why: string | null;
}>;

/** How far to hunt: whichever limit comes first. */
export type KillOptions = Readonly<{
  seed: number;
  /** The sequence to begin with, for a bug of which it is known that those before do not find it; 1 by default. */
  from?: number;
  sequences?: number;
  seconds?: number;
  /** False: the steps that show it are left as they were found, which is much faster; true by default. */
  shrinks?: boolean;
}>;

/** Puts one bug into the reference and hunts for it, past whatever is named by rules that it does not list. */
export async function killBug(ground: Ground, bug: Bug, options: KillOptions): Promise<Verdict> {
  const stale = staleEdit(bug, await referenceStatements());
  const hunt = new BugHunt(ground, bug, options);
  return stale === null ? hunt.run() : hunt.verdict("stale edit", { why: stale.find });
}

class BugHunt {
  readonly #adapter: Adapter;
  readonly #applied: readonly number[];
  readonly #bug: Bug;
  readonly #law: Law = lawOf(NEWEST);
  readonly #options: Required<KillOptions>;
  readonly #started = performance.now();
  readonly #others = new Set<RuleId>();
  #sequence = 0;

  constructor(ground: Ground, bug: Bug, options: KillOptions) {
    const { alteration, applied } = infect(bug);
    this.#adapter = referenceAdapter(ground, alteration);
    this.#applied = applied;
    this.#bug = bug;
    this.#options = { from: 1, sequences: 3000, seconds: 30, shrinks: true, ...options };
  }

  verdict(verdict: Verdict["verdict"], details: Partial<Verdict> = {}): Verdict {
    return {
      bug: this.#bug,
      verdict,
      rule: null,
      sequence: this.#sequence,
      seconds: this.#seconds(),
      ops: [],
      why: null,
      ...details,
    };
  }

  async run(): Promise<Verdict> {
    const { seed, from, sequences, seconds } = this.#options;
    const walks = walksOf(seed, this.#law, scopeOf(this.#adapter.about, this.#law.edition));
    while (this.#sequence < sequences && this.#seconds() < seconds) {
      this.#sequence += 1;
      const ops = walks.next().value;
      const isTried = this.#sequence >= from && this.#concerns(ops);
      const found = isTried ? await this.#try(ops) : null;
      if (found !== null) return found;
    }
    if (this.#applied.includes(0))
      return this.verdict("stale edit", { why: "No step came to it." });
    const [rule] = this.#others;
    if (rule === undefined) return this.verdict("survived");
    return this.verdict("wrong rule", { rule, why: [...this.#others].join(", ") });
  }

  /** Whether the bug gets into these steps at all: a statement that is not sent cannot be wrong. */
  #concerns(ops: readonly Op[]): boolean {
    const { edits, op, reply } = this.#bug;
    const isTouched = (each: Op) =>
      (op !== undefined && op(each) !== each) ||
      edits.some(({ statement }) => sends(each, statement));
    return reply !== undefined || ops.some(isTouched);
  }

  async #try(ops: readonly Op[]): Promise<Verdict | null> {
    const outcome =
      (await runAtOnce(this.#adapter, ops, this.#law)) ??
      (await runSequence(this.#adapter, ops, this.#law));
    for (const divergence of outcome.divergences) {
      const { reply, at } = divergence;
      // A statement that Postgres cannot run is no bug that happened to anybody.
      if (reply.op === "database" && /^(?:22|42)/.test(reply.sqlstate)) {
        return this.verdict("broken", { why: `${reply.sqlstate}: ${reply.message}` });
      }
      const killed =
        this.#ruleOf(divergence) === null
          ? null
          : await this.#kill(ops.slice(0, at + 1), divergence);
      if (killed !== null) return killed;
      const first = divergence.differences[0]?.rule;
      if (first !== undefined) this.#others.add(first);
    }
    return null;
  }

  /** Null where the divergence does not show by itself, on an empty queue. */
  async #kill(ops: readonly Op[], divergence: Divergence): Promise<Verdict | null> {
    const seconds = this.#seconds();
    const { signature } = divergence;
    const isKill = (each: Divergence) => this.#ruleOf(each) !== null;
    const search = (steps: readonly Op[]) =>
      this.#options.shrinks
        ? shrink(this.#adapter, steps, this.#law, signature, isKill)
        : this.#repeat(steps);
    const shown = (await search(ofRivals(ops, divergence))) ?? (await search(ops));
    const rule = shown === null ? null : this.#ruleOf(shown.divergence);
    if (shown === null || rule === null) return null;
    return this.verdict("killed", { rule, seconds, ops: shown.ops });
  }

  /** The first divergence of the steps, alone on an empty queue; null where it is none that the bug lists. */
  async #repeat(ops: readonly Op[]): Promise<Pick<Shrunk, "ops" | "divergence"> | null> {
    const [divergence] = (await runSequence(this.#adapter, ops, this.#law)).divergences;
    if (divergence === undefined || this.#ruleOf(divergence) === null) return null;
    return { ops: ops.slice(0, divergence.at + 1), divergence };
  }

  /** The listed rule that a divergence names: the one that was owed, else an invariant that the step breaks. */
  #ruleOf({ differences, violations }: Divergence): RuleId | null {
    const named = [differences[0], ...violations].flatMap((each) => each?.rule ?? []);
    return named.find((rule) => this.#bug.breaks.includes(rule)) ?? null;
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}

/** The steps that concern the job of a divergence, or those of the same args: most stories need no others. */
function ofRivals(ops: readonly Op[], { differences }: Divergence): readonly Op[] {
  const inserted = ops.flatMap((op) => (op.op === "insert" ? op.jobs : []));
  const subject = inserted.find((job) => job.id === differences[0]?.job);
  if (subject === undefined) return ops;
  const isRival = ({ args, unique }: InsertJob) =>
    args === subject.args && unique !== undefined && subject.unique !== undefined;
  const rivals = inserted.filter((job) => job === subject || isRival(job));
  return ofJobs(ops, new Set(rivals.map((job) => job.id)));
}
