import type { Random } from "fast-check";

/** Seeded choices for a walk. Everything that is drawn goes through here. */
export class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An integer from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return this.#random.nextInt(from, to);
  }

  /** True once in `n` times on average. */
  oneIn(n: number): boolean {
    return this.int(1, n) === 1;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.int(0, from.length - 1)];
    if (picked === undefined)
      throw new Error("There must be something to pick from, but there is nothing.");
    return picked;
  }

  /** One of the entries, each as likely as its weight says; entries of weight 0 never. */
  weighted<T>(entries: readonly (readonly [weight: number, value: T])[]): T {
    const total = entries.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.int(1, total);
    for (const [weight, value] of entries) {
      left -= weight;
      if (left <= 0) return value;
    }
    throw new Error("Weights must add up, but they do not.");
  }
}
