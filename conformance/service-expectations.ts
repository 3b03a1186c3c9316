import { jsonb } from "../spec/model/jsonb.ts";
import type { Leader, Queue } from "../spec/model/state.ts";
import type { Expectation } from "./notation/expectation.ts";
import { printMicros } from "./notation/time.ts";

type ServiceClaim = Extract<
  Expectation,
  { kind: "queue" | "queue column" | "leader" | "leader column" }
>;

/** What is wrong with a queue or with the leader, as a sentence; null where the expectation holds. */
export function checkService(
  expected: ServiceClaim,
  { queues, leader }: Readonly<{ queues: ReadonlyMap<string, Queue>; leader: Leader | null }>,
): string | null {
  switch (expected.kind) {
    case "queue": {
      const got = pausedOf(queues.get(expected.queue));
      const want = expected.paused === null ? "gone" : expected.paused ? "paused" : "unpaused";
      return want === got ? null : `Queue ${expected.queue} must be ${want}, but is ${got}.`;
    }
    case "queue column": {
      const row = queues.get(expected.queue);
      if (row === undefined) return `Queue ${expected.queue} must have a row, but has none.`;
      const got = shownColumn(row, expected.column);
      const want =
        typeof expected.value === "string"
          ? (jsonb(expected.value) ?? expected.value)
          : show(expected.value);
      const name = `${expected.column} of queue ${expected.queue}`;
      return want === got ? null : `${name} must be ${want}, but is ${got}.`;
    }
    case "leader": {
      const [want, got] = [expected.leader ?? "nobody", leader?.leaderId ?? "nobody"];
      return want === got ? null : `The leader must be ${want}, but is ${got}.`;
    }
    case "leader column": {
      const at = expected.column === "elected_at" ? leader?.electedAt : leader?.expiresAt;
      const [want, got] = [show(expected.value), show(at ?? null)];
      return want === got
        ? null
        : `${expected.column} of the leader must be ${want}, but is ${got}.`;
    }
  }
}

const pausedOf = (queue: Queue | undefined): string =>
  queue === undefined ? "gone" : queue.pausedAt === null ? "unpaused" : "paused";

const show = (at: number | null): string => (at === null ? "–" : printMicros(at));

function shownColumn(
  row: Queue,
  column: Extract<ServiceClaim, { kind: "queue column" }>["column"],
): string {
  switch (column) {
    case "metadata":
      return row.metadata;
    case "created_at":
      return show(row.createdAt);
    case "paused_at":
      return show(row.pausedAt);
    case "updated_at":
      return show(row.updatedAt);
  }
}
