import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReportedFinding, ReportedRule, RunReport } from "../report/run-report.ts";
import {
  type Entry,
  type Expectations,
  parseExpectations,
  readExpectations,
  writeExpectations,
} from "./file.ts";
import { type EntryState, type GateOptions, gate, updated } from "./gate.ts";

const SIGNATURE = "SCH-3 | schedule | state | available → discarded | scheduled";

const entry = (over: Partial<Entry> = {}): Entry => ({
  rule: "SCH-3",
  signature: SIGNATURE,
  reason: "it sees itself as rival",
  ...over,
});

const fileOf = (...entries: readonly Entry[]): Expectations => ({
  format: 1,
  adapter: "mine",
  version: "1",
  property: "step",
  runs: 100,
  entries: [...entries],
});

const finding = (over: Partial<ReportedFinding> = {}): ReportedFinding => ({
  event: "finding",
  kind: "broken",
  rule: "SCH-3",
  signature: SIGNATURE,
  sequence: 1,
  seconds: 0,
  length: 2,
  steps: [],
  story: [],
  expected: "1",
  got: "2",
  why: null,
  behavesLike: null,
  record: null,
  ...over,
});

const rule = (over: Partial<ReportedRule> = {}): ReportedRule => ({
  event: "rule",
  rule: "SCH-3",
  verdict: "kept",
  fired: 412,
  why: null,
  ...over,
});

function reportOf(
  findings: readonly ReportedFinding[],
  rules: readonly ReportedRule[] = [rule()],
  over: Partial<RunReport["footer"]> = {},
): RunReport {
  return {
    header: {} as RunReport["header"],
    findings,
    rules,
    footer: {
      event: "footer",
      sequences: 100,
      operations: 1000,
      seconds: 1,
      transitions: 1,
      complete: true,
      failure: null,
      exit: 0,
      ...over,
    },
  };
}

const OPTIONS: GateOptions = { today: "2027-06-01", isCut: false, replayed: new Map() };

const stateOf = (
  listed: Entry,
  report: RunReport,
  options: Partial<GateOptions> = {},
): readonly [EntryState | undefined, string | undefined] => {
  const [judged] = gate(fileOf(listed), report, { ...OPTIONS, ...options }).entries;
  return [judged?.state, judged?.why];
};

const replayed = (shows: boolean) => ({ replayed: new Map([[SIGNATURE, { shows }]]) });

describe("an entry", () => {
  test("that shows is listed, and nothing is new", () => {
    const { fresh, entries } = gate(fileOf(entry()), reportOf([finding()]), OPTIONS);
    expect(fresh).toEqual([]);
    expect(entries.map(({ state }) => state)).toEqual(["listed"]);
  });

  test("whose story alone shows it is listed", () => {
    expect(stateOf(entry(), reportOf([]), replayed(true))[0]).toBe("listed");
  });

  test("that no longer shows is stale, and says in how many tries", () => {
    expect(stateOf(entry(), reportOf([]))).toEqual(["stale", "kept in 412 tries"]);
    const other = finding({ signature: "SCH-3 | schedule | metadata" });
    const broken = reportOf([other], [rule({ verdict: "broken", fired: 1 })]);
    expect(stateOf(entry(), broken)).toEqual(["stale", "not seen in 1 try"]);
  });

  test("whose story no longer shows it is stale, however short the run", () => {
    const short = reportOf([], [rule({ fired: 0 })], { sequences: 1 });
    expect(stateOf(entry(), short, replayed(false))).toEqual([
      "stale",
      "its story no longer shows it",
    ]);
  });

  test("is never stale for a run that is shorter, cut, or did not try its rule", () => {
    const why = "not looked for long enough: 99 sequences of 100";
    expect(stateOf(entry(), reportOf([], [rule()], { sequences: 99 }))).toEqual(["unsought", why]);
    expect(stateOf(entry(), reportOf([]), { isCut: true })[0]).toBe("unsought");
    expect(stateOf(entry(), reportOf([], [rule()], { complete: false }))[0]).toBe("unsought");
    expect(stateOf(entry(), reportOf([], [rule({ fired: 0 })]))).toEqual([
      "unsought",
      "its rule never fired",
    ]);
  });

  test("is not stale for what was seen only once", () => {
    expect(stateOf(entry(), reportOf([finding({ kind: "unclear" })]))[0]).toBe("unsought");
  });

  test("is accepted through its last day, and expired the day after", () => {
    const listed = entry({ expires: "2027-06-01" });
    expect(stateOf(listed, reportOf([finding()]))[0]).toBe("listed");
    expect(stateOf(listed, reportOf([finding()]), { today: "2027-06-02" })).toEqual([
      "expired",
      "accepted until 2027-06-01",
    ]);
  });

  test("that nothing can show is unmatched, and says why", () => {
    expect(stateOf(entry(), reportOf([], []))).toEqual(["unmatched", "there is no such rule"]);
    const skipped = reportOf([], [rule({ verdict: "skipped", why: "it has no schedule" })]);
    expect(stateOf(entry(), skipped)).toEqual(["unmatched", "skipped: it has no schedule"]);
    expect(stateOf(entry(), reportOf([finding({ kind: "by design" })]))[0]).toBe("unmatched");
  });

  test("of another signature of the same rule hides nothing: the change is told as new and stale", () => {
    const other = finding({ signature: "SCH-3 | schedule | state | available → running" });
    const { fresh, entries } = gate(fileOf(entry()), reportOf([other]), OPTIONS);
    expect(fresh).toEqual([other]);
    expect(entries[0]).toMatchObject({ state: "stale", becomes: other });
  });
});

