import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { guard } from "../leftovers.ts";

/** A client in a process of its own. */
export interface ClientProcess {
  /** What it has said so far. */
  readonly lines: readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** Resolves to its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const PROGRAM = fileURLToPath(new URL("client-program.ts", import.meta.url));

/** Starts `client-program.ts` with these arguments; it ends with this process at the latest. */
export function runClient(...args: readonly string[]): ClientProcess {
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const unguard = guard(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const parts = `${rest}${chunk}`.split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => {
      unguard();
      resolve(code ?? signal);
    });
  });
  return { lines, ended, kill: (signal) => void child.kill(signal) };
}
