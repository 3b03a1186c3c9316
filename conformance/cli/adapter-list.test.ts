import { expect, test } from "vitest";
import { readAdapters } from "./adapter-list.ts";

test("a bare version is one more of the adapter before it; a command with commas stands in quotes", async () => {
  expect(await readAdapters("river-go@0.12.0, 0.12.1,v0.18.0,reference")).toEqual([
    "river-go@0.12.0",
    "river-go@0.12.1",
    "river-go@0.18.0",
    "reference",
  ]);
  expect(await readAdapters(`"npx a --x=1,2",./b`)).toEqual(["npx a --x=1,2", "./b"]);
  expect(await readAdapters("river-go@0.12.0,0.12.0")).toEqual(["river-go@0.12.0"]);
  await expect(readAdapters("reference,0.12.0")).rejects.toThrow("after no adapter");
});

test("river-go alone is sixteen versions, from the oldest on, and after it a version is one more", async () => {
  const names = await readAdapters("river-go,0.44.1");
  expect(names).toHaveLength(17);
  expect(names.at(0)).toBe("river-go@0.12.0");
  expect(names.at(-1)).toBe("river-go@0.44.1");
  expect(await readAdapters("river-python")).toContain("river-python@0.7.0");
});
