import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import { compareBytes, parseJson } from "./json.ts";
import { jsonb, membersOf, merge } from "./jsonb.ts";

const digits = fc.stringMatching(/^(0|[1-9]\d{0,25})$/);
const exponent = fc.oneof(
  fc.integer({ min: -40, max: 40 }),
  fc.constantFrom(131_071, 131_072, -16_383, -16_384, 1_073_741_823, 1_073_741_824),
);
const number = fc
  .record({
    sign: fc.constantFrom("", "-"),
    digits,
    fraction: fc.option(fc.stringMatching(/^\d{1,25}$/), { nil: undefined }),
    exponent: fc.option(exponent, { nil: undefined }),
    plus: fc.constantFrom("", "+"),
    e: fc.constantFrom("e", "E"),
  })
  .map(({ sign, digits: whole, fraction, exponent: power, plus, e }) => {
    const point = fraction === undefined ? "" : `.${fraction}`;
    const by = power === undefined ? "" : `${e}${power >= 0 ? plus : ""}${power}`;
    return `${sign}${whole}${point}${by}`;
  });
const piece = fc.constantFrom(
  ..."abz é中😀\u007f\u0080",
  ...["\\n", "\\/", '\\"', "\\\\", "\\u0001", "\\u001f", "\\u00e9", "\\u2028", "\\b", "\\t"],
  ...["\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u0000", "\\u003C"],
);
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => `"${pieces.join("")}"`);
const key = fc.oneof(
  fc.constantFrom('"a"', '"b"', '"aa"', '"é"', '"z"', '""', '"\\u0061"', '"😀"', '"\uffee"'),
  text,
);
const space = fc.constantFrom("", " ", "\n\t");
const { json } = fc.letrec<{ json: string; array: string; object: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("true", "false", "null", "nul", "01", "[1,]", '{"a"}'),
    number,
    text,
    tie("array"),
    tie("object"),
  ),
  array: fc
    .tuple(fc.array(tie("json"), { maxLength: 3 }), space)
    .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
  object: fc
    .tuple(fc.array(fc.tuple(key, tie("json")), { maxLength: 5 }), space)
    .map(([members, gap]) => `{${members.map((each) => each.join(`${gap}:${gap}`)).join(",")}}`),
}));

onBoth((subject) => {
  /** What Postgres prints; null where it refuses. */
  const printed = async (value: string): Promise<string | null> => {
    const asked = subject.db.query<{ text: string }>("select $1::text::jsonb::text as text", [
      value,
    ]);
    return asked.then(
      ({ rows }) => rows[0]?.text ?? null,
      () => null,
    );
  };

  test("what is printed, and what is refused, is as Postgres has it", async () => {
    const seen = { kept: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        const got = await printed(value);
        seen[got === null ? "refused" : "kept"] += 1;
        expect(jsonb(value)).toBe(got);
      }),
      { numRuns: 400 },
    );
    expect(seen.kept).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(5);
  });

  test("merging is Postgres' ||", async () => {
    const object = fc
      .array(fc.tuple(key, number), { maxLength: 4 })
      .map((members) => `{${members.map((each) => each.join(":")).join(",")}}`)
      .filter((value) => jsonb(value) !== null);
    await fc.assert(
      fc.asyncProperty(object, object, async (left, right) => {
        const { rows } = await subject.db.query<{ text: string }>(
          "select ($1::text::jsonb || $2::text::jsonb)::text as text",
          [left, right],
        );
        expect(merge(jsonb(left) ?? "", jsonb(right) ?? "")).toBe(rows[0]?.text);
      }),
      { numRuns: 60 },
    );
  });
});

describe("compareBytes", () => {
  test("is the order of the UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const order = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareBytes(a, b))).toBe(order);
        expect(compareBytes(a, a)).toBe(0);
      }),
    );
  });

  test("differs from JavaScript's order where surrogates come before U+FFFF", () => {
    expect("\uffee" < "😀").toBe(false);
    expect(compareBytes("\uffee", "😀")).toBeLessThan(0);
  });
});

test("zero takes any exponent", () => {
  const texts = ["0e1073741823", "-0.00e1", "0e1073741824", "0e-16384", "0.0e-16382"].map(jsonb);
  expect(texts).toEqual(["0", "0.0", null, null, `0.${"0".repeat(16_383)}`]);
});

test("members keep their raw text, and what is no object has none", () => {
  expect([...(membersOf('{"a": 1.00, "b": [1]}') ?? [])]).toEqual([
    ["a", "1.00"],
    ["b", "[1]"],
  ]);
  expect(membersOf("[]")).toBeNull();
  expect(merge('"x"', '{"a": 1}')).toBe('{"a": 1}');
});

test("repeated members and raw numbers survive the reader", () => {
  expect(parseJson('{"a":1.0,"a":2}')).toMatchObject({
    members: [
      ["a", { raw: "1.0" }],
      ["a", { raw: "2" }],
    ],
  });
});
