import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { alterationOf } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { type Entry, type Expectations, readExpectations } from "../gate/file.ts";
import { AdapterError } from "../protocol/failure.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { type GateFile, type GateResult, holdAgainst } from "./expect.ts";
import type { Opened } from "./open.ts";
import { type Examined, examine } from "./run-check.ts";

let ground: Ground;
let opened: Opened;
let examined: Examined;
let folder = "";
beforeAll(async () => {
  ground = await pgliteGround();
  folder = await mkdtemp(join(tmpdir(), "weir-gate-"));
  const bug = BUGS.find(({ name }) => name === "schedule-self-conflict");
  if (bug === undefined) throw new Error("There must be such a bug, but there is none.");
  const { runAll: _, put: __, ...adapter } = referenceAdapter(ground, alterationOf(bug));
  opened = { name: "mine", adapter, others: [], edition: NEWEST };
  examined = await examine(opened, {
    property: "step",
    seed: 42,
    runs: 6,
    seconds: null,
    maxSteps: null,
    failFast: false,
    command: "npx weir check",
    at: new Date("2030-01-01T00:00:00Z"),
    records: null,
  });
}, 300_000);
afterAll(async () => {
  await ground.close();
  await rm(folder, { recursive: true, force: true });
});

const hold = (
  was: Expectations | null,
  over: Partial<GateFile> = {},
  from = opened,
): Promise<GateResult> => {
  const gateFile = { path: join(folder, "e.json"), was, reason: null, ...over };
  return holdAgainst(gateFile, from, examined, { today: "2030-01-01", isCut: false });
};

async function written(): Promise<Expectations> {
  await hold(null, { reason: "it sees itself as rival" });
  const file = await readExpectations(join(folder, "e.json"));
  if (file === null) throw new Error("The file must be there, but is not.");
  return file;
}

const exitOf = ({ examined: { report } }: GateResult): number => report.footer.exit;

const FALSE: Entry = {
  rule: "INS-4",
  signature: "INS-4 | insert | state | available → running | new",
  reason: "never true",
  story: ["0s insert #1"],
};

test("what is accepted is marked, and nothing else is red: six walks alone leave rules undecided", async () => {
  expect(examined.report.footer.exit).toBe(1);
  const file = await written();
  expect(file).toMatchObject({ adapter: "reference", property: "step", runs: 6 });
  const held = await hold(file);
  const { report } = held.examined;
  expect(report.footer.gate).toMatchObject({
    listed: file.entries.length,
    unlisted: 0,
    amiss: [],
  });
  expect(exitOf(held)).toBe(2);
  const found = report.findings.filter(({ kind }) => kind === "broken");
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ accepted }) => accepted === "it sees itself as rival")).toBe(true);
  expect(found.every((finding) => held.examined.shown.has(finding))).toBe(true);
});

test("an entry that is missing is a divergence, one that is false is stale, and one that expired is a divergence", async () => {
  const file = await written();
  const less = { ...file, entries: file.entries.slice(1) };
  expect(exitOf(await hold(less))).toBe(1);
  const more = { ...file, entries: [...file.entries, FALSE] };
  expect(exitOf(await hold(more))).toBe(3);
  const both = { ...file, entries: [...file.entries.slice(1), FALSE] };
  expect(exitOf(await hold(both))).toBe(1);
  const late = file.entries.map((entry) => ({ ...entry, expires: "2029-12-31" }));
  expect(exitOf(await hold({ ...file, entries: late }))).toBe(1);
});

test("a story that still shows keeps an entry that the walks did not come to", async () => {
  const file = await written();
  const findings = examined.report.findings.filter(({ kind }) => kind !== "broken");
  const blind = { ...examined, report: { ...examined.report, findings } };
  const gateFile = { path: "e.json", was: file, reason: null };
  const held = await holdAgainst(gateFile, opened, blind, { today: "2030-01-01", isCut: false });
  expect(held.gated.entries.map(({ state }) => state)).toEqual(file.entries.map(() => "listed"));
});

test("an adapter that dies while a story is run again is no verdict, and nothing is written", async () => {
  const file = await written();
  const dead: Opened = {
    ...opened,
    adapter: {
      ...opened.adapter,
      reset: () => Promise.reject(new AdapterError("exited", "the adapter ended (code 3)")),
    },
  };
  const path = join(folder, "never.json");
  const more = { ...file, entries: [...file.entries, FALSE] };
  const held = await hold(more, { path, reason: "x" }, dead);
  expect(exitOf(held)).toBe(4);
  expect(held.written).toBeNull();
  expect(await readExpectations(path)).toBeNull();
});
