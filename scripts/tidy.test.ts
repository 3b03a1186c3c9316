import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BUGS } from "../conformance/bugs/catalogue.ts";
import { RULES } from "../spec/rules.generated.ts";
import { boundToNode, importsOf, wrongDirections } from "./imports.ts";
import { generateRules } from "./rules.ts";
import {
  deadLinks,
  forbiddenWords,
  functionsOf,
  longFiles,
  longFunctions,
  misplaced,
  repositoryFiles,
  type SourceFile,
  undocumented,
  unknownRules,
  unnamedRules,
} from "./tidy.ts";

const FILES = repositoryFiles();
const IDS: readonly string[] = Object.keys(RULES);
const file = (path: string, text = ""): SourceFile => ({ path, text });

test("the repository is read", () => {
  const paths = FILES.map(({ path }) => path);
  expect(paths).toContain("spec/rules.md");
  expect(paths).toContain("scripts/tidy.test.ts");
  expect(paths.filter((path) => path.startsWith("node_modules/"))).toEqual([]);
});

describe("rules", () => {
  test("no text names a rule that is none", () => {
    expect(unknownRules(FILES, IDS)).toEqual([]);
    const made = `${"INS"}-${"999"}`;
    expect(unknownRules([file("a.ts", `\n/** ${made} */`)], IDS)).toEqual([
      `a.ts:2: ${made} is no rule.`,
    ]);
  });

  test("every rule is named by the model, the invariants or the comparison", () => {
    expect(unnamedRules(FILES, IDS)).toEqual([]);
    const model = file("spec/model/a.ts", '"INS-10"');
    const test = file("spec/model/a.test.ts", '"INS-1"');
    expect(unnamedRules([model, test], ["INS-1", "INS-10"])).toEqual(["INS-1"]);
  });

  test("spec/rules.generated.ts is up to date; if not, run npm run rules", () => {
    const stored = FILES.find(({ path }) => path === "spec/rules.generated.ts")?.text;
    expect(stored).toBe(generateRules());
    expect(stored).toContain('"INV-1"');
  });

  test("bugs break rules that there are", () => {
    const unknown = (breaks: readonly string[]) => breaks.filter((id) => !IDS.includes(id));
    expect(BUGS.flatMap(({ breaks }) => unknown(breaks))).toEqual([]);
    expect(unknown(["SCH-1", "SCH"])).toEqual(["SCH"]);
  });
});

describe("documents", () => {
  test("no link leads nowhere", () => {
    expect(deadLinks(FILES)).toEqual([]);
    const readme = file("docs/a.md", "[x](b.md) [y](../src/) [z](https://a.b/c.md) [w](d.md#e)");
    expect(deadLinks([readme, file("src/i.ts"), file("docs/d.md")])).toEqual([
      "docs/a.md: b.md is not there.",
    ]);
  });

  test("every exported name has a docstring", () => {
    expect(undocumented(FILES)).toEqual([]);
    const code =
      "/** A. */\nexport const a = 1;\nexport type B = 1;\nexport { c } from './c.ts';\n";
    expect(undocumented([file("src/a.ts", code)])).toEqual(["src/a.ts:3: B has no docstring."]);
  });

  test("nothing speaks of the workshop or of what is unfinished", () => {
    expect(forbiddenWords(FILES)).toEqual([]);
    const lines = ["/work/", "../"].map((start) => `see ${start}${"shared"}/x`);
    const notes = [`// ${"TO"}${"DO"}: x`, `${"FIX"}${"ME"}`, "a to-do list"];
    const found = forbiddenWords([file("a.md", [...lines, ...notes].join("\n"))]);
    expect(found.map((each) => each.slice(0, 6))).toEqual(["a.md:1", "a.md:2", "a.md:3", "a.md:4"]);
  });
});

