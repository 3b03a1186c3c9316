/** What the exit code of `weir` says. Where several hold, the first of `PRECEDENCE` is given. */
export const EXIT = {
  pass: 0,
  divergence: 1,
  inconclusive: 2,
  stale: 3,
  adapter: 4,
  usage: 64,
  internal: 70,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const PRECEDENCE: readonly ExitCode[] = [70, 64, 4, 1, 3, 2, 0];

/** The one of some codes that is given where all hold; a pass where there is none. */
export const worstOf = (codes: readonly ExitCode[]): ExitCode =>
  PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.pass;

/** The command line, or a file that it names, cannot be used. The message is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
