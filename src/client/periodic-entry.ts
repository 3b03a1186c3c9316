import type { CronSchedule } from "../cron.ts";
import type { JobOptions, JobRequest } from "./job-type.ts";

/** A job that comes again and again. */
export interface PeriodicEntry {
  /** Names it, also to other clients: of one id and tick there is only one job. */
  readonly id?: string;
  /** Text for `parseCron`, such as `0 6 * * *` or `@every 90s`, or a schedule of your own. */
  readonly schedule: string | CronSchedule;
  /** Called for each tick; null if there is nothing to do. */
  readonly job: (tick: Date) => JobRequest | null;
  readonly options?: Omit<JobOptions, "scheduledAt" | "pending">;
  /** Whether it also runs when this client begins to lead, false by default. */
  readonly runOnStart?: boolean;
}
