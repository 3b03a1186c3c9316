import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type UniqueOptions, uniqueKeyText } from "./unique.ts";

interface Vector {
  readonly options: Omit<UniqueOptions, "byPeriod"> & { readonly byPeriod?: string };
  readonly kind: string;
  readonly args: string;
  readonly queue: string;
  readonly at: string;
  readonly key: string;
}

const { cases }: { cases: Vector[] } = JSON.parse(
  readFileSync(new URL("unique.vectors.json", import.meta.url), "utf8"),
);

function textOf({ options, kind, args, queue, at }: Omit<Vector, "key">): string {
  const { byPeriod, ...others } = options;
  const period = byPeriod === undefined ? {} : { byPeriod: BigInt(byPeriod) };
  return uniqueKeyText({ ...others, ...period }, { kind, argsText: args, queue, at: BigInt(at) });
}

test("there are vectors of every kind", () => {
  expect(cases.length).toBeGreaterThan(100);
});

test.each(cases)("key of $args with $options at $at is River's", (vector) => {
  const text = textOf(vector);
  expect(createHash("sha256").update(text).digest("hex"), text).toBe(vector.key);
});

const byAll = (args: string) =>
  textOf({ options: { byArgs: true }, kind: "k", args, queue: "", at: "0" });
const byPaths = (args: string, ...paths: string[]) =>
  textOf({ options: { byArgs: paths }, kind: "k", args, queue: "", at: "0" });

test("the whole text, readable", () => {
  const options = { byArgs: true, byPeriod: "3600000000", byQueue: true };
  const args = '{"b": 1.0,"a":"<"}';
  expect(textOf({ options, kind: "k", args, queue: "q", at: "5400000001" })).toBe(
    '&kind=k&args={"a":"<","b":1.0}&period=1970-01-01T01:00:00Z&queue=q',
  );
});

test.each(["1", '"a"', "null", "true", "[1]", "[[]]"])(
  "args %s cannot be unique by args",
  (args) => {
    expect(() => byAll(args)).toThrow(expect.objectContaining({ code: "invalid", field: "args" }));
  },
);

test("distinct args never share a key, whatever their order of members", () => {
  const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 1 }));
  fc.assert(
    fc.property(object, object, (a, b) => {
      const [left, right] = [a, b].map((value) => JSON.parse(JSON.stringify(value)));
      const reversed = Object.fromEntries(Object.entries(left).reverse());
      expect(byAll(JSON.stringify(reversed))).toBe(byAll(JSON.stringify(left)));
      const equal = byAll(JSON.stringify(left)) === byAll(JSON.stringify(right));
      const keys = (value: object) => Object.keys(value).sort().join();
      if (keys(left) !== keys(right)) expect(equal).toBe(false);
    }),
  );
});

test("paths lead through objects only, and one below another adds nothing", () => {
  const args = '{"a":{"b":1,"c":[7,8]},"0":5,"a.b":2}';
  expect(byPaths(args, "a.c.0")).toBe("&kind=k&args=");
  expect(byPaths(args, "0")).toBe('&kind=k&args={"0":5}');
  expect(byPaths(args, "a.b", "a")).toBe('&kind=k&args={"a":{"b":1,"c":[7,8]}}');
  expect(byPaths(args, "a\\.b")).toBe('&kind=k&args={"a.b":2}');
  expect(byPaths(args, "a.c", "a.b", "a.b")).toBe('&kind=k&args={"a":{"b":1,"c":[7,8]}}');
  expect(byPaths('{"":{"":3}}', ".")).toBe('&kind=k&args={"":{"":3}}');
  expect(byPaths("[]", "a")).toBe("&kind=k&args=");
});
