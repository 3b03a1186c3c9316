import { arch, cpus, platform, totalmem } from "node:os";

/** This machine in words, as reports name it. */
export function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${memory} GB, ${platform()} ${arch()}, Node ${process.versions.node}`;
}
