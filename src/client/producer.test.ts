import { expect, test } from "vitest";
import { clientsOn, eventually } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { Db } from "../db.ts";
import { job } from "./job-type.ts";
import { worker } from "./worker.ts";

const task = job("task");

onBoth((subject) => {
  const { start, make } = clientsOn(subject);

  test("a client that starts takes few jobs at first, so that they begin soon, then as many as it can", async () => {
    await make().insertManyFast(Array.from({ length: 200 }, () => task({})));
    const taken: number[] = [];
    const query: Db["query"] = async (sql, params) => {
      const answer = await subject.db.query<never>(sql, params);
      if (sql.includes("skip locked") && answer.rows.length > 0) taken.push(answer.rows.length);
      return answer;
    };
    let worked = 0;
    const workers = [worker(task, () => void worked++)];
    const queues = { default: { maxWorkers: 1_000 } };
    await start({ queues, workers, mayLead: false }, { ...subject.db, query });
    await eventually("all are worked", () => worked === 200);
    expect(taken).toEqual([50, 150]);
  });
});