test("an update keeps what stays with its reason, drops what is gone, and gives what is new the new reason", () => {
  const expired = entry({ signature: "SCH-3 | old", expires: "2020-01-01", link: "https://a.b/c" });
  const stale = entry({ signature: "SCH-3 | gone" });
  const fresh = finding({ signature: "SCH-3 | new" });
  const report = reportOf([finding(), finding({ signature: "SCH-3 | old" }), fresh]);
  const gated = gate(fileOf(entry(), expired, stale), report, OPTIONS);
  expect(
    updated(
      gated,
      () => ["0s insert #1"],
      () => "because",
    ),
  ).toEqual([
    entry(),
    { rule: "SCH-3", signature: "SCH-3 | old", link: "https://a.b/c", reason: "because" },
    { rule: "SCH-3", signature: "SCH-3 | new", reason: "because", story: ["0s insert #1"] },
  ]);
});

describe("a file", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-gate-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("is written by signature, and read again; none is null", async () => {
    const path = join(folder, "new", "expect.json");
    expect(await readExpectations(path)).toBeNull();
    const story = ["0s insert #1 unique A, due 30s", "30s schedule"];
    const entries = [entry({ story, expires: "2027-01-31" }), entry({ signature: "SCH-3 | a" })];
    await writeExpectations(path, fileOf(...entries));
    const read = await readExpectations(path);
    expect(read).toEqual(fileOf(...[...entries].reverse()));
    expect(await readdir(join(folder, "new"))).toEqual(["expect.json"]);
    expect(await readFile(path, "utf8")).toMatch(/\}\n$/);
  });

  test("that is a folder is told in a line", async () => {
    await expect(readExpectations(folder)).rejects.toThrow("must be a file of expectations, but");
    await writeFile(join(folder, "plain"), "");
    await expect(writeExpectations(join(folder, "plain", "x.json"), fileOf())).rejects.toThrow(
      "cannot be written",
    );
  });

  test.each<[string, string]>([
    ["{", "is no JSON"],
    [JSON.stringify({ format: 2 }), "has format 2, and this Weir reads up to 1. Update Weir"],
    [JSON.stringify({ ...fileOf(), runs: -1 }), "is damaged at runs"],
    [JSON.stringify(fileOf(entry({ reason: " " }))), "is damaged at entries.0.reason"],
    [JSON.stringify(fileOf(entry({ expires: "2027-02-30" }))), "is damaged at entries.0.expires"],
    [JSON.stringify(fileOf(entry({ link: "no" }))), "is damaged at entries.0.link"],
    [
      JSON.stringify(fileOf(entry({ signature: "FIN-1 | x" }))),
      "entry 1 (SCH-3) has a signature of another rule",
    ],
    [JSON.stringify(fileOf(entry(), entry())), "entry 2 (SCH-3) has its signature twice"],
    [
      JSON.stringify(fileOf(entry({ story: ["0s finnish #1"] }))),
      "entry 1 (SCH-3) has a story that cannot be read: line 1",
    ],
    [JSON.stringify({ ...fileOf(), entries: [{ rule: "SCH-3" }] }), "is damaged at entries.0"],
  ])("that cannot be used is told in a line: %#", (text, message) => {
    expect(() => parseExpectations(text, "e.json")).toThrow(
      `e.json must be a file of expectations, but ${message}`,
    );
  });
});
