import { adapterFailure } from "./adapter-failure.ts";
import type { CheckTask, Said } from "./matrix-run.ts";
import { openAdapter } from "./open.ts";
import { checkAdapter } from "./run-check.ts";
import { recordsOf } from "./trace.ts";

let isStopped = false;

// Ctrl-C reaches every process of a terminal; this one ends when it has told what it found.
process.on("SIGINT", () => {
  isStopped = true;
});
// Whoever asked is gone; ending sweeps.
const end = () => process.exit(1);
process.on("disconnect", end);
process.on("message", (message: CheckTask | "stop") => {
  if (message === "stop") isStopped = true;
  else void work(message);
});

const say = (said: Said): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(said, undefined, undefined, () => resolve());
  });

async function work(task: CheckTask): Promise<void> {
  await say(await outcomeOf(task));
  process.off("disconnect", end);
  process.exit(0);
}

async function outcomeOf(task: CheckTask): Promise<Said> {
  try {
    return await checked(task);
  } catch (error) {
    const message = adapterFailure(error);
    if (message !== null) return { kind: "failed", message };
    return { kind: "bug", message: (error as Error).stack ?? String(error) };
  }
}

async function checked({ name, database, options }: CheckTask): Promise<Said> {
  const progress = (text: string) => void say({ kind: "progress", text });
  const opened = await openAdapter(name, database, progress);
  try {
    if (isStopped) return { kind: "stopped" };
    const report = await checkAdapter(opened, {
      ...options,
      at: new Date(),
      records: recordsOf(opened.name),
      isStopped: () => isStopped,
      onProgress: (now) => progress(typeof now === "string" ? now : `${now.sequences}`),
    });
    return { kind: "report", report };
  } finally {
    await opened.adapter.close();
  }
}
