import pc from "picocolors";
import type { Look } from "../report/finding.ts";
import { NO_PAINT } from "../report/screen.ts";

/** What every command is told about its output. */
export type ScreenOptions = Readonly<{ color?: boolean; ascii?: boolean; quiet?: boolean }>;

/** Colours only on a terminal that wants them, glyphs only where the locale has them. */
export function lookOf({ color = true, ascii }: ScreenOptions): Look {
  const locale = process.env.LC_ALL ?? process.env.LC_CTYPE ?? process.env.LANG ?? "";
  const isUtf8 = /utf-?8/i.test(locale) || locale === "" || !process.stdout.isTTY;
  const colors = pc.createColors(
    color && process.stdout.isTTY && process.env.NO_COLOR === undefined,
  );
  const { red, green, cyan, dim } = colors;
  return {
    ascii: ascii ?? !isUtf8,
    paint: colors.isColorSupported ? { red, green, cyan, dim } : NO_PAINT,
  };
}

const SHOW_AFTER_MS = 1000;

/** One line that is rewritten, on a terminal only and after the first second. */
export class Progress {
  readonly #started = performance.now();
  readonly #isOn: boolean;
  #last = 0;

  constructor(options: ScreenOptions) {
    this.#isOn = process.stderr.isTTY && options.quiet !== true;
  }

  show(line: () => string): void {
    const now = performance.now();
    if (!this.#isOn || now - this.#started < SHOW_AFTER_MS || now - this.#last < 100) return;
    this.#last = now;
    process.stderr.write(`\r\u001b[K  ${line().slice(0, 86)}`);
  }

  clear(): void {
    if (this.#isOn && this.#last > 0) process.stderr.write("\r\u001b[K");
  }
}

/** Prints to standard output, one line each. */
export const print = (...lines: readonly string[]): void => {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
};

/** `1,024`, as every screen shows counts. */
export const count = (value: number): string => value.toLocaleString("en-US");

export { WEIR } from "../command.ts";

/** The suite's version, which reports and records name. */
export const VERSION = "0.1.0";
