/** What a version was found to do; null where it could not be tried. */
export type Probe<V extends string> = (version: string) => Promise<V | null>;

/** Versions that were tried, in order, and what each did. */
export type Known<V extends string> = readonly Readonly<{ version: string; verdict: V }>[];

/** Two tried versions with nothing that could be tried between them, and different verdicts. */
export type Turn<V extends string> = Readonly<{
  before: Readonly<{ version: string; verdict: V }>;
  after: Readonly<{ version: string; verdict: V }>;
  /** Versions between them that could not be tried. */
  gap: readonly string[];
}>;

/** What a search among versions came to. `untried`: could not be tried, though they were to be. */
export type Bisection<V extends string> = Readonly<{
  known: Known<V>;
  turns: readonly Turn<V>[];
  untried: readonly string[];
}>;

/**
 * Where the verdict changes in a list of versions, oldest first. The ends and `also` are tried first, then what lies half-way between two
 * that differ. Between two that agree nothing is tried, so that a change there and back stays unseen, unless `all` are.
 */
export async function bisect<V extends string>(
  versions: readonly string[],
  probe: Probe<V>,
  { also = [], all = false }: Readonly<{ also?: readonly string[]; all?: boolean }> = {},
): Promise<Bisection<V>> {
  const search = new Search(versions, probe);
  if (all) for (const [i] of versions.entries()) await search.try(i);
  else {
    await search.nearest(0, 1);
    await search.nearest(versions.length - 1, -1);
    for (const version of also) await search.try(versions.indexOf(version));
    await search.narrow();
  }
  return search.result();
}

class Search<V extends string> {
  readonly #versions: readonly string[];
  readonly #probe: Probe<V>;
  readonly #verdicts = new Map<number, V | null>();

  constructor(versions: readonly string[], probe: Probe<V>) {
    this.#versions = versions;
    this.#probe = probe;
  }

  async try(index: number): Promise<V | null> {
    const version = this.#versions[index];
    if (version === undefined) return null;
    const known = this.#verdicts.get(index);
    if (known !== undefined) return known;
    const verdict = await this.#probe(version);
    this.#verdicts.set(index, verdict);
    return verdict;
  }

  /** The end, or what can be tried that is nearest to it. */
  async nearest(from: number, step: 1 | -1): Promise<void> {
    for (let i = from; i >= 0 && i < this.#versions.length; i += step) {
      if ((await this.try(i)) !== null) return;
    }
  }

  /** Halves each stretch whose ends differ until nothing is left in it. */
  async narrow(): Promise<void> {
    for (let next = this.#open(); next !== undefined; next = this.#open()) await this.try(next);
  }

  /** In the middle of the first stretch whose ends differ, the untried one nearest to it. */
  #open(): number | undefined {
    for (const [low, high] of this.#stretches()) {
      if (this.#verdicts.get(low) === this.#verdicts.get(high)) continue;
      const within = Array.from({ length: high - low - 1 }, (_, i) => low + 1 + i);
      const untried = within.filter((index) => !this.#verdicts.has(index));
      const middle = (low + high) / 2;
      const [best] = untried.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
      if (best !== undefined) return best;
    }
    return undefined;
  }

  #tried(): readonly number[] {
    return [...this.#verdicts]
      .flatMap(([index, verdict]) => (verdict === null ? [] : [index]))
      .toSorted((a, b) => a - b);
  }

  #stretches(): readonly (readonly [number, number])[] {
    const tried = this.#tried();
    return tried.slice(1).map((high, i) => [tried[i] ?? 0, high]);
  }

  result(): Bisection<V> {
    const at = (index: number) => ({
      version: this.#versions[index] ?? "",
      verdict: this.#verdicts.get(index) as V,
    });
    return {
      known: this.#tried().map(at),
      turns: this.#stretches()
        .filter(([low, high]) => this.#verdicts.get(low) !== this.#verdicts.get(high))
        .map(([low, high]) => ({
          before: at(low),
          after: at(high),
          gap: this.#versions.slice(low + 1, high),
        })),
      untried: this.#versions.filter((_, index) => this.#verdicts.get(index) === null),
    };
  }
}
