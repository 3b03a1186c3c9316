import fc from "fast-check";
import { expect, test } from "vitest";
import { onBoth } from "../conformance/database/on-both.ts";
import { columnText, wholeColumnText } from "./array.ts";
import { insert } from "./ops/insert.ts";

test("a column of one value is sent once", () => {
  expect(columnText([])).toBe("{}");
  expect(columnText(["a", "a", "a"])).toBe('{"a"}');
  expect(columnText(["a", "b", "a"])).toBe('{"a","b","a"}');
  expect(wholeColumnText(["a", "a"])).toBe('{"a","a"}');
});

onBoth((subject) => {
  const READ = `
    select coalesce(value, ($1::text[])[1]) as value
    from unnest($1::text[], $2::int[]) with ordinality as sent (value, number, place)
    order by place`;

  test("jobs that are alike are as many as were asked for", async () => {
    const alike = { kind: "alike", args: { n: 1 } };
    const plain = await insert(subject.db, null, [alike, alike, alike]);
    expect(plain.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    const held = { ...alike, unique: { byArgs: true } };
    const unique = await insert(subject.db, null, [held, held]);
    expect(unique.map(({ duplicate }) => duplicate)).toEqual([false, true]);
  });

  test("Postgres reads every text as it was", async () => {
    const text = fc.oneof(
      fc.constantFrom("", "null", "NULL", "{}", '"', "\\", '\\"', "a,b", " a ", "{a}", "\n"),
      fc.string({ unit: "binary" }).map((each) => each.replaceAll("\0", "")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 10 }), async (values) => {
        const numbers = columnText(values.map((_, place) => String(place)));
        const { rows } = await subject.db.query(READ, [columnText(values), numbers]);
        expect(rows).toEqual(values.map((value) => ({ value })));
      }),
      { numRuns: 50 },
    );
  });
});
