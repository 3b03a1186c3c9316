/** The blocks of a Markdown text in one language. */
export const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1] ?? "",
  );

/** What a TypeScript example prints, line by line, as the comments behind its calls of `console.log` say. */
export const saidBy = (example: string): readonly string[] =>
  [...example.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1] ?? "");

/** A line of an `sh` block; `exit` is null where its comment does not begin with `exit <n>`. */
export type ExampleCommand = Readonly<{ command: string; exit: number | null }>;

/** The lines of all `sh` blocks. A comment that begins with `exit <n>` makes a line one that is run in tests. */
export const commandsIn = (text: string): readonly ExampleCommand[] =>
  blocks(text, "sh").flatMap((block) =>
    block
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => {
        const [command = "", comment = ""] = line.split(/\s+# /);
        const exit = /^exit (\d+)/.exec(comment)?.[1];
        return { command: command.trim(), exit: exit === undefined ? null : Number(exit) };
      }),
  );

/** Words, with double quotes kept together. */
export const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
