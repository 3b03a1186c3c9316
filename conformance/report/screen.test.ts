import fc from "fast-check";
import { expect, test } from "vitest";
import { clip, fill, showState, widthOf, wrap } from "./screen.ts";

test("a glyph takes one place, and so does what UTF-16 writes as two units", () => {
  expect(widthOf("◷ a🙂")).toBe(4);
  expect(fill("◷", 3)).toBe("◷  ");
  expect(fill("🙂", 3, "before")).toBe("  🙂");
});

test("a state always has its word", () => {
  expect(showState("retryable")).toBe("↻ retryable");
  expect(showState("retryable", true)).toBe("retryable");
});

test("clipping keeps the width", () => {
  expect(clip("abcdef", 6)).toBe("abcdef");
  expect(clip("abcdefg", 6)).toBe("abcde…");
  expect(clip("abcdefg", 6, true)).toBe("abc...");
});

test("wrapping breaks at blanks, and inside a word that is too long", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("one two three", 7, 3)).toEqual(["one two", "thr", "ee"]);
  expect(wrap("", 8)).toEqual([""]);
});

test("wrapping loses nothing but the blanks at its breaks", () => {
  const widths = fc.integer({ min: 1, max: 12 });
  const words = fc.array(fc.string({ unit: "grapheme" }), { maxLength: 9 });
  fc.assert(
    fc.property(words, widths, widths, (all, width, rest) => {
      const text = all.join(" ");
      const [first = "", ...later] = wrap(text, width, rest);
      expect([first, ...later].join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      expect(widthOf(first)).toBeLessThanOrEqual(width);
      for (const line of later) expect(widthOf(line)).toBeLessThanOrEqual(rest);
    }),
  );
});
