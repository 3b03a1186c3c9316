import { afterEach, describe, expect, test } from "vitest";
import { clientsOn, eventually, gate } from "../../conformance/database/clients.ts";
import { brokenConnection, faulty } from "../../conformance/database/faulty.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { Db } from "../db.ts";
import { elect } from "../ops/elect.ts";
import { type Duties, Leadership, type LeaderTimes } from "./leadership.ts";
import type { Problem } from "./options.ts";
import { settingsOf } from "./settings.ts";

/** A lease that is over before a test is tired of it, and longer than a busy machine stands still. */
const TIMES: LeaderTimes = { leaseMs: 1_500, renewMs: 150, trustMs: 1_000 };

onBoth((subject) => {
  const { start } = clientsOn(subject);
  const leader = async () => {
    const { rows } = await subject.db.query<{ leader_id: string }>(
      "select leader_id from river_leader",
      [],
    );
    return rows[0]?.leader_id ?? null;
  };

  describe("clients", () => {
    const two = async () => {
      const first = await start({ id: "first", queues: {} });
      await eventually("the first leads", () => first.running.isLeader);
      const second = await start({ id: "second", queues: {} });
      return { first, second };
    };

    test("one leads; when it stops, another is elected at once", async () => {
      const { first, second } = await two();
      expect([second.running.isLeader, await leader()]).toEqual([false, "first"]);
      const since = performance.now();
      await first.running.stop();
      expect(first.running.isLeader).toBe(false);
      await eventually("the second leads", () => second.running.isLeader);
      // By notification: it would have asked again 5 s after its start.
      expect(performance.now() - since).toBeLessThan(4_000);
      expect(await leader()).toBe("second");
    });

    test("one that is asked to resign does, and does not come before the others", async () => {
      const { first, second } = await two();
      await second.client.requestResign();
      await eventually("the second leads", () => second.running.isLeader);
      expect([first.running.isLeader, await leader()]).toEqual([false, "second"]);
    });

    test("one that may not lead never asks", async () => {
      const other = await start({ mayLead: false });
      await other.running.stop();
      expect([other.running.isLeader, await leader()]).toEqual([false, null]);
    });
  });

  // What is shown here of leases is the same on both.
  if (!subject.isConcurrent) return;
  describe("a lease", () => {
    const begun: Leadership[] = [];
    afterEach(() => Promise.all(begun.splice(0).map((one) => one.stop())));

    function leadership(id: string, db: Db, duties: Partial<Duties> = {}) {
      const problems: Problem[] = [];
      const log: string[] = [];
      const settings = settingsOf({ id, onProblem: (problem) => void problems.push(problem) });
      const one = new Leadership(
        db,
        settings,
        {
          start: async () => void log.push("start"),
          stop: async () => void log.push("stop"),
          ...duties,
        },
        TIMES,
      );
      one.start();
      begun.push(one);
      return { one, log, problems };
    }

    test("is renewed for as long as it is wanted, and taken over when it has run out", async () => {
      const wire = faulty(subject.db);
      const a = leadership("a", wire.db);
      await eventually("a leads", () => a.one.isLeader);
      const b = leadership("b", subject.db);
      const renewed = gate();
      let renewals = 0;
      wire.after("reelect", () => {
        renewals += 1;
        if (renewals === 11) renewed.open();
      });
      await renewed.opened;
      expect([await leader(), b.one.isLeader, a.log]).toEqual(["a", false, ["start"]]);

      // Killed, as far as others can see.
      for (const statement of ["elect", "reelect", "resign"] as const)
        wire.before(statement, () => {
          throw brokenConnection();
        });
      // Whoever is cut off has ended before another begins.
      await eventually("b leads", () => {
        expect(a.one.isLeader && b.one.isLeader).toBe(false);
        return b.one.isLeader;
      });
      expect(a.log).toEqual(["start", "stop"]);
      expect(a.problems.every(({ what }) => what === "leader")).toBe(true);
      expect(a.problems.length).toBeGreaterThan(0);
      await Promise.all([a.one.stop(), b.one.stop()]);
      expect([b.log, b.problems]).toEqual([["start", "stop"], []]);
    });

    test("that was taken is noticed with its next renewal, and left alone", async () => {
      const { one, log } = leadership("a", subject.db);
      await eventually("it leads", () => one.isLeader);
      await subject.db.query("update river_leader set leader_id = 'usurper'", []);
      await eventually("its duties end", () => log.includes("stop"));
      expect(one.isLeader).toBe(false);
      await one.stop();
      expect([log, await leader()]).toEqual([["start", "stop"], "usurper"]);
    });

    test("of a renewal that hangs is not believed in, and is believed in again when that succeeds", async () => {
      const wire = faulty(subject.db);
      const { one, log } = leadership("a", wire.db);
      await eventually("it leads", () => one.isLeader);
      const answer = gate();
      wire.before("reelect", () => answer.opened);
      await eventually("it distrusts", () => !one.isLeader);
      await eventually("its duties end", () => log.includes("stop"));
      wire.before("reelect", null);
      answer.open();
      // What was answered too late is asked again at once, and not waited for until the lease has run out.
      await eventually("it leads again", () => one.isLeader);
      expect(log).toEqual(["start", "stop", "start"]);
      await one.stop();
      expect([log.length, await leader()]).toEqual([4, null]);
    });

    test("that is not believed in any more is resigned by a stop all the same", async () => {
      const wire = faulty(subject.db);
      const { one } = leadership("a", wire.db);
      await eventually("it leads", () => one.isLeader);
      wire.before("reelect", () => {
        throw brokenConnection();
      });
      await eventually("it distrusts", () => !one.isLeader);
      expect(await leader()).toBe("a");
      await one.stop();
      expect(await leader()).toBeNull();
    });

    test("two clients of one name never lead both", async () => {
      const twins = [leadership("twin", subject.db), leadership("twin", subject.db)];
      const leading = () => twins.filter(({ one }) => one.isLeader);
      await eventually("one leads", () => leading().length === 1);
      const end = performance.now() + 2 * TIMES.leaseMs;
      await eventually("two leases are over", () => {
        expect(leading().length).toBeLessThan(2);
        return performance.now() > end;
      });
      await eventually("one leads still", () => leading().length === 1);
      await leading()[0]?.one.stop();
      await eventually("the other leads", () => leading().length === 1);
      await Promise.all(twins.map(({ one }) => one.stop()));
      expect(await leader()).toBeNull();
    });

    test("of one whose duties cannot begin is given up", async () => {
      let tries = 0;
      const { one, problems } = leadership("a", subject.db, {
        start: () => {
          tries += 1;
          return tries < 3 ? Promise.reject(new Error("cannot")) : Promise.resolve();
        },
      });
      await eventually("it leads", () => tries >= 3 && one.isLeader);
      expect(problems.slice(0, 2)).toMatchObject([
        { what: "leader", tries: 1 },
        { what: "leader", tries: 2 },
      ]);
      await one.stop();
    });

    test("that cannot be resigned runs out, and the stop goes on", async () => {
      const wire = faulty(subject.db);
      const { one, problems } = leadership("a", wire.db);
      await eventually("it leads", () => one.isLeader);
      wire.before("resign", () => {
        throw brokenConnection();
      });
      await one.stop();
      expect(problems).toMatchObject([{ what: "leader", tries: 0 }]);
      await eventually("another is elected", () => elect(subject.db, null, "b", 1n));
    });
  });
});
