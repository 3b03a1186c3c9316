import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readRfc3339 } from "./time.ts";
import { type UniqueOptions, uniqueKeyText } from "./unique.ts";

interface Vector {
  readonly now: string;
  readonly job: {
    readonly kind: string;
    readonly args: string;
    readonly queue?: string;
    readonly scheduled_at?: string;
    readonly unique: {
      readonly by_args?: boolean;
      readonly by_period_us?: number;
      readonly by_queue?: boolean;
      readonly exclude_kind?: boolean;
    };
  };
  readonly paths?: readonly string[];
  readonly key?: string;
}

const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../spec/vectors/unique.json", import.meta.url), "utf8"),
);
const withKey = vectors.filter(({ key }) => key !== undefined);

function riversText({ now, job, paths }: Vector): string {
  const { by_args = false, by_period_us, by_queue = false, exclude_kind = false } = job.unique;
  const options: UniqueOptions = {
    byArgs: by_args ? (paths ?? true) : false,
    byQueue: by_queue,
    excludeKind: exclude_kind,
    ...(by_period_us === undefined ? {} : { byPeriod: BigInt(by_period_us) }),
  };
  const at = readRfc3339(job.scheduled_at ?? now) ?? 0n;
  const { kind, args, queue = "default" } = job;
  return uniqueKeyText(options, { kind, argsText: args, queue: queue || "default", at });
}

test("there are vectors of every kind", () => {
  expect(withKey.length).toBeGreaterThan(300);
  expect(withKey.filter(({ paths }) => paths !== undefined).length).toBeGreaterThan(40);
  expect(new Set(withKey.map(({ key }) => key)).size).toBeGreaterThan(300);
});

test("every key is River's", () => {
  for (const vector of withKey) {
    const text = riversText(vector);
    const key = createHash("sha256").update(text).digest("hex");
    expect([vector.job, text, key]).toEqual([vector.job, text, vector.key]);
  }
});

const byAll = (argsText: string) =>
  uniqueKeyText({ byArgs: true }, { kind: "k", argsText, queue: "", at: 0n });
const byPaths = (argsText: string, ...paths: string[]) =>
  uniqueKeyText({ byArgs: paths }, { kind: "k", argsText, queue: "", at: 0n });

test("the whole text, readable", () => {
  const options = { byArgs: true, byPeriod: 3_600_000_000n, byQueue: true };
  const argsText = '{"b": 1.0,"a":"<"}';
  expect(uniqueKeyText(options, { kind: "k", argsText, queue: "q", at: 5_400_000_001n })).toBe(
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
