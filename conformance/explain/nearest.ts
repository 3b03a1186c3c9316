/** The `count` of `known` that are nearest to a text by letters to add, drop or change, the nearest first; case does not count. */
export function nearest(text: string, known: readonly string[], count = 3): readonly string[] {
  const wanted = text.toLowerCase();
  return [...new Set(known)]
    .map((each) => ({ each, distance: distanceOf(wanted, each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ each }) => each);
}

/** Levenshtein's distance, row by row. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
