import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import { scopeOf } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";
import { type Divergence, type Outcome, runAtOnce, runSequence } from "./sequence.ts";
import { type Shrunk, shrink } from "./shrink.ts";
import type { Signature } from "./signature.ts";

/** One way in which the implementation parts from the rules, with its shortest story. */
export type Finding = Readonly<{
  signature: Signature;
  rule: RuleId;
  /** Steps that show it from an empty queue; null where it does not show again: flaky, or a consequence of another one. */
  shrunk: Shrunk | null;
  first: Divergence;
  /** How long the sequence was up to the divergence. */
  length: number;
  /** Which sequence it was, from 1, and when. */
  sequence: number;
  seconds: number;
}>;

/** How far to go: whichever limit comes first. */
export type HuntOptions = Readonly<{
  seed: number;
  sequences: number;
  /** Null: no limit. */
  seconds: number | null;
  /** Ends at the first finding. */
  failFast: boolean;
  /** Only the first so many steps of a walk; null for all. */
  maxSteps?: number | null;
  isStopped?: () => boolean;
  onProgress?: (progress: HuntReport) => void;
}>;

/** What a hunt has shown so far. */
export type HuntReport = Readonly<{
  sequences: number;
  operations: number;
  seconds: number;
  fired: ReadonlyMap<RuleId, number>;
  transitions: number;
  findings: readonly Finding[];
}>;

/** Runs walk after walk; every new signature is shrunk once, and set aside from then on. */
export async function hunt(adapter: Adapter, law: Law, options: HuntOptions): Promise<HuntReport> {
  const run = new Hunt(adapter, law, options);
  const walks = walksOf(options.seed, law, scopeOf(adapter.about, law.edition));
  while (!run.isOver()) {
    const { value } = walks.next();
    await run.try(options.maxSteps == null ? value : value.slice(0, options.maxSteps));
    options.onProgress?.(run.report());
  }
  return run.report();
}

class Hunt {
  readonly #adapter: Adapter;
  readonly #law: Law;
  readonly #options: HuntOptions;
  readonly #started = performance.now();
  readonly #fired = new Map<RuleId, number>();
  readonly #transitions = new Set<string>();
  readonly #aside = new Set<Signature>();
  readonly #findings = new Map<Signature, Finding>();
  #sequences = 0;
  #operations = 0;

  constructor(adapter: Adapter, law: Law, options: HuntOptions) {
    this.#adapter = adapter;
    this.#law = law;
    this.#options = options;
  }

  isOver(): boolean {
    const { sequences, seconds, failFast, isStopped } = this.#options;
    return (
      this.#sequences >= sequences ||
      (seconds !== null && this.#seconds() >= seconds) ||
      (failFast && this.#findings.size > 0) ||
      isStopped?.() === true
    );
  }

  async try(ops: readonly Op[]): Promise<void> {
    this.#sequences += 1;
    const outcome =
      (await runAtOnce(this.#adapter, ops, this.#law)) ??
      (await runSequence(this.#adapter, ops, this.#law));
    this.#add(outcome);
    for (const divergence of outcome.divergences) await this.#find(ops, divergence);
  }

  report(): HuntReport {
    return {
      sequences: this.#sequences,
      operations: this.#operations,
      seconds: this.#seconds(),
      fired: this.#fired,
      transitions: this.#transitions.size,
      findings: [...this.#findings.values()],
    };
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #add(outcome: Outcome): void {
    this.#operations += outcome.operations;
    for (const [rule, times] of outcome.fired) {
      this.#fired.set(rule, (this.#fired.get(rule) ?? 0) + times);
    }
    for (const transition of outcome.transitions) this.#transitions.add(transition);
  }

  async #find(ops: readonly Op[], first: Divergence): Promise<void> {
    if (this.#aside.has(first.signature)) return;
    this.#aside.add(first.signature);
    const seconds = this.#seconds();
    const steps = ops.slice(0, first.at + 1);
    const shrunk = await shrink(this.#adapter, steps, this.#law, first.signature);
    const told = shrunk?.divergence ?? first;
    const rule = told.differences[0]?.rule;
    // Two ways into the same story are one finding.
    if (rule === undefined || this.#findings.has(told.signature)) return;
    this.#aside.add(told.signature);
    this.#findings.set(told.signature, {
      signature: told.signature,
      rule,
      shrunk,
      first,
      length: first.at + 1,
      sequence: this.#sequences,
      seconds,
    });
  }
}
