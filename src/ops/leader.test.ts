import { expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { Micros } from "../time.ts";
import { elect } from "./elect.ts";
import { reelect } from "./reelect.ts";
import { requestResign } from "./request-resign.ts";
import { resign } from "./resign.ts";

const NOW = 1_893_456_000_000_001n;
const LEASE = 15_000_000n;
const termOf = (leaderId: string, electedAt: Micros, lasts = LEASE) => ({
  leaderId,
  electedAt,
  expiresAt: electedAt + lasts,
});

onBoth((subject) => {
  const ask = (at: Micros, client = "c1") => elect(subject.db, at, client, LEASE);

  test("one leads until its lease has run out", async () => {
    expect(await ask(NOW)).toEqual(termOf("c1", NOW));
    expect(await ask(NOW + LEASE, "c2")).toBeNull();
    expect(await ask(NOW + LEASE)).toBeNull();
    expect(await ask(NOW + LEASE + 1n, "c2")).toEqual(termOf("c2", NOW + LEASE + 1n));
  });

  test("a leader goes on in its own term alone, and in time", async () => {
    const first = termOf("c1", NOW);
    await ask(NOW);
    const longer = await reelect(subject.db, NOW + LEASE, first, LEASE);
    expect(longer).toEqual({ ...first, expiresAt: NOW + 2n * LEASE });
    expect(await reelect(subject.db, NOW + 2n * LEASE + 1n, first, LEASE)).toBeNull();
    expect(await ask(NOW + 3n * LEASE)).not.toBeNull();
    expect(await reelect(subject.db, NOW + 3n * LEASE, first, LEASE)).toBeNull();
    expect(await resign(subject.db, first)).toBe(false);
    expect(await resign(subject.db, termOf("c2", NOW + 3n * LEASE))).toBe(false);
    expect(await resign(subject.db, termOf("c1", NOW + 3n * LEASE))).toBe(true);
    expect(await ask(NOW + 3n * LEASE, "c2")).not.toBeNull();
  });

  test("of many that ask at once one is elected, also when a lease has run out", async () => {
    for (const at of [NOW, NOW + 2n * LEASE]) {
      const clients = ["c1", "c2", "c3", "c4", "c5", "c6"];
      const answers = await Promise.all(clients.map((client) => ask(at, client)));
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    }
  });

  test("to ask for a resignation changes nothing", async () => {
    await requestResign(subject.db);
    await ask(NOW);
    await requestResign(subject.db);
    expect(await reelect(subject.db, NOW, termOf("c1", NOW), LEASE)).not.toBeNull();
  });

  test("without now the database's clock counts", async () => {
    const term = await elect(subject.db, null, "c1", LEASE);
    if (term === null) throw new Error("c1 must be elected, but is not.");
    expect(term.expiresAt - term.electedAt).toBe(LEASE);
    const longer = await reelect(subject.db, null, term, LEASE);
    expect(longer?.expiresAt).toBeGreaterThanOrEqual(term.expiresAt);
  });

  test.each([
    ["", LEASE],
    ["c".repeat(128), LEASE],
    ["\0", LEASE],
    ["c1", 0n],
    ["c1", -1n],
    ["c1", 10n ** 18n],
  ])("%j for %s is refused", async (client, lease) => {
    await expect(elect(subject.db, NOW, client, lease)).rejects.toMatchObject({ code: "invalid" });
    await expect(
      reelect(subject.db, NOW, { leaderId: client, electedAt: NOW }, lease),
    ).rejects.toMatchObject({ code: "invalid" });
  });
});
