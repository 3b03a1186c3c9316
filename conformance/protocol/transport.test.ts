import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { AdapterError, type FailureKind } from "./failure.ts";
import { Transport, type TransportOptions } from "./transport.ts";

/** Runs `body` for each request, with `send` and `raw` to write, beside `before`, which runs at once. */
const script = (body: string, before = ""): readonly string[] => [
  process.execPath,
  "-e",
  `${before}
  const raw = (text) => process.stdout.write(text);
  const send = (message) => raw(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
  require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    ${body}
  });`,
];

function transport(argv: readonly string[], options: Partial<TransportOptions> = {}): Transport {
  const started = new Transport({ argv, ...options });
  onTestFinished(() => started.close().catch(() => {}));
  return started;
}

async function failureOf(
  argv: readonly string[],
  options: Partial<TransportOptions> = {},
): Promise<AdapterError> {
  const error = await transport(argv, options)
    .request("reset", {})
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AdapterError);
  return error as AdapterError;
}

const OK = "send({ id, result: {} });";

test("answers come back by their ids, whatever their order", async () => {
  const swapped = `(globalThis.ids ??= []).push(id);
    if (globalThis.ids.length === 2) for (const each of globalThis.ids.reverse()) send({ id: each, result: {} });`;
  const adapter = transport(script(swapped));
  const both = await Promise.all([adapter.request("reset", {}), adapter.request("reset", {})]);
  expect(both).toEqual([
    { ok: true, result: {} },
    { ok: true, result: {} },
  ]);
});

test("text of every kind survives both ways, in lines cut anywhere", async () => {
  const body = `for (const byte of Buffer.from(JSON.stringify({ jsonrpc: "2.0", id,
    error: { code: 1, message: params.client, data: { code: "invalid" } } }) + "\\n")) raw(Buffer.of(byte));`;
  const client = 'ä\u2028 😀 "quoted"\n\u0000';
  const now = "2030-01-01T00:00:00.000001Z";
  const answer = await transport(script(body)).request("fetch", {
    now,
    queue: "q",
    limit: 1,
    client,
  });
  expect(answer).toEqual({
    ok: false,
    error: { code: 1, message: client, data: { code: "invalid" } },
  });
});

const BAD: readonly [string, string, FailureKind, RegExp][] = [
  ["noise", `raw("hello\\n");`, "malformed_line", /wrote "hello", which is not JSON/],
  ["an empty line", `raw("\\n");`, "malformed_line", /wrote an empty line/],
  ["bytes that are not UTF-8", `raw(Buffer.of(0x22, 0xff, 0x22, 10));`, "malformed_line", /UTF-8/],
  ["a huge line", `raw("x".repeat(4096));`, "malformed_line", /longer than 1024 bytes/],
  ["JSON that is no answer", `raw("[]\\n");`, "invalid_message", /JSON-RPC 2.0 answers only/],
  [
    "another version",
    `raw(JSON.stringify({ id, result: {} }) + "\\n");`,
    "invalid_message",
    /JSON-RPC/,
  ],
  ["a member too many", `send({ id, result: {}, extra: 1 });`, "invalid_message", /answers only/],
  ["a result of another form", `send({ id, result: { extra: 1 } });`, "invalid_message", /extra/],
  [
    "an error for no request",
    `send({ id: null, error: { code: -32700, message: "huh" } });`,
    "invalid_message",
    /could not read a request: huh/,
  ],
  [
    "a database error without its state",
    `send({ id, error: { code: 1, message: "m", data: { code: "database" } } });`,
    "invalid_message",
    /sqlstate/,
  ],
  [
    "an id never sent",
    `send({ id: 99, result: {} });`,
    "unknown_id",
    /request 99, which was never/,
  ],
  ["part of a line, then the end", `raw('{"jso'); process.exit(0)`, "exited", /middle of a line/],
  ["the end", `process.exit(4)`, "exited", /\(code 4\) before it answered reset/],
  ["its own death", `process.kill(process.pid, "SIGTERM")`, "signalled", /\(signal SIGTERM\)/],
];

test.each(BAD)("%s is a failure of its own kind", async (_what, body, kind, message) => {
  const error = await failureOf(script(body), { maxLineBytes: 1024 });
  expect(error.message).toMatch(message);
  expect(error.kind).toBe(kind);
  expect(error.message).not.toContain("\n");
});

test("a second answer is noticed by the next request", async () => {
  const adapter = transport(script(OK + OK));
  await adapter.request("reset", {});
  await expect(adapter.request("reset", {})).rejects.toMatchObject({ kind: "second_reply" });
});

