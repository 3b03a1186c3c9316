import { afterAll, describe, expect, inject, test } from "vitest";
import type { Op } from "../../spec/model/op.ts";
import type { Adapter, Names } from "../adapter.ts";
import { AdapterError } from "../protocol/failure.ts";
import { LIARS, liarCommand } from "./liars/catalogue.ts";
import { processAdapter } from "./process.ts";

const NO_NAMES: Names = { idOf: () => null, heldBy: () => null, termOf: () => null };
const INSERT: Op = { op: "insert", now: 0, jobs: [{ id: 1 }] };
/** Short for the liars that let them run out. */
const IMPATIENT = { operationMs: 1_500, resetMs: 1_500, shutdownMs: 1_500 };

const open: Adapter[] = [];
afterAll(() => Promise.all(open.map((adapter) => adapter.close().catch(() => {}))));

async function liar(name: string) {
  const command = liarCommand(name);
  const adapter = await processAdapter({
    command,
    serverUrl: inject("postgresUrl"),
    budgets: ["hang", "slow"].includes(name) ? IMPATIENT : {},
  });
  open.push(adapter);
  return adapter;
}

async function failureOf(name: string): Promise<AdapterError> {
  const error = await liar(name).then(
    (adapter) => adapter.probe().catch((reason: unknown) => reason),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AdapterError);
  return error as AdapterError;
}

const MESSAGES: Readonly<Record<string, RegExp>> = {
  "exit-at-start":
    /^the adapter ended \(code 1\) before it answered handshake; it said: no LIAR_URL$/,
  crashing: /^the adapter ended \(code 3\) before it answered insert; it said: Error: out of luck$/,
  killed: /^the adapter ended \(signal SIGKILL\) before it answered reset$/,
  hang: /^the adapter did not answer reset within 1\.5 s$/,
  slow: /^the adapter did not answer insert_many within 1\.5 s$/,
  garbage: /^the adapter wrote "Resetting the queue now!", which is not JSON; logs belong/,
  null: /^the adapter answered reset in a form that is not the protocol's: /,
  "answers-twice": /^the adapter answered request 2 twice$/,
  echo: /^the adapter must speak protocol 1, but speaks \[1\]$/,
  "future-protocol": /^the adapter must speak protocol 1, but speaks 2$/,
  "wrong-nonce": /^the adapter must give back the nonce [0-9a-f]{16}, but gave 0123456789abcdef$/,
  "skip-everything": /^the adapter must support insert, but does not: not today$/,
  "skip-quietly": /^the adapter claims insert, but insert_many answered unsupported: not today$/,
  "lying-capability": /^the adapter claims schedule, but schedule answered method_not_found$/,
  "wrong-schema":
    /^the adapter left a wrong schema: river_job\.unique_states must be bit\(8\), but is text$/,
  "keeps-jobs": /^the adapter must empty river_job on reset, but left 1$/,
};

describe.each(LIARS.filter(({ kind }) => kind !== null))("the liar $name", ({ name, kind }) => {
  test(`is told apart as ${kind}`, async () => {
    const error = await failureOf(name);
    expect(error.message).toMatch(MESSAGES[name] ?? /never/);
    expect(error.kind).toBe(kind);
  });
});

test("a failure is final: every later call rejects with it, and close does not", async () => {
  const adapter = await liar("garbage");
  const first = await adapter.reset().catch((error: unknown) => error);
  await expect(adapter.run(INSERT, NO_NAMES)).rejects.toBe(first);
  await expect(adapter.close()).resolves.toBeUndefined();
});

test("what the constant liar says about a job is not in the database", async () => {
  const adapter = await liar("constant");
  await adapter.probe();
  const reply = await adapter.run(INSERT, NO_NAMES);
  expect(reply).toMatchObject({ op: "insert", jobs: [{ duplicate: false, job: { id: 1 } }] });
  expect((await adapter.observe()).jobs).toEqual([]);
});

test("a report's first line can be written from about", async () => {
  const { about } = await liar("constant");
  expect(about).toMatchObject({
    adapter: "liar",
    implementation: "liar",
    clock: "injected",
    edition: "0.48",
  });
  expect(about.database).toMatch(/^Postgres \d+(\.\d+)?$/);
  expect(about.capabilities).toMatchObject({ insert: "supported", "finish.error": "supported" });
});

test.each([
  ["no-such-adapter --flag", /^cannot start no-such-adapter: no such program$/],
  ["/dev/null", /^cannot start \/dev\/null: it may not be executed$/],
  ["adapter 'unclosed", /must close its quotes/],
  ["  ", /must not be empty/],
])("the command %j does not start", async (command, message) => {
  const error = await processAdapter({ command, serverUrl: inject("postgresUrl") }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "AdapterError", kind: "could_not_start" });
  expect((error as Error).message).toMatch(message);
});
