import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * The reference itself, but for what `answer` says in its place (undefined: nothing) to a method, and for what `change` does to a result
 * before it is given back.
 */
export function relay({ answer = () => undefined, change = () => {} }) {
  const reference = fileURLToPath(new URL("../reference-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), reference], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.on("exit", (code) => process.exit(code ?? 1));
  const asked = new Map();
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const { id, method } = JSON.parse(line);
      const result = answer(method);
      if (result !== undefined) say({ jsonrpc: "2.0", id, result });
      else {
        asked.set(id, method);
        child.stdin.write(`${line}\n`);
      }
    })
    .on("close", () => child.stdin.end());

  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    if (message.result !== undefined) change(asked.get(message.id), message.result);
    say(message);
  });
}
