/** Set by the first Ctrl-C, which also calls `then`, so that what was found so far is told; a second one ends the process as usual. */
export function onInterrupt(
  then: () => void = () => {},
): Readonly<{ isSet: boolean; end: () => void }> {
  const end = () => void process.off("SIGINT", set);
  const set = () => {
    state.isSet = true;
    then();
    // Not at once: whoever else listens looks whether somebody does, and ends the process if not.
    setImmediate(end);
  };
  const state = { isSet: false, end };
  process.on("SIGINT", set);
  return state;
}
