/** JSON text taken apart without loss: numbers keep their digits, objects their repeated keys, every value its raw text. */
export type JsonNode = Readonly<
  { raw: string } & (
    | { kind: "object"; members: readonly (readonly [key: string, value: JsonNode])[] }
    | { kind: "array"; items: readonly JsonNode[] }
    | { kind: "string"; value: string }
    | { kind: "number" }
    | { kind: "literal" }
  )
>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings are defined by leaving them out
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** Thrown inside the reader only; `parseJson` answers null. */
class NotJson extends Error {}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    const node = this.#value();
    this.#space();
    if (this.#at !== this.#text.length) throw new NotJson();
    return node;
  }

  #value(): JsonNode {
    this.#space();
    const from = this.#at;
    const first = this.#text[from];
    if (first === "{") return this.#object(from);
    if (first === "[") return this.#array(from);
    if (first === '"') {
      const raw = this.#token(STRING);
      return { kind: "string", value: JSON.parse(raw), raw };
    }
    if (first === "t" || first === "f" || first === "n") {
      return { kind: "literal", raw: this.#token(LITERAL) };
    }
    return { kind: "number", raw: this.#token(NUMBER) };
  }

  #object(from: number): JsonNode {
    const members: [string, JsonNode][] = [];
    this.#list("}", () => {
      this.#space();
      const key: string = JSON.parse(this.#token(STRING));
      this.#space();
      this.#expect(":");
      members.push([key, this.#value()]);
    });
    return { kind: "object", members, raw: this.#text.slice(from, this.#at) };
  }

  #array(from: number): JsonNode {
    const items: JsonNode[] = [];
    this.#list("]", () => items.push(this.#value()));
    return { kind: "array", items, raw: this.#text.slice(from, this.#at) };
  }

  #list(end: string, item: () => void): void {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      item();
      this.#space();
      if (this.#text[this.#at] === end) break;
      this.#expect(",");
    }
    this.#at += 1;
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw new NotJson();
    this.#at += 1;
  }

  #token(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw new NotJson();
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }
}

/** The value that `text` holds; null when it is not JSON (RFC 8259). */
export function parseJson(text: string): JsonNode | null {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

/** Compares by UTF-8 bytes, as Go and Postgres do. JavaScript's own order differs above U+FFFF. */
export function compareBytes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [i, character] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
