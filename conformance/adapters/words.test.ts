import { expect, test } from "vitest";
import { words } from "./words.ts";

test.each([
  ["", []],
  ["  ./adapter  --flag ", ["./adapter", "--flag"]],
  [`node 'a b' "c d"`, ["node", "a b", "c d"]],
  [`a'b'"c"d`, ["abcd"]],
  [`'' ""`, ["", ""]],
  [`a\\ b "say \\"x\\"" '\\n'`, ["a b", `say "x"`, "\\n"]],
  ["$HOME * ~ | ;", ["$HOME", "*", "~", "|", ";"]],
])("the words of %j are %j", (command, expected) => {
  expect(words(command)).toEqual(expected);
});

test.each([`'a`, `a "b`, "a\\"])("%j is not closed", (command) => {
  expect(words(command)).toBeNull();
});
