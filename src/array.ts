/**
 * One column of many rows, as the text of a Postgres array: a single element where all rows have the same value, so that neither side handles it
 * once a row. The statement takes a row's own element, else the first: `coalesce(value, ($1::text[])[1])`.
 */
export function columnText(values: readonly string[]): string {
  const [first] = values;
  if (first === undefined) return "{}";
  if (values.every((value) => value === first)) return `{${elementText(first)}}`;
  return wholeColumnText(values);
}

/** One column of many rows with an element for each, as the text of a Postgres array: of a statement's columns one must be, or rows that are alike were one. */
export const wholeColumnText = (values: readonly string[]): string =>
  // Elements of JSON are between commas as those of an array are.
  values.some(hasControl)
    ? `{${values.map(elementText).join(",")}}`
    : `{${JSON.stringify(values).slice(1, -1)}}`;

/**
 * Always in quotes: the word null, an empty text and the array's own marks mean nothing in them. JSON puts the same backslashes as an array, and
 * quicker than a replacement does, but has words of its own for control characters.
 */
const elementText = (value: string): string =>
  hasControl(value) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : JSON.stringify(value);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControl = (value: string): boolean => /[\0-\x1f]/.test(value);
