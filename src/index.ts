export { type CronSchedule, parseCron } from "./cron.ts";
export type { ListOrder } from "./cursor.ts";
export type { Database, Db } from "./db.ts";
export {
  type CallErrorCode,
  type DatabaseErrorCode,
  QueueError,
  type QueueErrorCode,
  type QueueErrorDetail,
} from "./errors.ts";
export type { JobFilter } from "./filter.ts";
export { type AttemptError, JOB_STATES, type Job, type JobState } from "./job.ts";
export { encodeArgs } from "./json.ts";
export {
  type MigrateOptions,
  type MigrationDirection,
  type MigrationResult,
  migrate,
  migrationStatus,
} from "./migrate.ts";
export { type CleanParams, clean } from "./ops/clean.ts";
export { deleteJob } from "./ops/delete.ts";
export { type DeleteManyParams, deleteMany } from "./ops/delete-many.ts";
export { type FetchParams, fetch } from "./ops/fetch.ts";
export { type FinishOptions, type FinishParams, finish, type Outcome } from "./ops/finish.ts";
export { get } from "./ops/get.ts";
export { type InsertOptions, type InsertParams, type InsertResult, insert } from "./ops/insert.ts";
export { cursorAfter, type ListParams, type ListResult, list } from "./ops/list.ts";
export { type RescueOptions, type RescueParams, rescue } from "./ops/rescue.ts";
export { type ScheduleParams, schedule } from "./ops/schedule.ts";
export { type UpdateParams, update } from "./ops/update.ts";
export type { Micros } from "./time.ts";
export { type UniqueIdentity, type UniqueOptions, uniqueKeyText } from "./unique.ts";