test("what it said on standard error is kept, 200 lines, and told without its noise", async () => {
  const noisy = `const lines = Array.from({ length: 500 }, (_, i) => "line " + i);
    const end = ["Error: it broke", "    at somewhere (file:1:2)", "", "Node.js v20.0.0", ""];
    process.stderr.write([...lines, ...end].join("\\n"), () => process.exit(1));`;
  const error = await failureOf(script(noisy));
  expect(error.message).toMatch(/; it said: Error: it broke$/);
  expect(error.stderr).toHaveLength(200);
  expect(error.stderr.at(-1)).toBe("Node.js v20.0.0");
});

test("the budget of an operation is kept, and what did not answer is gone", async () => {
  const adapter = transport(script(""), { budgets: { resetMs: 300 } });
  const { pid } = adapter;
  await expect(adapter.request("reset", {})).rejects.toMatchObject({
    kind: "hung",
    message: "the adapter did not answer reset within 0.3 s",
  });
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
});

test("a request that is malformed is Weir's own bug, and not sent", async () => {
  const adapter = transport(script(OK));
  const request = adapter.request("insert", { now: "yesterday", job: { kind: "k", args: "{}" } });
  await expect(request).rejects.toThrow(/^Weir must send valid messages, but its insert is not/);
  await expect(adapter.request("reset", {})).resolves.toEqual({ ok: true, result: {} });
});

describe("close", () => {
  test("waits for an end by the adapter's own doing", async () => {
    const adapter = transport(script(OK));
    await adapter.request("reset", {});
    await expect(adapter.close()).resolves.toBeUndefined();
    expect(isAlive(adapter.pid)).toBe(false);
  });

  test("kills what stays, and says so", async () => {
    const staying = script(OK, "setInterval(() => {}, 1000);");
    const adapter = transport(staying, { budgets: { shutdownMs: 200 } });
    await adapter.request("reset", {});
    await expect(adapter.close()).rejects.toThrow(
      "the adapter did not end within 0.2 s after its input was closed",
    );
    expect(isAlive(adapter.pid)).toBe(false);
  });

  test("tells of an end with an error", async () => {
    const adapter = transport(script(OK, "process.on('exit', () => { process.exitCode = 2 });"));
    await adapter.request("reset", {});
    await expect(adapter.close()).rejects.toThrow("ended (code 2) when its input was closed");
  });
});

const GRANDCHILD = `const child = require("child_process").spawn(process.execPath,
  ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });`;
/** Tells the grandchild's id in the only field that is free text. */
const TELL = `send({ id, error: { code: 1, message: String(child.pid), data: { code: "invalid" } } });`;

test("what the adapter started ends with it", async () => {
  const adapter = transport(script(TELL, GRANDCHILD), { budgets: { shutdownMs: 500 } });
  const answer = await adapter.request("reset", {});
  const grandchild = Number(answer.ok ? 0 : answer.error.message);
  expect(isAlive(grandchild)).toBe(true);
  await adapter.close().catch(() => {});
  await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false));
});

describe.each(["SIGINT", "SIGTERM", "throw"])("when Weir itself gets %s", (how) => {
  test("the adapter and what it started are gone", async () => {
    const weir = spawn(
      process.execPath,
      ["--import", "tsx", "-e", weirThatStarts(script(TELL, GRANDCHILD), how)],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const [told] = (await once(weir.stdout, "data")) as [Buffer];
    const [adapter, grandchild] = String(told).trim().split(" ").map(Number);
    expect(isAlive(grandchild)).toBe(true);
    if (how !== "throw") weir.kill(how as NodeJS.Signals);
    const [code] = await once(weir, "exit");
    expect(code).not.toBe(0);
    await vi.waitFor(() => expect([isAlive(adapter), isAlive(grandchild)]).toEqual([false, false]));
  });
});

/** A process of its own that starts an adapter, tells the ids, and then waits or throws. */
const weirThatStarts = (argv: readonly string[], how: string): string => `
import(${JSON.stringify(fileURLToPath(new URL("./transport.ts", import.meta.url)))}).then(async ({ Transport }) => {
  const adapter = new Transport({ argv: ${JSON.stringify(argv)} });
  const { error } = await adapter.request("reset", {});
  process.stdout.write(adapter.pid + " " + error.message + "\\n", () => {
    if (${how === "throw"}) setImmediate(() => { throw new Error("a bug of our own"); });
  });
});`;

/** One that has ended but was not yet waited for, as PID 1 of a container may never do, is not alive. */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !(existsSync(stat) && /\) Z /.test(readFileSync(stat, "utf8")));
  } catch {
    return false;
  }
}
