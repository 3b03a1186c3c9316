export { type CallOptions, Client, type Running, type StartOptions } from "./client/client.ts";
export type {
  ClientEvent,
  EventKind,
  EventStream,
  JobEvent,
  QueueChange,
} from "./client/events.ts";
export {
  type AnyJobType,
  type JobOptions,
  type JobRequest,
  type JobType,
  type JobTypeOptions,
  job,
  type UniqueSettings,
} from "./client/job-type.ts";
export type {
  ClientOptions,
  Hooks,
  Middleware,
  Problem,
  QueueConfig,
  ReindexOptions,
} from "./client/options.ts";
export type { PeriodicEntry } from "./client/periodic-entry.ts";
export type { Queues } from "./client/queues.ts";
export {
  CancelledError,
  LostError,
  StopError,
  TimeoutError,
  UnknownKindError,
} from "./client/reasons.ts";
export type { StopSignal } from "./client/signals.ts";
export {
  type Attempt,
  type RetryPolicy,
  type Worker,
  type WorkerOptions,
  worker,
} from "./client/worker.ts";
export { type CronSchedule, parseCron } from "./cron.ts";
export type { ListOrder } from "./cursor.ts";
export type { Database, Db, Ear } from "./db.ts";
export { type PostgresOptions, postgres } from "./drivers/pg.ts";
export { type PgliteOptions, pglite } from "./drivers/pglite.ts";
export {
  type CallErrorCode,
  type DatabaseErrorCode,
  QueueError,
  type QueueErrorCode,
  type QueueErrorDetail,
} from "./errors.ts";
export type { JobFilter } from "./filter.ts";
export type { JitterOptions } from "./jitter.ts";
export { type AttemptError, JOB_STATES, type Job, type JobState } from "./job.ts";
export { encodeArgs } from "./json.ts";
export type { Leader } from "./leader.ts";
export {
  type MigrateOptions,
  type MigrationDirection,
  type MigrationResult,
  migrate,
  migrationStatus,
} from "./migrate.ts";
export { cancel } from "./ops/cancel.ts";
export { type CleanParams, clean } from "./ops/clean.ts";
export { type CleanQueuesParams, cleanQueues } from "./ops/clean-queues.ts";
export { deleteJob } from "./ops/delete.ts";
export { type DeleteManyParams, deleteMany } from "./ops/delete-many.ts";
export { elect } from "./ops/elect.ts";
export { type FetchParams, fetch } from "./ops/fetch.ts";
export { type FinishParams, finish, type Outcome } from "./ops/finish.ts";
export { get } from "./ops/get.ts";
export { type InsertOptions, type InsertParams, type InsertResult, insert } from "./ops/insert.ts";
export { cursorAfter, type ListParams, type ListResult, list } from "./ops/list.ts";
export { notifyInsert } from "./ops/notify-insert.ts";
export { enqueuePeriodic, type PeriodicJob } from "./ops/periodic.ts";
export { queueGet } from "./ops/queue-get.ts";
export { queueList } from "./ops/queue-list.ts";
export { queuePause } from "./ops/queue-pause.ts";
export { queueResume } from "./ops/queue-resume.ts";
export { queueTouch } from "./ops/queue-touch.ts";
export { type QueueUpdateParams, queueUpdate } from "./ops/queue-update.ts";
export { reelect, type Term } from "./ops/reelect.ts";
export { RIVER_INDEXES, reindex } from "./ops/reindex.ts";
export { requestResign } from "./ops/request-resign.ts";
export { type RescueParams, rescue } from "./ops/rescue.ts";
export { resign } from "./ops/resign.ts";
export { retry } from "./ops/retry.ts";
export { type ScheduleParams, schedule } from "./ops/schedule.ts";
export { type UpdateParams, update } from "./ops/update.ts";
export type { Queue } from "./queue.ts";
export type { Micros } from "./time.ts";
export { type UniqueIdentity, type UniqueOptions, uniqueKeyText } from "./unique.ts";
