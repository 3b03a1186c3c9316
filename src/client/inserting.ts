import type { InsertParams, InsertResult } from "../ops/insert.ts";
import type { Settings } from "./settings.ts";

type Insert = (jobs: readonly InsertParams[]) => Promise<readonly InsertResult[]>;

/** Hooks, then the middleware around an insert, the first outermost. */
export async function insertWithin(
  { middleware, hooks }: Pick<Settings, "middleware" | "hooks">,
  jobs: readonly InsertParams[],
  insert: Insert,
): Promise<readonly InsertResult[]> {
  const withHooks: Insert = async (asked) => {
    for (const job of asked) for (const { insertBegin } of hooks) await insertBegin?.(job);
    return insert(asked);
  };
  const chain = middleware.reduceRight<Insert>(
    (next, { insert: around }) =>
      around === undefined ? next : async (asked) => around(asked, next),
    withHooks,
  );
  return chain(jobs);
}
