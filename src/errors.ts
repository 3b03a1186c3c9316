/** Stable names of what can be wrong with a migration or with the database it is for; part of the interface. */
export type DatabaseErrorCode =
  | "schema_missing"
  | "schema_not_settable"
  | "database_not_writable"
  | "database_foreign"
  | "migration_irreversible"
  | "migration_target_invalid"
  | "migration_unknown"
  | "transaction_aborted";

/**
 * Stable names of why a call is refused: what it asks for breaks a rule, another session kept taking the unique key meanwhile, the job is
 * not there, or it is running.
 */
export type CallErrorCode = "invalid" | "conflict" | "not_found" | "running";

/** Every code a QueueError can carry. */
export type QueueErrorCode = DatabaseErrorCode | CallErrorCode;

/** What else a QueueError can say: the parameter that breaks the rule, as a path such as `jobs[2].queue`, and the error underneath. */
export interface QueueErrorDetail {
  readonly field?: string;
  readonly cause?: unknown;
}

/** A call that the queue refuses or cannot do, told apart by `code`; errors of the database itself are passed through as the driver throws them. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  readonly code: QueueErrorCode;
  /** Null where no single parameter is to blame. */
  readonly field: string | null;

  constructor(code: QueueErrorCode, message: string, detail: QueueErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.field = detail.field ?? null;
  }
}
