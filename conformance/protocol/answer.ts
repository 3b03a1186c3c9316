import { z } from "zod";
import { excerpt, type FailureKind } from "./failure.ts";
import { errorObject, METHODS, type MethodName, type Result } from "./messages.ts";

/** The error of an answer; its `data.code` says which of the protocol's closed list it is. */
export type WireError = z.infer<typeof errorObject>;

/** A result of the method's form, or the error that the adapter answered instead. */
export type Answer<M extends MethodName> =
  | Readonly<{ ok: true; result: Result<M> }>
  | Readonly<{ ok: false; error: WireError }>;

/** Why a line is no answer; `what` continues "the adapter". */
export type Fault = Readonly<{ fault: FailureKind; what: string }>;

/** The version of the protocol that Weir speaks. */
export const PROTOCOL = 1;

const METHOD_NOT_FOUND = -32_601;

const message = z.union([
  z.strictObject({ jsonrpc: z.literal("2.0"), id: z.int(), result: z.unknown() }),
  z.strictObject({ jsonrpc: z.literal("2.0"), id: z.int().nullable(), error: errorObject }),
]);

/** An answer and the request it answers; its result is of unknown form yet. */
export type Message = Readonly<{ id: number; result?: unknown; error?: WireError }>;

/** A line as JSON-RPC 2.0: exactly its members, and none of Weir's own to add. */
export function readMessage(line: string): Message | Fault {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const shown = line.trim() === "" ? "an empty line" : `"${excerpt(line)}"`;
    return fault("malformed_line", `wrote ${shown}, which is not JSON; logs belong on stderr`);
  }
  const parsed = message.safeParse(value);
  if (!parsed.success) {
    return fault(
      "invalid_message",
      `must write JSON-RPC 2.0 answers only, but wrote ${excerpt(line)}`,
    );
  }
  const { id, ...rest } = parsed.data;
  if (id !== null) return { id, ...rest };
  const why = "error" in rest ? excerpt(rest.error.message) : "";
  return fault("invalid_message", `could not read a request: ${why}`);
}

/** A message as the answer to a method, validated. */
export function readAnswer(method: MethodName, message: Message): Answer<MethodName> | Fault {
  const { error, result } = message;
  if (error !== undefined) {
    if (error.data?.code === "database" && error.data.sqlstate === undefined) {
      return fault("invalid_message", `must give a sqlstate with its error of ${method}`);
    }
    return { ok: false, error };
  }
  const spoken = z.looseObject({ protocol: z.unknown() }).safeParse(result);
  if (method === "handshake" && spoken.success && spoken.data.protocol !== PROTOCOL) {
    const version = JSON.stringify(spoken.data.protocol) ?? "no version";
    return fault("wrong_protocol", `must speak protocol ${PROTOCOL}, but speaks ${version}`);
  }
  const checked = METHODS[method].result.safeParse(result);
  if (checked.success) return { ok: true, result: checked.data };
  const why = issueOf(checked.error);
  return fault(
    "invalid_message",
    `answered ${method} in a form that is not the protocol's: ${why}`,
  );
}

/** Whether the adapter said that it does not know the method. */
export const isMethodNotFound = (error: WireError): boolean => error.code === METHOD_NOT_FOUND;

/** The first thing that is wrong, and where. */
export function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return error.message;
  const path = issue.path.join(".");
  return `${path === "" ? "" : `${path}: `}${excerpt(issue.message, 160)}`;
}

const fault = (kind: FailureKind, what: string): Fault => ({ fault: kind, what });
