/** The words of a command as a shell would see them, without a shell: quotes and backslashes group, nothing is expanded. Null where a quote is not closed. */
export function words(command: string): readonly string[] | null {
  const found: string[] = [];
  let word: string | null = null;
  let rest = command;
  while (rest !== "") {
    const piece = PIECE.exec(rest);
    if (piece === null) return null;
    const [all, blank, single, double, escaped, plain] = piece;
    rest = rest.slice(all.length);
    if (blank !== undefined) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      const unescaped = double?.replace(/\\(["\\$`])/g, "$1");
      word = (word ?? "") + (single ?? unescaped ?? escaped ?? plain ?? "");
    }
  }
  return word === null ? found : [...found, word];
}

/** White space, '…', "…", a backslash with what it protects, or anything else up to one of these. */
const PIECE = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+))/;
