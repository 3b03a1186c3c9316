import { expect, test } from "vitest";
import { orderOf, readCursor, writeCursor } from "./cursor.ts";

const NOW = 1_893_456_000_000_000n;
const JOB = {
  id: 9_007_199_254_740_993n,
  kind: "a<b>é",
  queue: "default",
  scheduledAt: NOW + 500_000n,
  attemptedAt: null,
  finalizedAt: NOW,
};
const decoded = (cursor: string): string => Buffer.from(cursor, "base64url").toString();

test.each([
  ["id", [], '"id","time":"0001-01-01T00:00:00Z"}'],
  ["scheduled_at", [], '"scheduled_at","time":"2030-01-01T00:00:00.5Z"}'],
  ["finalized_at", [], '"finalized_at","time":"2030-01-01T00:00:00Z"}'],
  ["time", ["running"], '"time","time":"0001-01-01T00:00:00Z","column":"attempted_at"}'],
] as const)("by %s a cursor is what River's Go client writes", (by, states, end) => {
  const order = orderOf(by, states);
  const cursor = writeCursor(JOB, order);
  expect(cursor).toMatch(/^[\w-]+=*$/);
  expect(decoded(cursor)).toBe(
    `{"id":9007199254740993,"kind":"a\\u003cb\\u003eé","queue":"default","sort_field":${end}`,
  );
  const time = end.includes("0001") ? null : /"time":"([^"]+)"/.exec(end)?.[1];
  expect(readCursor(cursor, order)).toEqual({ id: "9007199254740993", time });
});

test("River's own cursor by time, which does not say of which, is taken", () => {
  const text = '{"id":7,"kind":"k","queue":"q","sort_field":"time","time":"2030-01-01T00:00:00Z"}';
  const cursor = Buffer.from(text).toString("base64");
  const place = { id: "7", time: "2030-01-01T00:00:00Z" };
  expect(readCursor(cursor, orderOf("time", ["completed"]))).toEqual(place);
});

test.each([
  ["nothing", ""],
  ["no base64", "?"],
  ["no JSON", "e"],
  ["no object", Buffer.from("[]").toString("base64")],
  ["no id", Buffer.from('{"sort_field":"id","time":"0001-01-01T00:00:00Z"}').toString("base64")],
  ["no time", Buffer.from('{"id":1,"sort_field":"id","time":"now"}').toString("base64")],
  ["an id that is text", Buffer.from('{"id":"x","sort_field":"id"}').toString("base64")],
])("a text is refused: %s", (_, text) => {
  expect(() => readCursor(text, orderOf("id", []))).toThrow("after must be a cursor of a list");
});
