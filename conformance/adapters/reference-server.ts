import { createInterface } from "node:readline";
import { type CallErrorCode, QueueError } from "../../src/errors.ts";
import { METHODS, type MethodName } from "../protocol/messages.ts";
import { type Post, REFERENCE_METHODS } from "./reference-methods.ts";
import { Refusal, type WireError } from "./reference-wire.ts";

/** Answers each line of standard input with a line on standard output, until the input ends. */
export async function serve(post: Post): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    const outcome = await call(post, method, params).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: wireErrorOf(error) }),
    );
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...outcome })}\n`);
  }
  await post.live.stop(true);
  await post.db.close();
  // Handlers that hear nothing would keep the process for as long as they sleep.
  process.exit();
}

async function call(post: Post, method: string, params: unknown): Promise<unknown> {
  const handler = REFERENCE_METHODS[method as MethodName] as
    | ((params: unknown, post: Post) => unknown)
    | undefined;
  if (handler === undefined) throw { code: -32_601, message: `no method is called ${method}` };
  return handler(METHODS[method as MethodName].params.parse(params), post);
}

function isCallCode(code: unknown): code is CallErrorCode {
  const codes = ["invalid", "conflict", "not_found", "running", "attempts_exhausted"];
  return codes.some((each) => each === code);
}

function wireErrorOf(error: unknown): WireError {
  const { code, message = String(error) } = error as { code?: unknown; message?: string };
  if (typeof code === "number") return { code, message };
  const refuse = (data: NonNullable<WireError["data"]>) => ({ code: -32_000, message, data });
  if (error instanceof Refusal) return refuse({ code: error.code });
  if (error instanceof QueueError && isCallCode(code)) return refuse({ code });
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) {
    return refuse({ code: "database", sqlstate: code });
  }
  console.error(error);
  return refuse({ code: "internal" });
}
