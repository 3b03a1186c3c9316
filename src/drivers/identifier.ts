/** A name as SQL wants it where it cannot be a parameter, quoted so that any name is one identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
