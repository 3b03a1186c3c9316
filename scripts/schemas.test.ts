import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { METHODS } from "../conformance/protocol/messages.ts";
import { protocolSchema, SCHEMA_FILE } from "./schemas.ts";

test("the published schemas are those of the messages; if not, run tsx scripts/schemas.ts", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(protocolSchema());
});

test("no message may have members that the protocol does not know", () => {
  const { $defs } = JSON.parse(protocolSchema());
  const names = Object.keys(METHODS).flatMap((name) => [`${name}.params`, `${name}.result`]);
  expect(Object.keys($defs)).toEqual([...names, "error"]);
  for (const schema of Object.values($defs)) {
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
  }
});
