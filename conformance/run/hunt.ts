import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import type { Injection, Tour } from "../explore/tour.ts";
import { novelWalks } from "../walk/novelty.ts";
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
  /** Which sequence it was, from 1, and when; 0 is the tour. */
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
  /** Where to go before the walks; absent or null for nowhere. */
  tour?: Tour | null;
  /** Only the first so many steps of a walk; null for all. */
  maxSteps?: number | null;
  isStopped?: () => boolean;
  onProgress?: (progress: HuntReport) => void;
}>;

/** How much of the abstract transitions of the tour's worlds was reached. */
export type TourReport = Readonly<{
  transitions: number;
  /** By the tour itself: all of them, if it came to its end. */
  toured: number;
  /** By injected states. */
  injected: number;
  /** By the walks. */
  walked: number;
  paths: number;
  worlds: number;
  injections: number;
  seconds: number;
}>;

/** What a hunt has shown so far. */
export type HuntReport = Readonly<{
  sequences: number;
  operations: number;
  seconds: number;
  fired: ReadonlyMap<RuleId, number>;
  /** Abstract transitions that walks have reached, in these worlds or not. */
  transitions: number;
  /** Null where there was no tour. */
  tour: TourReport | null;
  findings: readonly Finding[];
}>;

/** Goes on the tour, if there is one, then walk after walk; every new signature is shrunk once, and set aside from then on. */
export async function hunt(adapter: Adapter, law: Law, options: HuntOptions): Promise<HuntReport> {
  const run = new Hunt(adapter, law, options);
  await run.tour();
  const walks = walksOf(options.seed, law, scopeOf(adapter.about, law.edition));
  const novel = novelWalks(walks, law, run.walked);
  while (!run.isOver()) {
    const { value } = novel.next();
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
  /** The abstract transitions that walks have reached. */
  readonly walked = new Set<string>();
  readonly #toured = new Set<string>();
  readonly #injected = new Set<string>();
  #tourSeconds = 0;
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
    return this.#sequences >= this.#options.sequences || this.#isCut();
  }

  #isCut(): boolean {
    const { seconds, failFast, isStopped } = this.#options;
    return (
      (seconds !== null && this.#seconds() >= seconds) ||
      (failFast && this.#findings.size > 0) ||
      isStopped?.() === true
    );
  }

  async try(ops: readonly Op[]): Promise<void> {
    this.#sequences += 1;
    await this.#run(ops, this.walked);
  }

  /** Every path of the tour, then every injected state, where the suite may write rows. */
  async tour(): Promise<void> {
    const { tour, onProgress } = this.#options;
    if (tour == null) return;
    for (const path of tour.paths) {
      if (this.#isCut()) break;
      await this.#run(path, this.#toured);
      onProgress?.(this.report());
    }
    for (const injection of this.#adapter.put === undefined ? [] : tour.injections) {
      if (this.#isCut()) break;
      await this.#inject(injection);
      onProgress?.(this.report());
    }
    this.#tourSeconds = this.#seconds();
  }

  /** What differs after an injection is told as what happens on the way there; if that differs in nothing, it is not clear. */
  async #inject({ before, op, path }: Injection): Promise<void> {
    const outcome =
      (await runAtOnce(this.#adapter, [op], this.#law, step, before)) ??
      (await runSequence(this.#adapter, [op], this.#law, step, before));
    this.#add(outcome, this.#injected);
    for (const divergence of outcome.divergences) await this.#find(path(), divergence);
  }

  async #run(ops: readonly Op[], reached: Set<string>): Promise<void> {
    const outcome =
      (await runAtOnce(this.#adapter, ops, this.#law)) ??
      (await runSequence(this.#adapter, ops, this.#law));
    this.#add(outcome, reached);
    for (const divergence of outcome.divergences) {
      await this.#find(ops.slice(0, divergence.at + 1), divergence);
    }
  }

  report(): HuntReport {
    return {
      sequences: this.#sequences,
      operations: this.#operations,
      seconds: this.#seconds(),
      fired: this.#fired,
      transitions: this.walked.size,
      tour: this.#tourReport(),
      findings: [...this.#findings.values()],
    };
  }

  #tourReport(): TourReport | null {
    const { tour } = this.#options;
    if (tour == null) return null;
    const of = (reached: ReadonlySet<string>) =>
      [...tour.transitions].filter((transition) => reached.has(transition)).length;
    return {
      transitions: tour.transitions.size,
      toured: of(this.#toured),
      injected: of(this.#injected),
      walked: of(this.walked),
      paths: tour.paths.length,
      worlds: tour.worlds,
      injections: tour.injections.length,
      seconds: this.#tourSeconds,
    };
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #add(outcome: Outcome, reached: Set<string>): void {
    this.#operations += outcome.operations;
    for (const [rule, times] of outcome.fired) {
      this.#fired.set(rule, (this.#fired.get(rule) ?? 0) + times);
    }
    for (const transition of outcome.transitions) reached.add(transition);
  }

  async #find(steps: readonly Op[], first: Divergence): Promise<void> {
    if (this.#aside.has(first.signature)) return;
    this.#aside.add(first.signature);
    const seconds = this.#seconds();
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
      length: steps.length,
      sequence: this.#sequences,
      seconds,
    });
  }
}
