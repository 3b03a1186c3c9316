import type { JobState } from "../../spec/model/state.ts";

/** No line of any screen is longer, in characters. */
export const SCREEN_WIDTH = 88;

/** How to colour: red what was got, green what was expected, cyan rule ids, dim what may be skipped. */
export type Paint = Readonly<Record<"red" | "green" | "cyan" | "dim", (text: string) => string>>;

const unpainted = (text: string) => text;

/** No colours: the glyphs carry the meaning anyway. */
export const NO_PAINT: Paint = {
  red: unpainted,
  green: unpainted,
  cyan: unpainted,
  dim: unpainted,
};

const GLYPHS: Readonly<Record<JobState, string>> = {
  pending: "◌",
  scheduled: "◷",
  available: "○",
  running: "▶",
  retryable: "↻",
  completed: "✓",
  cancelled: "⊘",
  discarded: "✕",
};

/** A state as every screen shows it: `○ available`, and the word alone in ASCII. */
export function showState(state: JobState, ascii = false): string {
  return ascii ? state : `${GLYPHS[state]} ${state}`;
}

/** The places a text takes on a screen: its code points, as all of Weir's glyphs take one place. Colours must not be in it yet. */
export function widthOf(text: string): number {
  return [...text].length;
}

/** Fills a text with blanks up to a width, behind it or before it. */
export function fill(text: string, width: number, side: "behind" | "before" = "behind"): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "behind" ? text + blanks : blanks + text;
}

/** Shortens a text to a width; what is left out shows as an ellipsis. */
export function clip(text: string, width: number, ascii = false): string {
  const ellipsis = ascii ? "..." : "…";
  if (widthOf(text) <= width) return text;
  return [...text].slice(0, width - widthOf(ellipsis)).join("") + ellipsis;
}

/** Breaks a text at blanks into lines of at most `width`, and words that are longer wherever they are; `rest` is the width of later lines. */
export function wrap(text: string, width: number, rest = width): readonly string[] {
  const lines: string[] = [];
  let left = [...text];
  for (let room = width; left.length > room; room = rest) {
    const blank = left.lastIndexOf(" ", room);
    const end = blank > 0 ? blank : room;
    lines.push(left.slice(0, end).join(""));
    left = left.slice(blank > 0 ? end + 1 : end);
  }
  return [...lines, left.join("")];
}
