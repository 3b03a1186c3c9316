import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Adapter } from "../adapter.ts";
import type { Tour } from "../explore/tour.ts";
import { novelWalks } from "../walk/novelty.ts";
import { type Scope, scopeOf } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";
import { examplesOf, MANY_WALKS } from "./by-example.ts";
import { type Finding, Findings, storyOf } from "./findings.ts";
import { type Divergence, type Outcome, runAtOnce, runSequence } from "./sequence.ts";

export type { Finding } from "./findings.ts";

/** How far to go: whichever limit comes first. With the same seed and `sequences` as the only limit, the same is found. */
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

/**
 * Goes on the tour, if there is one, then walk after walk, each on whichever of `team` is free: several of the same implementation, with a
 * queue of its own each. Rules to which many walks did not come are tried by their examples, so that what is left undecided is not a matter of
 * luck. Every new signature is shrunk once, and set aside from then on.
 */
export async function hunt(
  team: readonly Adapter[],
  law: Law,
  options: HuntOptions,
): Promise<HuntReport> {
  const run = new Hunt(team, law, options);
  await Promise.all(team.map((adapter) => run.work(adapter)));
  const [first] = team;
  if (first !== undefined) await run.tryExamples(first);
  return run.report();
}

/** A sequence to run. `sequence` is its number, 0 on the tour. */
type Task = Readonly<{
  sequence: number;
  ops: readonly Op[];
  from: State;
  /** What leads to the divergence at a step, from an empty queue. */
  wayTo: (at: number) => readonly Op[];
  reached: Set<string>;
}>;

class Hunt {
  readonly #canPut: boolean;
  readonly #law: Law;
  readonly #options: HuntOptions;
  readonly #started = performance.now();
  readonly #tasks: Iterator<Task, void>;
  readonly #findings = new Findings();
  readonly #fired = new Map<RuleId, number>();
  /** The abstract transitions that walks have reached. */
  readonly #walked = new Set<string>();
  readonly #toured = new Set<string>();
  readonly #injected = new Set<string>();
  #tourSeconds: number | null = null;
  #sequences = 0;
  #operations = 0;
  /** Whether some of the team has failed: the others are not needed any more. */
  #isLost = false;
  /** Resolved when all that was taken so far has been looked at. */
  #turn = Promise.resolve();

  constructor(team: readonly Adapter[], law: Law, options: HuntOptions) {
    const [adapter] = team;
    if (adapter === undefined) throw new Error("team must have an adapter, but is empty.");
    this.#canPut = adapter.put !== undefined;
    this.#law = law;
    this.#options = options;
    this.#tasks = this.#allTasks(scopeOf(adapter.about, law.edition));
  }

  /** Runs what comes next, until nothing does. */
  async work(adapter: Adapter): Promise<void> {
    for (;;) {
      const task = this.#isCut() ? undefined : this.#tasks.next().value;
      if (task === undefined) return;
      try {
        await this.#run(adapter, task);
      } catch (error) {
        this.#isLost = true;
        throw error;
      }
      this.#options.onProgress?.(this.report());
    }
  }

  /** Of the rules that did not fire in many walks. */
  async tryExamples(adapter: Adapter): Promise<void> {
    const isDone = this.#sequences >= this.#options.sequences && !this.#isCut();
    if (!isDone || this.#sequences < MANY_WALKS) return;
    for (const ops of examplesOf(adapter, this.#law, (rule) => this.#fired.has(rule))) {
      await this.#run(adapter, this.#plain(ops, this.#sequences, this.#walked));
    }
  }

  *#allTasks(scope: Scope): Generator<Task, void> {
    const { tour, sequences, maxSteps } = this.#options;
    if (tour != null) yield* this.#tourTasks(tour);
    this.#tourSeconds = this.#seconds();
    const walks = walksOf(this.#options.seed, this.#law, scope);
    const novel = novelWalks(walks, this.#law);
    while (this.#sequences < sequences) {
      const walk = novel.next().value;
      const ops = maxSteps == null ? walk : walk.slice(0, maxSteps);
      this.#sequences += 1;
      yield this.#plain(ops, this.#sequences, this.#walked);
    }
  }

  /** Every path of the tour, then every injected state, where the suite may write rows. */
  *#tourTasks(tour: Tour): Generator<Task, void> {
    for (const path of tour.paths) yield this.#plain(path, 0, this.#toured);
    if (!this.#canPut) return;
    for (const { before, op, path } of tour.injections) {
      // What differs is told as what happens on the way there; if that differs in nothing, it is not clear.
      yield { sequence: 0, ops: [op], from: before, wayTo: path, reached: this.#injected };
    }
  }

  #plain(ops: readonly Op[], sequence: number, reached: Set<string>): Task {
    return { sequence, ops, from: EMPTY, wayTo: (at) => ops.slice(0, at + 1), reached };
  }

  #isCut(): boolean {
    const { seconds, failFast, isStopped } = this.#options;
    return (
      this.#isLost ||
      (seconds !== null && this.#seconds() >= seconds) ||
      (failFast && this.#findings.count > 0) ||
      isStopped?.() === true
    );
  }

  /** Sequences run side by side, but what they show is set aside in their order: so whoever is faster changes nothing. */
  async #run(adapter: Adapter, task: Task): Promise<void> {
    const before = this.#turn;
    let pass = () => {};
    this.#turn = new Promise((resolve) => {
      pass = resolve;
    });
    let fresh: readonly Divergence[];
    const place = this.#findings.nextPlace();
    try {
      const { ops, from } = task;
      const outcome =
        (await runAtOnce(adapter, ops, this.#law, step, from)) ??
        (await runSequence(adapter, ops, this.#law, step, from));
      await before;
      this.#add(outcome, task.reached);
      fresh = outcome.divergences.filter(({ signature }) => this.#findings.setAside(signature));
    } finally {
      pass();
    }
    for (const first of fresh) {
      const steps = task.wayTo(first.at);
      const { sequence } = task;
      const found = { first, sequence, seconds: this.#seconds(), length: steps.length };
      this.#findings.add(place, { ...found, ...(await storyOf(adapter, this.#law, steps, first)) });
    }
  }

  report(): HuntReport {
    return {
      sequences: this.#sequences,
      operations: this.#operations,
      seconds: this.#seconds(),
      fired: this.#fired,
      transitions: this.#walked.size,
      tour: this.#tourReport(),
      findings: this.#findings.all(),
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
      walked: of(this.#walked),
      paths: tour.paths.length,
      worlds: tour.worlds,
      injections: tour.injections.length,
      seconds: this.#tourSeconds ?? this.#seconds(),
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
}
