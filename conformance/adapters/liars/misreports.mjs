// The reference itself, but the row it answers to get is not the row that is there.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const reference = fileURLToPath(new URL("../reference-process.ts", import.meta.url));
const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), reference], {
  stdio: ["pipe", "pipe", "inherit"],
});
child.on("exit", (code) => process.exit(code ?? 1));
const asked = new Map();

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { id, method } = JSON.parse(line);
    asked.set(id, method);
    child.stdin.write(`${line}\n`);
  })
  .on("close", () => child.stdin.end());

createInterface({ input: child.stdout }).on("line", (line) => {
  const answer = JSON.parse(line);
  const job = asked.get(answer.id) === "get" ? answer.result?.job : undefined;
  if (job !== undefined) job.priority = 4;
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
