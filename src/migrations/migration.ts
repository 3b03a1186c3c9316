/** One version of River's `main` line: what it does to the schema that is first in the search_path, one statement an element. */
export interface Migration {
  readonly version: number;
  readonly up: readonly string[];
  readonly down: readonly string[];
}
