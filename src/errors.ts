/** Stable names of what can be wrong with a migration, with the database it is for or with the driver; part of the interface. */
export type DatabaseErrorCode =
  | "schema_missing"
  | "schema_not_settable"
  | "database_not_writable"
  | "database_foreign"
  | "driver_missing"
  | "migration_irreversible"
  | "migration_target_invalid"
  | "migration_unknown"
  | "transaction_aborted";

/**
 * Stable names of why a call is refused: what it asks for breaks a rule, is of a job that is not there or is running, needs a unique key that
 * another job holds or other sessions keep taking, or an attempt more than the table can count.
 */
export type CallErrorCode = "invalid" | "not_found" | "running" | "conflict" | "attempts_exhausted";

/** Every code a QueueError can carry. */
export type QueueErrorCode = DatabaseErrorCode | CallErrorCode;

/** What else a QueueError can say: the parameter that breaks the rule, as a path such as `jobs[2].queue`, the job that holds the key, and the error underneath. */
export interface QueueErrorDetail {
  readonly field?: string;
  readonly holder?: bigint;
  readonly cause?: unknown;
}

/** A call that the queue refuses or cannot do, told apart by `code`; errors of the database itself are passed through as the driver throws them. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  readonly code: QueueErrorCode;
  /** Null where no single parameter is to blame. */
  readonly field: string | null;
  /** The id of the job that holds the key; null where that is unknown, or not what is wrong. */
  readonly holder: bigint | null;

  constructor(code: QueueErrorCode, message: string, detail: QueueErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.field = detail.field ?? null;
    this.holder = detail.holder ?? null;
  }
}
