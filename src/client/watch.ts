import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { splitObject } from "../json.ts";
import { list } from "../ops/list.ts";
import { CancelledError, LostError } from "./reasons.ts";
import type { RunningAttempt } from "./running-attempt.ts";

/** The most jobs of one look. */
const CHUNK = 1_000;

/** Looks at the rows of attempts that run, as notifications can be lost: fires the signals of those that were cancelled, rescued, ended or deleted. */
export async function watchRows(db: Db, attempts: readonly RunningAttempt[]): Promise<void> {
  for (let at = 0; at < attempts.length; at += CHUNK) {
    const chunk = attempts.slice(at, at + CHUNK);
    const ids = chunk.map(({ job }) => job.id);
    const { jobs } = await list(db, { ids, limit: CHUNK });
    const rows = new Map(jobs.map((row) => [row.id, row]));
    for (const attempt of chunk) judge(attempt, rows.get(attempt.job.id));
  }
}

function judge(attempt: RunningAttempt, row: Job | undefined): void {
  const { job } = attempt;
  const isSameFetch = row?.attempt === job.attempt && row.attemptedAt === job.attemptedAt;
  const isOurs = row?.state === "running" || (attempt.isCompleted && row?.state === "completed");
  if (!isSameFetch || !isOurs) attempt.abort(new LostError());
  else if (isCancelled(row)) attempt.abort(new CancelledError());
}

const KEY = "cancel_attempted_at";

/** What it holds may say the same deeper down. */
const isCancelled = ({ metadataText }: Job): boolean =>
  metadataText.includes(KEY) && (splitObject(metadataText) ?? []).some(({ key }) => key === KEY);
