import { expect, test } from "vitest";
import { StateTable } from "./table.ts";

test("rows are numbered in order, found again, and told apart, also when the table grows", () => {
  const table = new StateTable(3);
  const row = (i: number) => Uint32Array.of(i, i % 7, i >> 3);
  for (let i = 0; i < 20_000; i++) expect(table.add(row(i))).toBe(i);
  expect(table.size).toBe(20_000);
  expect(table.add(row(12_345))).toBe(-1);
  expect([...table.at(12_345)]).toEqual([...row(12_345)]);
});
