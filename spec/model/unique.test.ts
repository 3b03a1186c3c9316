import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { UniqueOptions } from "./op.ts";
import { uniqueText } from "./unique.ts";

type Vector = Readonly<{
  now: string;
  job: Readonly<{
    kind: string;
    args: string;
    queue?: string;
    scheduled_at?: string;
    unique: Readonly<Record<string, boolean | number | readonly string[]>>;
  }>;
  paths?: readonly string[];
  key?: string;
}>;

const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../vectors/unique.json", import.meta.url), "utf8"),
);
/** Microseconds since the Unix epoch; the instants of the vectors have six decimals at most. */
const micros = (text: string): number =>
  Math.floor(Date.parse(text) / 1000) * 1_000_000 +
  Number((/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(6, "0"));

// Selected paths are the queue's own; the model knows all args or none. And its instants are whole numbers of JavaScript.
const expressible = vectors.filter(
  ({ now, job, paths, key }) =>
    key !== undefined &&
    (paths === undefined || job.unique.by_args !== true) &&
    Number.isSafeInteger(micros(job.scheduled_at ?? now)),
);

test("most vectors can be said in the model's options", () => {
  expect(expressible.length).toBeGreaterThan(300);
});

test("every key is River's", () => {
  for (const { now, job, key } of expressible) {
    const { by_args, by_queue, by_period_us, exclude_kind } = job.unique;
    const unique: UniqueOptions = {
      byArgs: by_args === true,
      byQueue: by_queue === true,
      excludeKind: exclude_kind === true,
      ...(typeof by_period_us === "number" ? { byPeriod: by_period_us } : {}),
    };
    const { kind, args, queue = "default" } = job;
    const text = uniqueText(unique, { kind, args, queue, at: micros(job.scheduled_at ?? now) });
    const hash = createHash("sha256").update(text ?? "");
    expect([job, text, hash.digest("hex")]).toEqual([job, text, key]);
  }
});

test("args that are no object have no key", () => {
  for (const args of ["1", "[1]", "null", '"a"']) {
    expect(uniqueText({ byArgs: true }, { kind: "k", args, queue: "q", at: 0 })).toBeNull();
  }
});
