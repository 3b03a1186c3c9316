import { isBareName, jsonEnd, type Scanner } from "./scanner.ts";

/** What splits a line or does not survive UTF-8: control characters, JavaScript's line ends, halves of a character. */
const UNPRINTABLE = /[\p{Cc}\p{Surrogate}\u2028\u2029]/u;

/** A name as it stands in a line: bare if possible, else as a JSON string. */
export function printName(name: string): string {
  return isBareName(name) ? name : printValueAsJson(name);
}

/** A value as JSON in one line. In JSON's output, what splits a line can only stand in strings, where it may be escaped. */
export function printValueAsJson(value: object | string): string {
  return JSON.stringify(value).replace(/[\p{Cc}\u2028\u2029]/gu, escaped);
}

/** JSON text, byte for byte: as it is if a scan from bracket to bracket finds all of it, else as a JSON string. */
export function printJson(text: string): string {
  const whole = /^[{[]/.test(text) && jsonEnd(text, 0) === text.length;
  return whole && !UNPRINTABLE.test(text) ? text : printValueAsJson(text);
}

/** Names separated by blanks, as `tags` lists them; nothing for an empty list. */
export function printNames(names: readonly string[]): string {
  return names.map((name) => ` ${printName(name)}`).join("");
}

/** Reads names until something else stands there. */
export function parseNames(scanner: Scanner): readonly string[] {
  const names: string[] = [];
  for (let name = scanner.takeName(); name !== null; name = scanner.takeName()) names.push(name);
  return names;
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
