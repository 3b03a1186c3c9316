import type { Micros } from "../../spec/model/state.ts";
import type { Database } from "../../src/db.ts";
import { timestampOf } from "../protocol/time.ts";
import { type AuditOptions, audit } from "./audit.ts";
import { type ListName, listJobs } from "./list.ts";
import { inSnapshot } from "./snapshot.ts";

/** How an audit is made of a run that ended at `end`; for tests. */
export const optionsAt = (end: Micros): AuditOptions => ({
  schema: null,
  now: timestampOf(end),
  timeoutMs: 60_000,
  limits: { stuck: "1h", late: "5m", paused: "1d" },
  retention: 7 * 86_400,
});

/** The ids of the jobs that each graded check names, and how many are graded otherwise; for tests. */
export async function gradedIds(db: Database, end: Micros) {
  const options = optionsAt(end);
  const ids = {
    discarded: new Set<string>(),
    rivals: new Set<string>(),
    unclear: new Set<string>(),
  };
  const { seen } = await audit(db, options);
  const named: readonly ListName[] = ["discarded", "rivals", "unclear"];
  if ((seen.graded ?? []).length > 0) {
    await inSnapshot(db, options, async (tx, place) => {
      for (const name of named) {
        for await (const rows of listJobs(tx, place, name, options)) {
          for (const row of rows) ids[name as keyof typeof ids].add(row.id ?? "");
        }
      }
    });
  }
  const others = (grade: string) =>
    (seen.graded ?? [])
      .filter((each) => each.grade === grade)
      .reduce((sum, each) => sum + each.jobs, 0);
  return { ...ids, rightly: others("rightly"), later: others("later") };
}
