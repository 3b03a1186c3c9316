import type { FinishParams } from "../ops/finish.ts";

/** A result that waits to be written, and how long its handler ran. */
export type Waiting = Readonly<{
  result: FinishParams;
  ranMs: number;
  /** Whether it stands in for one that could not be written. */
  isPlain?: boolean;
}>;

/** Results of one statement, by job: it takes one of each. */
export type Batch = ReadonlyMap<bigint, Waiting>;

/** The most results of one statement: more would only keep the next from beginning while these are written. */
const MOST = 1_000;
/** About the most characters of one: a message to Postgres has its limits, and so have strings. */
const MOST_TEXT = 8 * 1024 * 1024;

/** Results that are not written yet, in the order of their coming, parted into batches. */
export class Backlog {
  readonly #waiting: Map<bigint, Waiting>[] = [];
  readonly #taken = new Set<Batch>();
  #text = 0;
  #size = 0;

  /** How many there are, also of those that are being written. */
  get size(): number {
    return this.#size;
  }

  /** Whether there are any that nobody is writing. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The jobs of all of them. */
  get ids(): readonly bigint[] {
    return [...this.#waiting, ...this.#taken].flatMap((batch) => [...batch.keys()]);
  }

  /** A job that was fetched twice has two results, each in a batch of its own. */
  add(each: Waiting): void {
    const { id, outcome } = each.result;
    let batch = this.#waiting.at(-1);
    const text =
      (outcome.metadata?.length ?? 0) + ("message" in outcome ? outcome.message.length : 0);
    if (batch === undefined || batch.size >= MOST || this.#text >= MOST_TEXT || batch.has(id)) {
      batch = new Map();
      this.#waiting.push(batch);
      this.#text = 0;
    }
    batch.set(id, each);
    this.#text += text;
    this.#size += 1;
  }

  /** The oldest batch that nobody is writing; null if there is none. It is to be `done` or given back. */
  take(): Batch | null {
    const batch = this.#waiting.shift() ?? null;
    if (batch !== null) this.#taken.add(batch);
    return batch;
  }

  done(batch: Batch): void {
    if (this.#taken.delete(batch)) this.#size -= batch.size;
  }

  giveBack(batch: Batch): void {
    if (this.#taken.delete(batch)) this.#waiting.unshift(new Map(batch));
  }
}
