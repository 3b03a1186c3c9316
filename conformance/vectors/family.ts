import type { Held, Job } from "../../spec/model/state.ts";
import type { Adapter, Names, Reply } from "../adapter.ts";
import type { Scope } from "../walk/swarm.ts";

/** One vector that was not kept, by the rule that asks for it. */
export type Failure = Readonly<{ rule: string; input: string; mustBe: string; is: string }>;

/** What became of one family: every vector is kept, failed, or left out for one of the reasons. */
export type Outcome = Readonly<{
  family: string;
  kept: number;
  failures: readonly Failure[];
  /** How many were asked for, by the rule. */
  asked: ReadonlyMap<string, number>;
  /** How many were left out, by the reason. */
  left: ReadonlyMap<string, number>;
}>;

/** Who is asked, what it can be asked, and by the rules of which time. */
export type Asked = Readonly<{ adapter: Adapter; scope: Scope }>;

/** Collects the outcome of one family. */
export class Tally {
  readonly #family: string;
  readonly #failures: Failure[] = [];
  readonly #left = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  #kept = 0;

  constructor(family: string) {
    this.#family = family;
  }

  compare(rule: string, input: string, mustBe: string, is: string): void {
    this.#asked.set(rule, (this.#asked.get(rule) ?? 0) + 1);
    if (mustBe === is) this.#kept += 1;
    else this.#failures.push({ rule, input, mustBe, is });
  }

  leave(reason: string, count = 1): void {
    this.#left.set(reason, (this.#left.get(reason) ?? 0) + count);
  }

  outcome(): Outcome {
    return {
      family: this.#family,
      kept: this.#kept,
      failures: this.#failures,
      asked: this.#asked,
      left: this.#left,
    };
  }
}

/** Names for operations on jobs that are known as the implementation knows them. */
export const namesOf = (jobs: readonly Job[], held: readonly Held[] = []): Names => ({
  idOf: (label) => jobs[label - 1]?.id ?? null,
  heldBy: (label) => held[label - 1] ?? null,
  termOf: () => null,
});

/** A reply that is no answer, in short. */
export const failureOf = (reply: Reply): string =>
  reply.op === "refused"
    ? `refused ${reply.code}: ${reply.message}`
    : reply.op === "database"
      ? `database error ${reply.sqlstate}: ${reply.message}`
      : `an answer to ${reply.op}`;
