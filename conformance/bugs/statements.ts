import type { Op } from "../../spec/model/op.ts";
import type { Names } from "../adapter.ts";
import { runReference } from "../reference/operations.ts";
import type { StatementLabel } from "./bug.ts";

/** The statements that an operation sends, in their order, and such an operation. */
const ASKED: readonly (readonly [readonly StatementLabel[], Op])[] = [
  // The statement for any jobs; that for plain ones shares what is edited in both.
  [
    ["src/ops/insert-sql.ts"],
    { op: "insert", now: 0, jobs: [{ id: 1, unique: { byQueue: true } }] },
  ],
  [["src/ops/fetch.ts"], { op: "fetch", now: 0, queue: "default", limit: 1, client: "c1" }],
  [
    ["src/ops/complete.ts", "src/ops/finish.ts"],
    { op: "finish", now: 0, job: 1, outcome: { kind: "complete" } },
  ],
  [["src/ops/schedule.ts"], { op: "schedule", now: 0, horizon: 0, limit: 1 }],
  [["src/ops/cancel.ts"], { op: "cancel", now: 0, job: 1 }],
  [["src/ops/retry.ts"], { op: "retry", now: 0, job: 1 }],
  [["src/ops/get.ts"], { op: "get", now: 0, job: 1 }],
  [["src/ops/delete.ts"], { op: "delete", now: 0, job: 1 }],
  [["src/ops/update.ts"], { op: "update", now: 0, job: 1, output: "1" }],
  [["src/ops/delete-many.ts"], { op: "delete_many", now: 0, all: true }],
  [["src/ops/list.ts"], { op: "list", now: 0 }],
  [["src/ops/rescue.ts"], { op: "rescue", now: 0, after: 1, timeout: 1, limit: 1 }],
  [["src/ops/clean-queues.ts"], { op: "clean_queues", now: 0, after: 1, limit: 1 }],
  [
    ["src/ops/clean.ts"],
    { op: "clean", now: 0, cancelled: 1, completed: 1, discarded: 1, limit: 1 },
  ],
  [["src/ops/elect.ts"], { op: "elect", now: 0, client: "c1", lease: 1 }],
  [["src/ops/queue-get.ts"], { op: "queue_get", now: 0, queue: "default" }],
  [["src/ops/queue-list.ts"], { op: "queue_list", now: 0, limit: 1 }],
  [["src/ops/queue-pause.ts"], { op: "queue_pause", now: 0, queue: "default" }],
  [["src/ops/queue-resume.ts"], { op: "queue_resume", now: 0, queue: "default" }],
  [["src/ops/queue-touch.ts"], { op: "queue_touch", now: 0, queue: "default" }],
  [["src/ops/queue-update.ts"], { op: "queue_update", now: 0, queue: "default" }],
  [["src/ops/reelect.ts"], { op: "reelect", now: 0, client: "c1", lease: 1 }],
  [["src/ops/request-resign.ts"], { op: "request_resign", now: 0 }],
  [["src/ops/resign.ts"], { op: "resign", now: 0, client: "c1" }],
];

/** Whether an operation sends that statement. A leader's inserts are inserts. */
export const sends = (op: Op, statement: StatementLabel): boolean =>
  ASKED.some(
    ([labels, { op: name }]) =>
      labels.includes(statement) && (op.op === "enqueue_periodic" ? "insert" : op.op) === name,
  );

const NAMES: Names = { idOf: (label) => label, heldBy: () => null, termOf: () => null };

/** The text of each statement of the reference, as it comes to a driver. */
export async function referenceStatements(): Promise<ReadonlyMap<StatementLabel, string>> {
  const statements = new Map<StatementLabel, string>();
  for (const [labels, op] of ASKED) {
    const left = [...labels];
    const db = {
      query: async (sql: string) => {
        const label = left.shift();
        if (label !== undefined) statements.set(label, sql);
        return { rows: [] };
      },
    };
    await runReference(db, op, NAMES);
  }
  return statements;
}
