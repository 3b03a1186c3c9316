import { NEWEST } from "../../spec/model/edition.ts";
import type { InsertOp } from "../../spec/model/op.ts";
import { FLAWS } from "../walk/refused.ts";

/** Calls that today's rules refuse: one for each flaw that a job can have, and one without a job. */
export const REFUSED_INSERTS: readonly InsertOp[] = [
  { op: "insert", now: 0, jobs: [] },
  ...FLAWS.filter((flaw) => flaw.when(NEWEST)).flatMap((flaw) =>
    flaw.with.map((wrong): InsertOp => ({ op: "insert", now: 0, jobs: [{ id: 1, ...wrong }] })),
  ),
];
