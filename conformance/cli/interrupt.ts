/** Set by the first Ctrl-C, so that what was found so far is told; a second one ends the process as usual. */
export function onInterrupt(): Readonly<{ isSet: boolean }> {
  const state = { isSet: false };
  process.once("SIGINT", () => {
    state.isSet = true;
  });
  return state;
}
