import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EDITIONS, type Edition, NEWEST } from "../../spec/model/edition.ts";
import { JOB_STATES } from "../../spec/model/state.ts";
import { CHAPTERS, COLUMNS, RULES, type RuleId, STATES } from "../../spec/rules.generated.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { COLUMNS as COMPARED } from "../compare/difference.ts";
import { lawOf } from "../law.ts";
import { columnName } from "../notation/column.ts";
import { NO_PAINT, widthOf } from "../report/screen.ts";
import { explain, type RuleExplanation } from "./explain.ts";
import type { Link } from "./links.ts";
import { nearest } from "./nearest.ts";
import { printExplanation } from "./print.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["spec", "spec/model", "src/ops", "conformance/compare", "conformance/bugs"];
const sources = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => /\.(ts|md)$/.test(name) && !/\.(test|generated)\.ts$/.test(name))
      .map((name) => [`${folder}/${name}`, readFileSync(join(ROOT, folder, name), "utf8")]),
  ),
);
const law = lawOf(NEWEST);
const library = { sources, adapters: ["river-go@0.12.0", "river-go@0.51.1"], law };
const IDS = Object.keys(RULES) as RuleId[];
const look = { ascii: false, paint: NO_PAINT, command: "npx weir" };

const lineAt = ({ path, line }: Link): string => sources.get(path)?.split("\n")[line - 1] ?? "";
const ids = (rules: readonly Readonly<{ id: RuleId }>[]): readonly RuleId[] =>
  rules.map(({ id }) => id);

function ruleNamed(id: RuleId): RuleExplanation {
  const answer = explain(id, library);
  if (answer.kind !== "rule") throw new Error(`${id} must be a rule, but is ${answer.kind}.`);
  return answer;
}

function columnNamed(column: string) {
  const answer = explain(column, library);
  if (answer.kind !== "column") throw new Error(`${column} must be a column.`);
  return answer;
}

test.each(IDS)("the links of %s lead to it", (id) => {
  const { read } = ruleNamed(id);
  expect(read.map(({ what }) => what)).toEqual(expect.arrayContaining(["rules", "model"]));
  const bugs = BUGS.filter(({ breaks }) => breaks.includes(id));
  const named = new RegExp(`\\b${id}\\b`);
  for (const link of read) {
    const line = lineAt(link);
    if (link.what === "rules") expect(line).toMatch(new RegExp(`^### ${id} ·`));
    else if (link.what === "model") expect(line).toMatch(named);
    else if (link.what === "bug") expect(line).toContain(`name: "${bugs[0]?.name}"`);
    else {
      const edits = bugs.flatMap((bug) => bug.edits.slice(0, 1));
      expect(edits.some(({ find }) => line.includes(find.trim().split("\n")[0] ?? ""))).toBe(true);
    }
  }
});

test("every seeded bug is found where it is written, and its first edit where its statement is", () => {
  for (const { name, edits } of BUGS) {
    const answer = explain(name, library);
    if (answer.kind !== "bug") throw new Error(`${name} must be a bug, but is ${answer.kind}.`);
    const [written, statement] = answer.read;
    expect(written === undefined ? "" : lineAt(written)).toContain(`"${name}"`);
    expect(statement?.path).toBe(edits[0]?.statement);
  }
});

test("what a rule is said to have to do with is a rule, and only invariants are protected", () => {
  const relations = Object.entries(RULES).flatMap(([id, { needs, protects, unlike }]) =>
    [...needs, ...protects, ...unlike].map((other) => ({ id, other })),
  );
  expect(relations.length).toBeGreaterThan(60);
  expect(relations.filter(({ id, other }) => other === id || !Object.hasOwn(RULES, other))).toEqual(
    [],
  );
  const guarded = Object.values(RULES).flatMap(({ protects }) => protects);
  expect(guarded.filter((other) => !/^INV-/.test(other))).toEqual([]);
});

test("every rule belongs to a chapter, and a chapter's rules are those of its word", () => {
  expect(IDS.filter((id) => CHAPTERS.every((chapter) => !id.startsWith(`${chapter.id}-`)))).toEqual(
    [],
  );
  const answer = explain("schedule", library);
  expect(answer).toMatchObject({ kind: "word", chapter: { id: "SCH", title: "schedule" } });
  if (answer.kind !== "word") return;
  expect(ids(answer.chapterRules)).toEqual(IDS.filter((id) => id.startsWith("SCH-")));
  expect(ids(answer.rules)).toContain("FIN-2");
});

test("states and columns are those of the table", () => {
  expect(Object.keys(STATES).sort()).toEqual([...JOB_STATES].sort());
  const columns = ["id", ...COMPARED.map(columnName)];
  expect(Object.keys(COLUMNS).sort()).toEqual(columns.sort());
});

