import { createInterface } from "node:readline";

/** Says what an honest adapter's handshake says, but for `changes`. */
export const greeting = ({ nonce }, changes = {}) => ({
  result: {
    protocol: 1,
    nonce,
    adapter: "liar",
    implementation: "liar",
    version: "1.0.0",
    language: "javascript",
    clock: "injected",
    capabilities: { insert: "supported", operations: "supported" },
    ...changes,
  },
});

/** Refuses with a code of the protocol's list. */
export const refusal = (code, message) => ({ error: { code: -32_000, message, data: { code } } });

/** What JSON-RPC says to a method that is not there. */
export const METHOD_NOT_FOUND = { error: { code: -32_601, message: "method not found" } };

/** Answers every request with what `answer` makes of its method and parameters; with nothing where that is undefined. */
export async function serve(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    const reply = await answer(method, params);
    if (reply !== undefined) {
      process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...reply })}\n`);
    }
  }
}
