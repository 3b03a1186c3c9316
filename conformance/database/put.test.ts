import { expect, test } from "vitest";
import { EMPTY, type Job, type State } from "../../spec/model/state.ts";
import { observe } from "./observe.ts";
import { onBoth } from "./on-both.ts";
import { put } from "./put.ts";

const job: Job = {
  id: 7,
  state: "discarded",
  attempt: 2,
  maxAttempts: 2,
  attemptedAt: 1,
  createdAt: -2_000_001,
  finalizedAt: 3,
  scheduledAt: -4,
  priority: 3,
  args: '{"a": 9007199254740993, "b": "\\""}',
  attemptedBy: ['c"1', "c2"],
  errors: [{ at: 5, attempt: 1, error: 'b"o\\om', trace: "" }, { other: "1.0" }],
  kind: "weir",
  metadata: '{"n": 1.50}',
  queue: "default",
  tags: ["one", "t,wo"],
  uniqueKey: "00ff",
  uniqueStates: 0b0101_0001,
};
const state: State = {
  ...EMPTY,
  jobs: new Map([[7, job]]),
  queues: new Map([
    ["q", { name: "q", createdAt: 1, metadata: '{"x": 2.0}', pausedAt: null, updatedAt: 2 }],
  ]),
  leader: { leaderId: "me", electedAt: 3, expiresAt: 4 },
};

onBoth((subject) => {
  test("what is put is observed, to the last digit, and the next id comes after", async () => {
    await put(subject.db, state);
    const seen = await observe(subject.db);
    expect(seen).toEqual({
      jobs: [job],
      queues: [...state.queues.values()],
      leader: state.leader,
    });
    const { rows } = await subject.db.query<{ id: string }>(
      "select nextval('river_job_id_seq')::text as id",
      [],
    );
    expect(rows[0]?.id).toBe("8");
    await subject.db.query("delete from river_queue", []);
    await subject.db.query("delete from river_leader", []);
  });
});
