/**
 * The published kinds whose unique key comes from selected paths of the args, written as `UniqueOptions.byArgs` takes them. Every
 * adapter has these by its own means, as River's Go client by the tags of a struct: the protocol says only `by_args`.
 */
export const UNIQUE_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ["weir_unique_flat", ["a"]],
  ["weir_unique_two", ["z", "a"]],
  ["weir_unique_nested", ["n.c", "n.b", "a", "n-x"]],
  ["weir_unique_whole", ["n"]],
  ["weir_unique_odd", ["a\\.b", "*", "@x", ":1", "#", "c/d", "é", "<"]],
  ["weir_unique_dots", ["a\\.b", "a.b"]],
  ["weir_unique_deep", ["a.b.c"]],
]);

/** What `by_args` means for a job of this kind. */
export const argsOf = (kind: string, byArgs: boolean): boolean | readonly string[] =>
  byArgs ? (UNIQUE_PATHS.get(kind) ?? true) : false;