describe("sizes and places", () => {
  test("no file is too long", () => {
    expect(longFiles(FILES)).toEqual([]);
    const long = "x\n".repeat(301);
    const found = longFiles([file("a.ts", long), file("b.generated.ts", long), file("c.md", long)]);
    expect(found).toEqual(["a.ts must have at most 300 lines, but has 301."]);
  });

  test("no function is too long", () => {
    expect(longFunctions(FILES)).toEqual([]);
    const body = "  x();\n".repeat(50);
    const found = longFunctions([
      file("a.ts", `function f() {\n${body}}\n`),
      file("a.test.ts", body),
    ]);
    expect(found).toEqual(["a.ts:1: a function must have at most 50 lines, but has 52."]);
  });

  test("functions are found in every form, and statements are none", () => {
    const forms = [
      "export async function a(): Promise<void> {\n  x();\n}",
      "function b(\n  c: number,\n): void {\n  x();\n}",
      "const d = (e: string) => {\n  x();\n};",
      "const f = async (\n  g: string,\n): Promise<void> => {\n  x();\n};",
      "class H {\n  #i(): void {\n    x();\n  }\n}",
      "class J {\n  k(\n    l: string,\n  ): void {\n    x();\n  }\n}",
      "const m = {\n  async n(o: number) {\n    x();\n  },\n};",
      'test("p", () => {\n  x();\n});',
    ];
    expect(forms.map((form) => functionsOf(form).map(({ length }) => length))).toEqual([
      [3],
      [5],
      [3],
      [5],
      [3],
      [5],
      [3],
      [3],
    ]);
    const statements = [
      "if (a) {\n  x();\n}",
      "  for (const a of b) {\n    x();\n  }",
      "if (\n  a &&\n  b\n) {\n  x();\n}",
      "const a = {\n  b: 1,\n};",
      "while (\n  a\n) {\n  x();\n}",
      "} else if (a) {\n  x();\n}",
      "switch (a) {\n}",
    ];
    expect(statements.flatMap(functionsOf)).toEqual([]);
  });

  test("every file has its place and a name that says something", () => {
    expect(misplaced(FILES)).toEqual([]);
    const vague = ["src/a-utils.ts", "src/Helpers/b.ts", "a/b/c/d.ts", "a/b/c/d/e.ts"];
    expect(misplaced(vague.map((path) => file(path)))).toEqual([
      "src/a-utils.ts must be named after what it does.",
      "a/b/c/d/e.ts lies more than two folders below a.",
    ]);
  });
});

describe("imports", () => {
  test("every import of a file is seen", () => {
    const code = [
      'import type { A } from "./a.ts";',
      'import {\n  b,\n  type C,\n} from "../src/b.ts";',
      'export { d } from "./d.ts";',
      'import "e";',
      'const f = await import("node:fs");',
    ].join("\n");
    const found = importsOf(file("conformance/x.ts", code));
    expect(found.map(({ to, isType }) => `${to}${isType ? " type" : ""}`)).toEqual([
      "conformance/a.ts type",
      "src/b.ts",
      "conformance/d.ts",
      "e",
      "node:fs",
    ]);
  });

  test("spec and src know of nothing above them", () => {
    expect(wrongDirections(FILES)).toEqual([]);
    const spec = file("spec/model/a.ts", 'import { b } from "../../src/b.ts";');
    const src = file("src/a.ts", 'import type { b } from "../spec/b.ts";');
    expect(wrongDirections([spec, src, file("spec/a.test.ts", spec.text)])).toEqual([
      "spec/model/a.ts must not import src/b.ts.",
      "src/a.ts must not import spec/b.ts.",
    ]);
  });

  test("what runs anywhere reaches neither Node nor a driver", () => {
    expect(boundToNode(FILES)).toEqual([]);
    const run = file("conformance/run/a.ts", 'import { b } from "../b.ts";');
    const through = file("conformance/b.ts", 'import { c } from "node:fs";');
    const type = file("conformance/run/c.ts", 'import type { d } from "pg";');
    expect(boundToNode([run, through, type])).toEqual([
      "conformance/run/a.ts → conformance/b.ts → node:fs",
    ]);
    expect(existsSync("conformance/reference/ground.ts")).toBe(true);
  });
});
