import type { Job } from "../../src/job.ts";
import type { FinishParams, Outcome } from "../../src/ops/finish.ts";

/** How the attempt of a fetched job ended: it is completed unless something else is said. */
export const resultOf = (
  { id, attempt, attemptedAt }: Job,
  outcome: Outcome = { kind: "complete" },
): FinishParams => ({ id, attempt, attemptedAt: attemptedAt ?? 0n, outcome });
