import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { get } from "./get.ts";
import { update } from "./update.ts";

const FINAL = { state: "completed", finalized_at: "2030-01-01T00:00:01Z" };

onBoth((subject) => {
  test("the output takes the place of an earlier one, and nothing else changes", async () => {
    await putRow(subject, { id: 1, ...FINAL, metadata: { output: { x: 1 }, b: 2 } });
    const before = await get(subject.db, 1n);
    const updated = await update(subject.db, 1n, { output: { y: [2] } });
    expect(updated).toEqual({ ...before, metadataText: '{"b": 2, "output": {"y": [2]}}' });
    expect(await get(subject.db, 1n)).toEqual(updated);
  });

  test("null is an output, and text keeps its digits", async () => {
    await putRow(subject, { id: 1 });
    const { metadataText } = await update(subject.db, 1n, { output: null });
    expect(metadataText).toBe('{"output": null}');
    const exact = await update(subject.db, 1n, { outputText: "9007199254740993" });
    expect(exact.metadataText).toBe('{"output": 9007199254740993}');
  });

  test("metadata that is no object gives way", async () => {
    await putRow(subject, { id: 1, metadata: [1] });
    expect((await update(subject.db, 1n, { output: 1 })).metadataText).toBe('{"output": 1}');
  });

  test("a job that is not there is not found", async () => {
    const call = update(subject.db, 1n, { output: 1 });
    await expect(call).rejects.toMatchObject({ code: "not_found", field: "id" });
  });

  test.each([
    ["none", {}],
    ["no JSON", { outputText: "{" }],
    ["what JSONB cannot hold", { output: "\0" }],
    ["more than 32 MiB", { outputText: `"${"é".repeat(16 * 1024 * 1024)}"` }],
  ])("an output is refused: %s", async (_, params) => {
    await putRow(subject, { id: 1 });
    const call = update(subject.db, 1n, params);
    await expect(call).rejects.toMatchObject({ code: "invalid", field: "output" });
    expect((await get(subject.db, 1n)).metadataText).toBe("{}");
  });

  test("32 MiB are not too many", async () => {
    await putRow(subject, { id: 1 });
    const outputText = `"${"x".repeat(32 * 1024 * 1024 - 2)}"`;
    const { metadataText } = await update(subject.db, 1n, { outputText });
    expect(metadataText.length).toBe('{"output": }'.length + outputText.length);
  });
});
