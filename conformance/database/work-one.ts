import { expect } from "vitest";
import type { JobEvent } from "../../src/client/events.ts";
import { type JobRequest, job } from "../../src/client/job-type.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { type Attempt, type Worker, type WorkerOptions, worker } from "../../src/client/worker.ts";
import type { Job } from "../../src/job.ts";
import type { Clients, Started } from "./clients.ts";

/** A kind of job whose args are any. */
export const task = job<Record<string, unknown>>("task");

/** One attempt as it ended: what was told of it, and the row. */
export interface WorkedOne extends Started {
  readonly event: JobEvent;
  readonly row: Job;
}

type Handle = (attempt: Attempt<Record<string, unknown>>) => unknown;

/** Works one job by a client of its own, which is stopped then; what was told must be what is stored. */
export async function workOne(
  { start }: Clients,
  handle: Handle,
  { timeoutMs, retryDelayMs, ...options }: ClientOptions & WorkerOptions = {},
  request: JobRequest = task({}),
): Promise<WorkedOne> {
  const own: WorkerOptions = {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
  };
  const workers: readonly Worker[] = [worker(task, handle, own)];
  const started = await start({ workers, ...options });
  const events = started.client.events(
    "job_completed",
    "job_failed",
    "job_cancelled",
    "job_snoozed",
  );
  const { job: inserted } = await started.client.insert(request);
  const { value: event } = await events.next();
  if (event === undefined) throw new Error("The client must have told of the job.");
  const { job: row } = event;
  const now = await started.client.get(inserted.id);
  // Unless it runs again by now.
  if (now.attemptedAt === row.attemptedAt) expect(row).toEqual(now);
  await started.running.stop();
  return { ...started, event, row };
}
