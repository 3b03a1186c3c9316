import { QueueError } from "../errors.ts";

/** The error of a transaction whose `run` resolved although a statement in it had failed, so that Postgres could only roll it back. */
export function abortedTransaction(): QueueError {
  return new QueueError(
    "transaction_aborted",
    "Transaction must commit, but is rolled back, because a statement in it failed. Let that statement's error through.",
  );
}
