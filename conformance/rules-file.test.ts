import { expect, test } from "vitest";
import { readChapters, readRules, readWords } from "./rules-file.ts";

const TEXT = [
  "# The rules",
  "## States",
  "",
  "- `pending`: waits.",
  "",
  "## Columns",
  "",
  "- `id`: the number.",
  "",
  "## ABC: a chapter",
  "",
  "What it is about.",
  "",
  "### ABC-1 · weir · lost · since 0.13",
  "",
  "It holds.",
  "",
  "_Why weir's:_ nobody else says so.",
  "",
  "_See:_ needs ABC-2, ABC-3 · protects ABC-4 · not ABC-5",
  "",
  "```weir",
  "0s  insert #1",
  "```",
  "",
].join("\n");

test("a rule is read with its reasons, relations and examples", () => {
  expect(readRules(TEXT)).toEqual([
    {
      id: "ABC-1",
      level: "weir",
      harm: "lost",
      since: "0.13",
      sentence: "It holds.",
      why: "nobody else says so.",
      needs: ["ABC-2", "ABC-3"],
      protects: ["ABC-4"],
      unlike: ["ABC-5"],
      examples: ["0s  insert #1\n"],
    },
  ]);
});

test("chapters, states and columns are read", () => {
  expect(readChapters(TEXT)).toEqual([
    { id: "ABC", title: "a chapter", about: "What it is about." },
  ]);
  expect(readWords(TEXT)).toEqual({
    states: new Map([["pending", "waits."]]),
    columns: new Map([["id", "the number."]]),
  });
});

test.each([
  ["_See:_ wants ABC-2", 'but is "wants ABC-2".'],
  ["_See:_ needs ABC-2; not ABC-3", 'but is "needs ABC-2; not ABC-3".'],
])("%s is told", (line, message) => {
  expect(() => readRules(TEXT.replace(/^_See.*$/m, line))).toThrow(message);
});
