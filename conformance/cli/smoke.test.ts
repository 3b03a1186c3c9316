import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { EDITIONS, NEWEST } from "../../spec/model/edition.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import { checkable } from "../adapters/claims.ts";
import { checkableRules, ladderOf } from "../adapters/ladder.ts";
import { LIARS, liarCommand } from "../adapters/liars/catalogue.ts";
import { ruleList } from "./smoke-screen.ts";
import { weirIn } from "./spawn.ts";

const url = inject("postgresUrl");
const weir = weirIn(() => folder);
const tsx = fileURLToPath(import.meta.resolve("tsx"));
const reference = fileURLToPath(new URL("../adapters/reference-process.ts", import.meta.url));
const REFERENCE = `"${process.execPath}" --import "${tsx}" "${reference}"`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-smoke-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const smoke = (adapter: string, ...args: readonly string[]) =>
  weir(["smoke", "--adapter", adapter, "--database", url, ...args]);
const liar = (name: string) =>
  liarCommand(name)
    .map((word) => `"${word}"`)
    .join(" ");

test("the reference keeps every claim, and nothing is left to add", {
  timeout: 60_000,
}, async () => {
  const { code, out, err } = await smoke(REFERENCE, "--json");
  expect(err).toBe("");
  const seen = JSON.parse(out);
  expect(seen).toMatchObject({ broken: [], ended: null, ladder: [], exit: 0 });
  expect(seen.rules).toBe(seen.inForce);
  expect(seen.handshakeMs).toBeGreaterThan(0);
  expect(code).toBe(0);
});

test("every claim that is not kept is told, not the first alone", async () => {
  const { code, out } = await smoke(liar("lying-capability"));
  expect(out).toContain("claims schedule, but schedule answered method_not_found (so with");
  expect(out).toMatch(/exit 4: 4 claims are not kept\n$/);
  expect(code).toBe(4);
});

test("what an adapter lacks is told by what it would buy", async () => {
  const { out } = await smoke(liar("lying-capability"), "--ascii");
  expect(out).toMatch(/next {3}.* methods? +\+\d+ rules {2}[A-Z]{3}-\d/);
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(88);
  expect(out.split("\n").length).toBeLessThanOrEqual(25);
});

// One of each way in which an adapter fails; process.test.ts has them all.
const NAMES = ["crashing", "null", "wrong-nonce", "skip-quietly", "keeps-jobs"];
const CAUGHT = LIARS.filter(({ name }) => NAMES.includes(name));
test.each(CAUGHT)("the liar $name does not get away", { timeout: 60_000 }, async ({ name }) => {
  const { code, out, err } = await smoke(liar(name));
  expect(code).toBe(4);
  expect(out + err).toMatch(/not kept|the adapter/);
});

test("an adapter must be a program", async () => {
  const { code, err } = await smoke("reference");
  expect(err).toBe("weir: --adapter must be a program, but reference runs in this process.\n");
  expect(code).toBe(64);
});

const claimsOf = (...names: readonly string[]) =>
  checkable(Object.fromEntries(names.map((name) => [name, "supported"] as const)));

test("the ladder ends where every rule can be checked, and each rung adds to it", () => {
  for (const { name: edition } of [NEWEST, ...EDITIONS.slice(0, 1)]) {
    const capabilities = claimsOf("insert");
    const before = checkableRules(edition, capabilities);
    const rungs = ladderOf({ edition, capabilities });
    const gained = rungs.flatMap(({ rules }) => rules);
    expect(new Set(gained).size).toBe(gained.length);
    const all = checkableRules(
      edition,
      claimsOf("insert", "operations", "control", "queue", "leader"),
    );
    expect([...before, ...gained].sort()).toEqual([...all].sort());
  }
});

test("what helps only together is one rung", () => {
  const [first] = ladderOf({ edition: NEWEST.name, capabilities: claimsOf("insert", "control") });
  const names = ladderOf({ edition: NEWEST.name, capabilities: claimsOf("insert") }).map(
    ({ claims }) => claims.join("+"),
  );
  expect(first?.rules.length).toBeGreaterThan(0);
  expect(names).toContain("fetch+finish");
});

test("rules are listed by runs", () => {
  const rules: readonly RuleId[] = ["INV-2", "SCH-1", "SCH-2", "SCH-3", "SCH-6", "PAU-1"];
  expect(ruleList(rules, { ascii: false })).toBe("INV-2, SCH-1…3, 6, PAU-1");
});
