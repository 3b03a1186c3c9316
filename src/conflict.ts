import { QueueError } from "./errors.ts";

const UNIQUE_VIOLATION = "23505";
const TRANSACTION_ABORTED = "25P02";

/** Each further try sees what the session that got in between committed, so it takes another such session every time to fail again. */
const TRIES = 5;

/**
 * Runs a statement again whenever a concurrent session took the unique key of a job that it was about to move. Throws `conflict` when
 * that does not help: five times in a row, or inside a transaction, which the first violation has ended. All else passes untouched.
 */
export async function retryOnConflict<T>(run: () => Promise<T>): Promise<T> {
  let violation: unknown;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return await run();
    } catch (error) {
      const code = sqlState(error);
      if (code === TRANSACTION_ABORTED && violation !== undefined) break;
      if (code !== UNIQUE_VIOLATION) throw error;
      violation = error;
    }
  }
  throw new QueueError(
    "conflict",
    "unique key must stay free while its job is moved, but another session took it. Try again, in a transaction of its own.",
    { cause: violation },
  );
}

const sqlState = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
