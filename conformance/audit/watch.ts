import type { Audit } from "./audit.ts";
import type { CheckName, Outcome } from "./check.ts";
import type { ListedRow } from "./list.ts";

/** One look at the database: what the audit says, and the jobs of the graded checks that found any. */
export type Look = Readonly<{
  audit: Audit;
  jobs: AsyncIterable<Readonly<{ check: CheckName; job: ListedRow }>>;
}>;

/** What a look shows that no look before it did. */
export type News =
  | Readonly<{ check: CheckName; job: ListedRow }>
  | Readonly<{ check: CheckName; outcome: Outcome }>;

/** What is outside of a watch, so that tests need neither time nor a database. */
export type Outside = Readonly<{
  /** Looks, and hands the look on while the database is still at that instant. */
  look: <T>(use: (look: Look) => Promise<T>) => Promise<T>;
  /** Resolves after so long, or early when the watch is to stop. */
  wait: (ms: number) => Promise<void>;
  isStopped: () => boolean;
  /** The first look, whole. */
  first: (audit: Audit) => Promise<void>;
  news: (news: News, audit: Audit) => Promise<void>;
  /** The database could not be asked; asked again in so many milliseconds. */
  lost: (error: unknown, againMs: number) => void;
  back: (attempts: number) => void;
}>;

/** How a watch went. */
export type Watched = Readonly<{
  looks: number;
  failures: number;
  news: number;
  last: Audit | null;
}>;

const FIRST_RETRY_MS = 1000;
const MOST_RETRY_MS = 60_000;

/**
 * Looks again and again, and tells of what is new. A look that fails is tried again, ever less often; only the first one's failure is thrown.
 */
export async function watch(outside: Outside, everyMs: number): Promise<Watched> {
  const memory = new Memory();
  let [looks, failures, news, failing] = [0, 0, 0, 0];
  let last: Audit | null = null;
  while (!outside.isStopped()) {
    try {
      last = await outside.look(async (look) => {
        if (failing > 0) outside.back(failing);
        failing = 0;
        const isFirst = looks === 0;
        if (isFirst) await outside.first(look.audit);
        for await (const each of memory.newsOf(look)) {
          if (isFirst) continue;
          news += 1;
          await outside.news(each, look.audit);
        }
        return look.audit;
      });
      looks += 1;
      await pause(outside, everyMs);
    } catch (error) {
      if (looks === 0) throw error;
      failures += 1;
      const againMs = Math.min(MOST_RETRY_MS, everyMs, FIRST_RETRY_MS * 2 ** failing);
      failing += 1;
      outside.lost(error, againMs);
      await pause(outside, againMs);
    }
  }
  return { looks, failures, news, last };
}

async function pause(outside: Outside, ms: number): Promise<void> {
  if (!outside.isStopped()) await outside.wait(ms);
}

/** What earlier looks have shown. */
class Memory {
  /** The discard of each job told of, by the job's id: a job put back and discarded again is news. */
  readonly #discards = new Map<string, string | null>();
  readonly #counts = new Map<CheckName, number>();
  readonly #names = new Map<CheckName, ReadonlySet<string>>();

  async *newsOf({ audit, jobs }: Look): AsyncGenerator<News, void> {
    for await (const { check, job } of jobs) {
      const key = `${check} ${job.id}`;
      const at = job.discarded_at ?? null;
      if (this.#discards.get(key) === at) continue;
      this.#discards.set(key, at);
      yield { check, job };
    }
    for (const outcome of audit.outcomes) {
      if (!GRADED_CHECKS.has(outcome.check) && this.#isNew(outcome)) {
        yield { check: outcome.check, outcome };
      }
    }
  }

  /** More than there were, or by another name; what went away may come back as news. */
  #isNew(outcome: Outcome): boolean {
    const { check } = outcome;
    const count = "count" in outcome ? outcome.count : "unjudged" in outcome ? 1 : 0;
    const names = new Set("names" in outcome ? outcome.names : []);
    const known = this.#names.get(check) ?? new Set();
    const isMore = count > (this.#counts.get(check) ?? 0);
    this.#counts.set(check, count);
    this.#names.set(check, names);
    return isMore || [...names].some((name) => !known.has(name));
  }
}

/** The checks whose jobs are told of one by one. */
const GRADED_CHECKS: ReadonlySet<CheckName> = new Set(["discarded", "rivals", "unclear"]);
