/** Set by the first Ctrl-C, which also calls `then`, so that what was found so far is told; a second one ends the process as usual. */
export function onInterrupt(then: () => void = () => {}): Readonly<{ isSet: boolean }> {
  const state = { isSet: false };
  process.once("SIGINT", () => {
    state.isSet = true;
    then();
  });
  return state;
}
