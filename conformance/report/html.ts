const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Any text, safe as HTML's content and in quoted attributes. Characters that HTML cannot hold show as �. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "")
    .replaceAll(/(?![\t\n])[\p{Cc}\p{Surrogate}]/gu, "\u{fffd}");

/** A sentence of `rules.md` as HTML: what stands between backticks is code. */
export const sentenceHtml = (markdown: string): string =>
  markdown
    .split("`")
    .map((part, i) => (i % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part)))
    .join("");

const MOST = 90;

/** The start of a sentence of `rules.md`, without half a word or half a code mark. */
export function shortened(sentence: string): string {
  if (sentence.length <= MOST) return sentence;
  const start = sentence.slice(0, sentence.lastIndexOf(" ", MOST));
  return `${start.split("`").length % 2 === 1 ? start : start.slice(0, start.lastIndexOf("`"))} …`;
}

/** What stands in a page of its own: everything inside one file, nothing is loaded. `style` is CSS, `body` HTML. */
export const htmlPage = (title: string, style: string, body: string): string =>
  [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style></head>`,
    `<body>${body}</body></html>`,
    "",
  ].join("\n");
