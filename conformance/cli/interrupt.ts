/** Set by the first Ctrl-C, which also calls `then`, so that what was found so far is told; a second one ends the process as usual. */
export function onInterrupt(
  then: () => void = () => {},
): Readonly<{ isSet: boolean; end: () => void }> {
  const set = () => {
    state.isSet = true;
    then();
  };
  const state = { isSet: false, end: () => void process.off("SIGINT", set) };
  process.once("SIGINT", set);
  return state;
}
