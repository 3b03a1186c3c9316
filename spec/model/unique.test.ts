import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { UniqueOptions } from "./op.ts";
import { uniqueText } from "./unique.ts";

type Vector = Readonly<{
  options: Omit<UniqueOptions, "byPeriod" | "byArgs"> & { byPeriod?: string; byArgs?: unknown };
  kind: string;
  args: string;
  queue: string;
  at: string;
  key: string;
}>;

const { cases }: { cases: Vector[] } = JSON.parse(
  readFileSync(new URL("../../src/unique.vectors.json", import.meta.url), "utf8"),
);
// Selected paths are the queue's own; the model knows all args or none. And its instants are whole numbers of JavaScript.
const expressible = cases.filter(
  ({ options, at }) => !Array.isArray(options.byArgs) && Number.isSafeInteger(Number(at)),
);

test("most vectors can be said in the model's options", () => {
  expect(expressible.length).toBeGreaterThan(50);
});

test.each(expressible)("key of $args with $options at $at is River's", (vector) => {
  const { options, at, key, ...job } = vector;
  const { byPeriod, byArgs, ...others } = options;
  const unique: UniqueOptions = {
    ...others,
    byArgs: byArgs === true,
    ...(byPeriod === undefined ? {} : { byPeriod: Number(byPeriod) }),
  };
  const text = uniqueText(unique, { ...job, at: Number(at) });
  expect(
    createHash("sha256")
      .update(text ?? "")
      .digest("hex"),
    text ?? "none",
  ).toBe(key);
});

test("args that are no object have no key", () => {
  for (const args of ["1", "[1]", "null", '"a"']) {
    expect(uniqueText({ byArgs: true }, { kind: "k", args, queue: "q", at: 0 })).toBeNull();
  }
});