test("a column's rules are those whose effects set it", () => {
  const finalized = ids(columnNamed("finalized_at").setBy);
  expect(finalized).toEqual(expect.arrayContaining(["INS-5", "FIN-1", "SCH-8"]));
  expect(finalized.filter((id) => id.startsWith("FET-"))).toEqual([]);
  expect(ids(columnNamed("finalized_at").rules)).toContain("INV-4");
  expect(ids(columnNamed("unique_states").setBy)).toEqual(
    expect.arrayContaining(["INS-13", "SCH-9"]),
  );
  const idle = Object.keys(COLUMNS).filter((column) => columnNamed(column).setBy.length === 0);
  expect(idle).toEqual([]);
});

test("words are found where they begin, and states say what they are", () => {
  const answer = explain("Snooze", library);
  if (answer.kind !== "word") throw new Error("snooze must be a word.");
  expect(ids(answer.rules)).toEqual(expect.arrayContaining(["FIN-7", "FIN-8", "FIN-10"]));
  expect(ids(answer.rules)).not.toContain("SCH-1");
  expect(explain("retryable", library)).toMatchObject({ kind: "word", means: STATES.retryable });
});

test("a version names every switch that is not as today, with the release that threw it", () => {
  const answer = explain("0.12.0", library);
  if (answer.kind !== "version") throw new Error("0.12.0 must be a version.");
  const [oldest = NEWEST] = EDITIONS;
  const switches = (Object.keys(NEWEST) as (keyof Edition)[]).filter((name) => name !== "name");
  const thrown = switches.filter((name) => oldest[name] !== NEWEST[name]);
  expect(answer.changes.map(({ name }) => name).sort()).toEqual([...thrown].sort());
  for (const { name, since, what, read } of answer.changes) {
    const first = EDITIONS.find(
      (edition) => edition[name as keyof Edition] !== oldest[name as keyof Edition],
    );
    expect({ name, since }).toEqual({ name, since: first?.name });
    expect(what).not.toBe("");
    expect(read === null ? "" : lineAt(read)).toContain(name);
  }
  expect(answer.notInForce).toContain("FIN-10");
  expect(answer.adapters).toEqual(["river-go@0.12.0"]);
  const today = explain(`v${NEWEST.name}`, library);
  expect(today).toMatchObject({ kind: "version", changes: [], notInForce: [], adapters: [] });
  expect(explain("0.51", library)).toMatchObject({ adapters: ["river-go@0.51.1"] });
  expect(explain("0.6.1", library)).toMatchObject({ isTooOld: true });
});

test("an unknown word is answered with the nearest three", () => {
  const answer = explain("snoz", library);
  if (answer.kind !== "unknown") throw new Error("snoz must be unknown.");
  expect(answer.nearest).toHaveLength(3);
  expect(answer.nearest[0]).toBe("snooze");
  expect(explain(`${"SCH"}-44`, library)).toMatchObject({ kind: "unknown" });
  expect(nearest(`${"SCH"}-44`, IDS)).toContain("SCH-4");
  for (const id of IDS) expect(nearest(id, IDS)[0]).toBe(id);
  for (const odd of ["-", "(", "a\\", "[", "*", "--x?"]) {
    expect(explain(odd, library).kind).toMatch(/unknown|word/);
  }
});

test("ids are known in small letters too, and every answer is on screen within its width", () => {
  expect(explain("sch-4", library)).toEqual(ruleNamed("SCH-4"));
  const asked = [
    "",
    "schedule",
    "running",
    "0.12.0",
    "unique_states",
    ...IDS,
    ...BUGS.map(({ name }) => name),
  ];
  for (const word of asked) {
    const answer = explain(word, library);
    if (answer.kind === "unknown") throw new Error(`${word} must be known.`);
    const lines = printExplanation(answer, law, look);
    expect(lines.filter((line) => widthOf(line) > 88)).toEqual([]);
    const plain = printExplanation(answer, law, { ...look, ascii: true }).join("\n");
    expect(plain).toMatch(/^[\n -~]*$/);
    expect(plain.split("?").length).toBe(lines.join("\n").split("?").length);
  }
});

test("a rule's screen has its example, what it is not, what breaks it and where to read", () => {
  const lines = printExplanation(ruleNamed("SCH-4"), law, look);
  const text = lines.join("\n");
  expect(lines.length).toBeLessThanOrEqual(25);
  expect(text).toMatch(/SCH-4 {3}schedule · level river · 1 example, \d+ seeded bugs/);
  expect(text).toMatch(/10s {3}schedule +✕ discarded +· +#2/);
  expect(text).toMatch(/Not to be confused with {3}SCH-3: A due job becomes available/);
  expect(text).toMatch(/Protects +INV-1: At most one job per unique key/);
  expect(text).toMatch(/read {2}spec\/rules\.md:\d+ · model spec\/model\/schedule\.ts:\d+/);
  expect(text).toContain("step  npx weir replay SCH-4 --step");
  const whole = printExplanation(ruleNamed("INV-1"), law, look).join("\n");
  expect(whole).toContain("Broken by                 no bug. The unique index of migration 6");
  const refusal = printExplanation(ruleNamed("INS-18"), law, look).join("\n");
  expect(refusal).toContain("0s   refused invalid");
});
