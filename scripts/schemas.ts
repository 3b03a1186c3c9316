import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { errorObject, METHODS } from "../conformance/protocol/messages.ts";

/** Where the schemas of all messages are kept. */
export const SCHEMA_FILE = fileURLToPath(
  new URL("../conformance/protocol/protocol.schema.json", import.meta.url),
);

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** The JSON Schema of every message, as text: `$defs` has `<method>.params`, `<method>.result` and `error`, and the whole is any message. */
export function protocolSchema(): string {
  const methods = Object.entries(METHODS);
  const defs = Object.fromEntries([
    ...methods.flatMap(([name, { params, result }]) => [
      [`${name}.params`, schemaOf(params)],
      [`${name}.result`, schemaOf(result)],
    ]),
    ["error", schemaOf(errorObject)],
  ]);
  const whole = {
    $schema: DIALECT,
    title: "Weir's adapter protocol, version 1",
    description:
      "Each line on the adapter's standard input is a request, each line on its standard output an answer.",
    anyOf: [
      ...methods.map(([name]) => request(name)),
      answer({ result: { anyOf: methods.map(([name]) => ref(`${name}.result`)) } }),
      answer({ error: ref("error") }),
    ],
    $defs: defs,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

function schemaOf(schema: z.ZodType): unknown {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

const ref = (name: string) => ({ $ref: `#/$defs/${name}` });

const message = (members: Readonly<Record<string, unknown>>) => ({
  type: "object",
  properties: { jsonrpc: { const: "2.0" }, ...members },
  required: ["jsonrpc", ...Object.keys(members)],
  additionalProperties: false,
});

const request = (method: string) =>
  message({ id: { type: "integer" }, method: { const: method }, params: ref(`${method}.params`) });

const answer = (members: Readonly<Record<string, unknown>>) =>
  message({ id: { type: "integer" }, ...members });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA_FILE, protocolSchema());
}
