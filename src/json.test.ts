import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { QueueError } from "./errors.ts";
import { compareBytes, encodeArgs, splitObject } from "./json.ts";

interface Vector {
  readonly number?: string;
  readonly string?: string;
  readonly text: string;
}

const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../spec/vectors/encoding.json", import.meta.url), "utf8"),
);

test("numbers are written as Go writes them", () => {
  const numbers = vectors.filter(({ number }) => number !== undefined);
  expect(numbers.length).toBeGreaterThan(100);
  expect(numbers.map(({ number }) => encodeArgs(Number(number)))).toEqual(
    numbers.map(({ text }) => text),
  );
});

test("strings are written as Go writes them", () => {
  const strings = vectors.filter(({ string }) => string !== undefined);
  expect(strings.length).toBeGreaterThan(50);
  expect(strings.map(({ string }) => encodeArgs(string))).toEqual(strings.map(({ text }) => text));
});

test("JSON data survives encoding", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(encodeArgs(value))).toEqual(value);
    }),
  );
});

test("data is written alike whether JSON.stringify may write it or not", () => {
  const text = fc.string({ unit: fc.constantFrom(...'<>&\u2028\u2029"\\\n\ud800aé😀') });
  const leaf = fc.oneof(text, fc.double(), fc.boolean(), fc.constantFrom(null, undefined, -0));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, leaf, tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 3 }),
    object: fc.dictionary(text, tie("value"), { maxKeys: 3 }),
  }));
  const written = (args: unknown) => {
    try {
      return encodeArgs(args);
    } catch (error) {
      return error;
    }
  };
  fc.assert(
    fc.property(value, (args) => {
      expect(written(args)).toEqual(written({ toJSON: () => args }));
    }),
    { numRuns: 500 },
  );
});

test("bigints, toJSON and absent members", () => {
  const value = { big: 2n ** 70n, at: new Date(0), gone: undefined, "<": [null, true] };
  expect(encodeArgs(value)).toBe(
    '{"big":1180591620717411303424,"at":"1970-01-01T00:00:00.000Z","\\u003c":[null,true]}',
  );
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const deep = () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 2000; depth++) value = [value];
  return value;
};

test.each([
  ["undefined", undefined],
  ["an undefined element", [undefined]],
  ["a function", { f: () => 1 }],
  ["a symbol", Symbol("s")],
  ["NaN", Number.NaN],
  ["infinity", [Number.NEGATIVE_INFINITY]],
  ["a Map", new Map([[1, 2]])],
  ["a Set", { s: new Set() }],
  ["a typed array", new Uint8Array(2)],
  ["a cycle", cycle],
  ["a value nested too deep", deep()],
])("%s is refused", (_, value) => {
  const call = () => encodeArgs(value);
  expect(call).toThrow(QueueError);
  expect(call).toThrow(expect.objectContaining({ code: "invalid", field: "args" }));
});

test("the same value twice is no cycle", () => {
  const shared = { a: 1 };
  expect(encodeArgs([shared, shared])).toBe('[{"a":1},{"a":1}]');
});

test("splitting keeps keys, order and the text of values", () => {
  expect(splitObject(' { "b" : [1, "}"] , "\\u0061":{"x": "\\""},"b":-1e2 } ')).toEqual([
    { key: "b", raw: '[1, "}"]' },
    { key: "a", raw: '{"x": "\\""}' },
    { key: "b", raw: "-1e2" },
  ]);
  expect(["[]", "1", '"{"', "null"].map(splitObject)).toEqual([null, null, null, null]);
});

test("what is split can be put together again", () => {
  const indent = fc.constantFrom(undefined, 1, "\t");
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
      indent,
      (value, by) => {
        const members = splitObject(JSON.stringify(value, null, by)) ?? [];
        const parsed = members.map(({ key, raw }) => [key, JSON.parse(raw)]);
        expect(Object.fromEntries(parsed)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(members.every(({ raw }) => raw === raw.trim())).toBe(true);
      },
    ),
  );
});

test("strings compare by their UTF-8 bytes", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
