import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listTraces, recordsOf } from "./trace.ts";

const home = process.cwd();
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-traces-"));
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

test("records of each adapter have a folder, commands too, and none is another's", () => {
  expect(recordsOf("river-go@0.12.0")).toBe(join(".weir", "river-go@0.12.0"));
  const names = ["npx tsx a.ts", "npx tsx ./a.ts", "../../x", "/bin/x"].map(recordsOf);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^\.weir\/[\w@-][\w.@-]*$/);
});

test("all records are found, those of a matrix too, and none that is fixed", async () => {
  const paths = ["SCH-3-a.json", "river-go@0.12.0/FIN-7-b.json", "notes.txt"];
  const fixed = ["fixed/SCH-3-c.json", "river-go@0.12.0/fixed/SCH-3-d.json"];
  for (const path of [...paths, ...fixed]) {
    await mkdir(join(".weir", path, ".."), { recursive: true });
    await writeFile(join(".weir", path), "{}");
  }
  expect(await listTraces()).toEqual(
    ["SCH-3-a.json", "river-go@0.12.0/FIN-7-b.json"].map((path) => join(".weir", path)),
  );
});
