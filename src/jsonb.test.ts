import fc from "fast-check";
import { expect, test } from "vitest";
import { onBoth } from "../conformance/database/on-both.ts";
import { encodeArgs } from "./json.ts";
import { isShortAndPlain, isStorable, whyNotJsonb } from "./jsonb.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

const TEXTS = [
  "1e131071",
  "1e131072",
  "0.001e131074",
  "0.001e131075",
  "0.0000123e131076",
  "0.0000123e131077",
  "12345e131068",
  "-1e-16383",
  "1e-16384",
  "1.0e-16383",
  "0e-16384",
  "0.0e-16382",
  "0e99999",
  "0e1073741823",
  "-0.00e1073741823",
  "0e1073741824",
  "0e-1073741823",
  "1E+5",
  "-0.00",
  "1e99999999999",
  `0.${"0".repeat(16382)}1`,
  `0.${"0".repeat(16383)}1`,
  `${"9".repeat(131072)}`,
  `${"9".repeat(131073)}`,
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83d\\ude00"',
  '"\\uD83D\\uDE00\\ud83d"',
  '"\\u0000"',
  '"\\\\u0000"',
  '"\\\\\\u0000"',
  '{"\\u0000":1}',
  '{"a":[{"b\\ud800":1}]}',
  '"\u007f\u0080\uffff"',
  '"\t"',
  "01",
  "1.",
  ".5",
  "+1",
  "[1,]",
  "{'a':1}",
  "nul",
  "",
  " \n\r\t1 ",
  "\u00a01",
  "\ufeff1",
  '"\\x"',
  "NaN",
  nested(1000),
];

onBoth((subject) => {
  const accepts = async (text: string): Promise<boolean> => {
    const cast = subject.db.query("select ($1::text::jsonb)::text", [text]);
    return cast.then(
      () => true,
      () => false,
    );
  };

  test("what is refused is what Postgres refuses", async () => {
    const ours = TEXTS.map((text) => whyNotJsonb(text) === null);
    const theirs: boolean[] = [];
    for (const text of TEXTS) theirs.push(await accepts(text));
    expect(ours).toEqual(theirs);
    expect(new Set(ours).size).toBe(2);
  });

  test("nothing that is accepted fails", async () => {
    const piece = fc.constantFrom(
      ...'[]{}:,"\\u0dc8f1e-+. \n',
      '"a"',
      "true",
      "\\ud83d",
      "\\ude00",
    );
    const noise = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const text = fc.oneof(
      noise,
      noise.map((inner) => `["${inner}"]`),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(text, async (json) => {
        expect(whyNotJsonb(json) === null).toBe(await accepts(json));
      }),
      { numRuns: 150 },
    );
  });
});

test("text that Postgres would lose is refused before it gets there", () => {
  expect(isStorable("a😀\u007f")).toBe(true);
  expect(["\0", "\ud800", "a\udc00", "\udc00\ud800"].map(isStorable)).not.toContain(true);
  expect(whyNotJsonb('"\ud800"')).toMatch(/surrogate/);
  expect(whyNotJsonb(nested(1001))).toMatch(/deeper/);
});

test("what was encoded and is short and plain, jsonb takes", () => {
  const value = fc.jsonValue({ stringUnit: "binary" });
  fc.assert(
    fc.property(
      fc.oneof(value, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt()),
      (each) => {
        const text = encodeArgs({ each });
        if (isShortAndPlain(text)) expect(whyNotJsonb(text)).toBeNull();
      },
    ),
  );
});
